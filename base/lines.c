#include "base/lines.h"

#include <stdlib.h>

#include "base/infile.h"

struct lines {
    struct infile *file;
    size_t max_line;
    uint64_t number;
    struct buf line; /* a line that does not lie in the file's view as a whole */
};

struct lines *lines_over(struct infile *file, size_t max_line, struct err *e)
{
    struct lines *l = calloc(1, sizeof(*l));
    if (!l) {
        err_set(e, ERR_NOMEM, "out of memory for reading %s", infile_name(file));
        return NULL;
    }
    l->file = file;
    l->max_line = max_line;
    buf_init(&l->line, max_line + 1); /* the CR of a CR LF is taken away later */
    return l;
}

struct lines *lines_open(const char *path, size_t max_line, struct err *e)
{
    struct infile *file = infile_open(path, e);
    struct lines *l = file ? lines_over(file, max_line, e) : NULL;
    if (!l)
        infile_close(file);
    return l;
}

void lines_close(struct lines *l)
{
    if (!l)
        return;
    infile_close(l->file);
    buf_free(&l->line);
    free(l);
}

uint64_t lines_number(const struct lines *l)
{
    return l->number;
}

/* Appends as much as the maximum allows; whether all of it fitted. */
static bool keep(struct lines *l, struct slice part)
{
    size_t room = l->line.max - l->line.n;
    buf_slice(&l->line, slice_sub(part, 0, room));
    return part.n <= room;
}

static enum lines_got give(struct lines *l, struct slice whole, bool cut, struct slice *line)
{
    l->number++;
    bool too_long = cut || whole.n > l->max_line;
    *line = slice_sub(whole, 0, l->max_line);
    return too_long ? LINES_LONG : LINES_LINE;
}

static struct slice without_cr(struct slice s)
{
    return slice_ends(s, S("\r")) ? slice_sub(s, 0, s.n - 1) : s;
}

static enum lines_got finish(struct lines *l, bool cut, struct slice *line, struct err *e)
{
    if (infile_failed(l->file, e)) {
        err_wrap(e, "%s, after line %llu", infile_name(l->file), (unsigned long long)l->number);
        return LINES_ERROR;
    }
    if (l->line.n == 0)
        return LINES_END;
    return give(l, buf_view(&l->line), cut, line);
}

enum lines_got lines_next(struct lines *l, struct slice *line, struct err *e)
{
    buf_clear(&l->line);
    bool cut = false;
    while (infile_view(l->file).n || infile_more(l->file)) {
        struct slice ready = infile_view(l->file);
        size_t end = slice_find(ready, S("\n"));
        struct slice part = slice_sub(ready, 0, end);
        infile_take(l->file, end == SIZE_MAX ? ready.n : end + 1);
        if (end != SIZE_MAX && l->line.n == 0)
            return give(l, without_cr(part), false, line);
        cut = !keep(l, part) || cut;
        if (!buf_ok(&l->line, infile_name(l->file), e))
            return LINES_ERROR;
        if (end != SIZE_MAX)
            return give(l, cut ? buf_view(&l->line) : without_cr(buf_view(&l->line)), cut, line);
    }
    return finish(l, cut, line, e);
}

bool lines_waits(const struct lines *l)
{
    return slice_find(infile_view(l->file), S("\n")) == SIZE_MAX && infile_waits(l->file);
}
