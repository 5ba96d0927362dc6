#include "cli/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/progress_text.h"

#define LINE_EVERY_MS 10000
#define NOTICE_EVERY_MS 1000
#define BLOCK_MAX 65536
#define WIDTH_UNKNOWN 80

struct progress {
    bool live;
    bool colour;
    bool drawn; /* live: a block stands below the cursor */
    struct progress_history history;
    struct buf text;
    int64_t logged_ms; /* of the run; when the last line was written */
    char notice[256];  /* the one in that line */
};

static void write_out(struct slice s)
{
    while (s.n > 0) {
        ssize_t n = write(STDERR_FILENO, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        s = slice_from(s, (size_t)n);
    }
}

/* The cursor rests above the block: all below it can go. */
static void clear(void *context)
{
    struct progress *p = context;
    if (p->drawn)
        write_out(S("\r\033[J"));
    p->drawn = false;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

struct progress *progress_new(bool live)
{
    struct progress *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    const char *terminal = getenv("TERM");
    p->live = live && terminal && *terminal && strcmp(terminal, "dumb") != 0;
    p->colour = !is_set("NO_COLOR");
    buf_init(&p->text, BLOCK_MAX);
    if (p->live)
        log_hook(clear, p);
    return p;
}

void progress_free(struct progress *p)
{
    if (!p)
        return;
    if (p->live)
        log_hook(NULL, NULL);
    clear(p);
    buf_free(&p->text);
    free(p);
}

static struct winsize size_of_terminal(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0)
        size = (struct winsize){0};
    return size;
}

/*
 * The block is drawn below the cursor, which then goes back to the empty line above it. What others
 * write to the terminal in the meantime (a worker's log, "^C") so lands on that line and is not
 * overwritten, and the next block begins below it.
 */
static void draw(struct progress *p, const struct serve_view *view)
{
    struct winsize size = size_of_terminal();
    const struct progress_look look = {.width = size.ws_col ? size.ws_col : WIDTH_UNKNOWN,
                                       .colour = p->colour};
    buf_clear(&p->text);
    buf_str(&p->text, "\r\033[J\n");
    size_t lines = progress_block(&p->text, view, &p->history, &look);
    buf_addf(&p->text, "\033[%zuA", lines + 1);
    if (p->text.failed)
        return;
    p->drawn = true;
    write_out(buf_view(&p->text));
}

static void log_now(struct progress *p, const struct serve_view *view)
{
    bool news = !progress_same_notice(p->notice, view->notice);
    int64_t since = view->elapsed_ms - p->logged_ms;
    if (since < (news ? NOTICE_EVERY_MS : LINE_EVERY_MS))
        return;
    p->logged_ms = view->elapsed_ms;
    snprintf(p->notice, sizeof p->notice, "%s", view->notice);
    buf_clear(&p->text);
    progress_line(&p->text, view, &p->history);
    log_info("%s", buf_cstr(&p->text));
}

void progress_show(void *context, const struct serve_view *view)
{
    struct progress *p = context;
    progress_note(&p->history, view);
    if (p->live)
        draw(p, view);
    else
        log_now(p, view);
}
