/* lines: reads a text file line by line: plain, gzip, zstd (by content, not by name) or stdin
 * ("-"). */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/buf.h"

struct lines;
struct infile;

enum lines_got {
    LINES_LINE, /* a whole line, without its line break (LF or CR LF) */
    LINES_LONG, /* a line over the maximum: its first bytes are given, the rest was skipped */
    LINES_END,
    LINES_ERROR,
};

/* lines_open(path, max_line, e): NULL on failure. Close with lines_close. */
struct lines *lines_open(const char *path, size_t max_line, struct err *e);
/* lines_over(file, max_line, e): the lines of a file that is open, from where it stands;
 * lines_close closes it too. NULL without memory: it stays the caller's. */
struct lines *lines_over(struct infile *file, size_t max_line, struct err *e);
/* lines_next(l, line, e): *line is valid until the next call. A file need not end in a line break;
 * a truncated compressed file is an error after its last whole line. */
enum lines_got lines_next(struct lines *l, struct slice *line, struct err *e);
/* lines_waits(l): the next line of a pipe or terminal is not there yet: lines_next would wait. */
bool lines_waits(const struct lines *l);
/* lines_number(l): number of the line last returned, from 1. */
uint64_t lines_number(const struct lines *l);
void lines_close(struct lines *l);

#endif
