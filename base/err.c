#include "base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut in the middle of a UTF-8 sequence would make the whole line unreadable for a strict reader.
 */
static void drop_torn_character(char *text)
{
    size_t n = strlen(text);
    size_t start = n;
    while (start > 0 && n - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (n - start + 1 < need)
        text[start - 1] = '\0';
}

static void store_text(struct err *e, const char *first, const char *separator, const char *second)
{
    char text[sizeof(e->text)];
    int n = snprintf(text, sizeof(text), "%s%s%s", first, separator, second);
    if (n >= (int)sizeof(text))
        drop_torn_character(text);
    memcpy(e->text, text, sizeof(text));
}

/* The format's arguments may point into e->text, so the line is built beside it. */
static void format_text(char *text, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void format_text(char *text, size_t size, const char *format, va_list args)
{
    int n = vsnprintf(text, size, format, args);
    if (n < 0)
        text[0] = '\0';
    else if ((size_t)n >= size)
        drop_torn_character(text);
}

static void set_origin(struct err *e, enum err_code code, int sys, const char *file, int line)
{
    e->code = code;
    e->sys = sys;
    e->file = file;
    e->line = line;
}

static enum err_code code_of_errno(int sys)
{
    switch (sys) {
    case ENOSPC:
    case EDQUOT:
        return ERR_FULL;
    case ENOENT:
        return ERR_NOTFOUND;
    case ENOMEM:
        return ERR_NOMEM;
    default:
        return ERR_IO;
    }
}

bool err_set_at(struct err *e, enum err_code code, int sys, const char *file, int line,
                const char *format, ...)
{
    assert(e);
    assert(code != ERR_OK);
    char text[sizeof(e->text)];
    va_list args;
    va_start(args, format);
    format_text(text, sizeof(text), format, args);
    va_end(args);
    set_origin(e, code, sys, file, line);
    memcpy(e->text, text, strlen(text) + 1);
    return false;
}

bool err_sys_at(struct err *e, const char *file, int line, const char *format, ...)
{
    int sys = errno;
    assert(e);
    char text[sizeof(e->text)];
    va_list args;
    va_start(args, format);
    format_text(text, sizeof(text), format, args);
    va_end(args);
    char reason[128];
    set_origin(e, code_of_errno(sys), sys, file, line);
    store_text(e, text, ": ", strerror_r(sys, reason, sizeof(reason)));
    return false;
}

bool err_wrap(struct err *e, const char *format, ...)
{
    assert(e);
    char context[sizeof(e->text)];
    va_list args;
    va_start(args, format);
    format_text(context, sizeof(context), format, args);
    va_end(args);
    store_text(e, context, ": ", e->text);
    return false;
}

const char *err_name(enum err_code code)
{
    switch (code) {
#define X(name, text) \
    case ERR_##name:  \
        return #name;
        ERR_CODES(X)
#undef X
    }
    return "UNKNOWN";
}
