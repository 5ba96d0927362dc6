#include "base/records_json.h"

#include <stdlib.h>

#include "base/infile.h"

#define HEAD_BYTES 200   /* of what follows a list, kept to be shown */
#define BRACKETS_MAX 256 /* deeper ones are counted, not told apart */

enum place { BEFORE_LIST, AMONG, AFTER_LIST, AT_END };

struct records_json {
    struct infile *file;
    enum records_shape shape;
    enum place place;
    uint64_t line;  /* where the file stands */
    uint64_t began; /* where the record begins */
    struct buf text;
    size_t max;
    bool cut; /* the record is longer than it may be */
    /* within a record */
    bool begun; /* it has a byte */
    size_t depth;
    bool in_string, escaped;
    char brackets[BRACKETS_MAX];
};

struct records_json *records_json_new(struct infile *file, enum records_shape shape, size_t max,
                                      struct err *e)
{
    struct records_json *j = calloc(1, sizeof *j);
    if (!j) {
        err_set(e, ERR_NOMEM, "out of memory for reading %s", infile_name(file));
        return NULL;
    }
    j->file = file;
    j->shape = shape;
    j->place = shape == SHAPE_OBJECTS ? AMONG : BEFORE_LIST;
    j->line = j->began = 1;
    j->max = max;
    buf_init(&j->text, max);
    return j;
}

void records_json_free(struct records_json *j)
{
    if (!j)
        return;
    buf_free(&j->text);
    free(j);
}

uint64_t records_json_line(const struct records_json *j)
{
    return j->began;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* peek(j, c): the next byte, not taken; false at the end. */
static bool peek(struct records_json *j, char *c)
{
    if (infile_view(j->file).n == 0 && !infile_more(j->file))
        return false;
    *c = infile_view(j->file).p[0];
    return true;
}

static void take(struct records_json *j, char c)
{
    j->line += c == '\n';
    infile_take(j->file, 1);
}

/* Up to and with the bracket of the list; records_shape has seen that it is there. */
static void enter_list(struct records_json *j)
{
    char c;
    while (peek(j, &c)) {
        take(j, c);
        if (c == '[')
            break;
    }
    j->place = AMONG;
}

/* next_token(j, c): past white space and the commas between elements. */
static bool next_token(struct records_json *j, char *c)
{
    while (peek(j, c)) {
        if (!is_blank(*c) && (*c != ',' || j->shape == SHAPE_OBJECTS || j->place != AMONG))
            return true;
        take(j, *c);
    }
    return false;
}

static void open_bracket(struct records_json *j, char c)
{
    if (j->depth < BRACKETS_MAX)
        j->brackets[j->depth] = c;
    j->depth++;
}

static bool has_open(const struct records_json *j, char open)
{
    size_t n = j->depth < BRACKETS_MAX ? j->depth : BRACKETS_MAX;
    for (size_t i = 0; i < n; i++)
        if (j->brackets[i] == open)
            return true;
    return false;
}

/* close_bracket(j, c): false: nothing in this record was opened so: the bracket is not its own. A
 * bracket that closes another than the last one closes what it finds: the record is broken, and
 * ends as soon as it can. */
static bool close_bracket(struct records_json *j, char c)
{
    char open = c == '}' ? '{' : '[';
    if (j->depth > BRACKETS_MAX) {
        j->depth--;
        return true;
    }
    if (!has_open(j, open))
        return false;
    while (j->brackets[--j->depth] != open)
        ;
    return true;
}

enum step { INSIDE, LAST, BEFORE };

/* step(j, c): whether the record goes on after this byte, ends with it, or ended before it. */
static enum step step(struct records_json *j, char c)
{
    if (j->in_string) {
        /* No string has a line break; one that was never closed ends there. */
        if (c == '\n' || (c == '"' && !j->escaped))
            j->in_string = false;
        j->escaped = c == '\\' && !j->escaped;
        return j->depth == 0 && !j->in_string ? LAST : INSIDE;
    }
    if (c == '"') {
        j->in_string = true;
        j->escaped = false;
    } else if (c == '{' || c == '[') {
        open_bracket(j, c);
    } else if (c == '}' || c == ']') {
        if (!close_bracket(j, c))
            return j->begun ? BEFORE : LAST;
        return j->depth == 0 ? LAST : INSIDE;
    } else if (j->depth == 0 && (is_blank(c) || c == ',')) {
        return j->begun ? BEFORE : LAST;
    }
    return INSIDE;
}

static void keep(struct records_json *j, struct slice part)
{
    size_t room = j->max - j->text.n;
    buf_slice(&j->text, slice_sub(part, 0, room));
    j->cut = j->cut || part.n > room;
}

/* One view's part of the record; whether the record ended. */
static bool read_part(struct records_json *j)
{
    struct slice ready = infile_view(j->file);
    size_t n = 0;
    enum step s = INSIDE;
    while (s == INSIDE && n < ready.n) {
        s = step(j, ready.p[n]);
        if (s == BEFORE)
            break;
        j->line += ready.p[n] == '\n';
        j->begun = true;
        n++;
    }
    keep(j, slice_sub(ready, 0, n));
    infile_take(j->file, n);
    return s != INSIDE;
}

static enum records_got bad(struct records_json *j, struct slice *record, struct err *e,
                            const char *why)
{
    *record = buf_view(&j->text);
    err_set(e, ERR_SYNTAX, "%s", why);
    return RECORDS_BAD;
}

/* The file ends where it should not, or cannot be read on. */
static enum records_got broken_off(struct records_json *j, struct slice *record, struct err *e,
                                   const char *why)
{
    j->place = AT_END;
    if (infile_failed(j->file, e)) {
        err_wrap(e, "%s, after line %llu", infile_name(j->file), (unsigned long long)j->line);
        return RECORDS_ERROR;
    }
    return why ? bad(j, record, e, why) : RECORDS_END;
}

static enum records_got read_record(struct records_json *j, struct slice *record, struct err *e)
{
    for (;;) {
        if (infile_view(j->file).n == 0 && !infile_more(j->file)) {
            if (j->depth == 0 && !j->in_string)
                break; /* a number or a word at the end of the file */
            return broken_off(j, record, e, "the file ends inside this record");
        }
        if (read_part(j))
            break;
    }
    if (!buf_ok(&j->text, infile_name(j->file), e))
        return RECORDS_ERROR;
    *record = buf_view(&j->text);
    if (j->cut)
        err_set(e, ERR_LIMIT, "too long");
    return j->cut ? RECORDS_BAD : RECORDS_RECORD;
}

/* What follows a list; what follows within the object around one is of no interest. */
static enum records_got after_list(struct records_json *j, struct slice *record, struct err *e)
{
    char c;
    while (j->shape == SHAPE_ENVELOPE && peek(j, &c))
        take(j, c);
    if (!next_token(j, &c))
        return broken_off(j, record, e, NULL);
    j->began = j->line;
    j->place = AT_END;
    while (infile_view(j->file).n < HEAD_BYTES && infile_more(j->file))
        ;
    keep(j, slice_sub(infile_view(j->file), 0, HEAD_BYTES));
    return bad(j, record, e, "text after the end of the list; the rest of the file was not read");
}

enum records_got records_json_next(struct records_json *j, struct slice *record, struct err *e)
{
    char c;
    buf_clear(&j->text);
    j->cut = j->begun = j->in_string = j->escaped = false;
    j->depth = 0;
    if (j->place == AT_END)
        return broken_off(j, record, e, NULL);
    if (j->place == BEFORE_LIST)
        enter_list(j);
    if (j->place == AMONG) {
        bool more = next_token(j, &c);
        j->began = j->line;
        if (!more)
            return broken_off(j, record, e,
                              j->shape == SHAPE_OBJECTS ? NULL : "the file ends inside its list");
        if (c != ']' || j->shape == SHAPE_OBJECTS)
            return read_record(j, record, e);
        take(j, c);
        j->place = AFTER_LIST;
    }
    return after_list(j, record, e);
}
