#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#define MOST_SECRETS 16
#define SHORTEST_SECRET 4
#define LONGEST_TEXT ((size_t)16 * 1024)
#define LONGEST_LINE (8 * LONGEST_TEXT) /* every byte may become an escape */

static struct {
    char name[64];
    enum log_level max;
    void (*before)(void *context);
    void *context;
} setup = {.name = "gavel", .max = LOG_INFO};

static struct {
    char *text[MOST_SECRETS];
    size_t n;
    size_t longest;
} secrets;

void secret_register(const char *text)
{
    size_t n = strlen(text);
    if (n < SHORTEST_SECRET)
        return;
    for (size_t i = 0; i < secrets.n; i++) {
        if (strcmp(secrets.text[i], text) == 0)
            return;
    }
    assert(secrets.n < MOST_SECRETS);
    char *copy = strdup(text);
    assert(copy); /* to go on would mean to print it one day */
    secrets.text[secrets.n++] = copy;
    if (n > secrets.longest)
        secrets.longest = n;
}

/* Length of the longest secret that begins at the first of the n bytes; 0 when none does. */
static size_t secret_at(const char *text, size_t n)
{
    size_t longest = 0;
    for (size_t i = 0; i < secrets.n; i++) {
        const char *secret = secrets.text[i];
        size_t length = strlen(secret);
        if (length > longest && length <= n && memcmp(text, secret, length) == 0)
            longest = length;
    }
    return longest;
}

void secret_redact(char *text, size_t n)
{
    size_t hidden = 0; /* everything before this offset is to be hidden */
    for (size_t at = 0; at < n; at++) {
        size_t length = secret_at(text + at, n - at);
        if (at + length > hidden)
            hidden = at + length;
        if (at < hidden)
            text[at] = '*';
    }
}

static void add_text(struct buf *line, const char *text, size_t n)
{
    size_t shown = 0; /* everything before this offset is in the line, or hidden */
    for (size_t at = 0; at < n && secrets.n > 0; at++) {
        size_t length = secret_at(text + at, n - at);
        if (length == 0)
            continue;
        if (at >= shown) {
            text_quote(line, (struct slice){text + shown, at - shown}, 0);
            buf_str(line, "[secret]");
        }
        if (at + length > shown)
            shown = at + length;
    }
    text_quote(line, (struct slice){text + shown, n - shown}, 0);
}

static void write_all(struct slice s)
{
    while (s.n > 0) {
        ssize_t n = write(STDERR_FILENO, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* there is no other place to complain at */
        s = slice_from(s, (size_t)n);
    }
}

static void add_head(struct buf *line, enum log_level level)
{
    static const char *const names[] = {
        [LOG_ERROR] = "error",
        [LOG_WARN] = "warning",
        [LOG_INFO] = "info",
        [LOG_DEBUG] = "debug",
    };
    char iso[24];
    clock_iso(clock_wall_ms(), iso);
    buf_addf(line, "%s %s %s: ", iso, setup.name, names[level]);
}

static void log_line(enum log_level level, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void log_line(enum log_level level, const char *format, va_list args)
{
    if (level > setup.max)
        return;
    int saved = errno;
    static char text[LONGEST_TEXT];
    int length = vsnprintf(text, sizeof(text), format, args);
    size_t n = length > 0 ? (size_t)length : 0;
    bool cut = n >= sizeof(text);
    if (cut) /* the cut may have gone through a secret, which then would not be found */
        n = sizeof(text) - 1 > secrets.longest ? sizeof(text) - 1 - secrets.longest : 0;
    struct buf line;
    buf_init(&line, LONGEST_LINE);
    add_head(&line, level);
    add_text(&line, text, n);
    buf_str(&line, cut ? "…\n" : "\n");
    if (setup.before)
        setup.before(setup.context);
    write_all(buf_view(&line));
    buf_free(&line);
    errno = saved;
}

void log_setup(const char *name, enum log_level max)
{
    snprintf(setup.name, sizeof(setup.name), "%s", name);
    setup.max = max;
}

void log_hook(void (*before)(void *context), void *context)
{
    setup.before = before;
    setup.context = context;
}

void log_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_ERROR, format, args);
    va_end(args);
}

void log_warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_WARN, format, args);
    va_end(args);
}

void log_info(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_INFO, format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_DEBUG, format, args);
    va_end(args);
}
