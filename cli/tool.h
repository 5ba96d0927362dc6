/* tool: the parts of `gavel tool`: a line out for each line in, in order. */
#ifndef CLI_TOOL_H
#define CLI_TOOL_H

#include "base/buf.h"
#include "base/json.h"
#include "base/lines.h"

#define TOOL_LINE_MAX ((size_t)64 << 20) /* bytes of a line */

/* tool_no_such(what, name, names, n, e): "there is no WHAT 'name' (did you mean 'near'?); there
 * are: …"; always false. */
bool tool_no_such(const char *what, const char *name, const char *const *names, size_t n,
                  struct err *e);
/* tool_string(root, key, text, e): a text of a line; what is not there, or null, leaves *text as it
 * is. */
bool tool_string(const json *root, const char *key, struct slice *text, struct err *e);
/* tool_too_long(e): what is said of a line over the maximum. */
void tool_too_long(struct err *e);

/* What is done with each line: adds one line to out. */
struct tool_part {
    void (*line)(void *context, struct slice line, struct buf *out);
    void (*refuse)(const struct err *e, struct buf *out); /* a line that cannot even be read */
    void *context;
};

/* tool_run(part): all of standard input; the exit status. */
int tool_run(const struct tool_part *part);

/* The parts with options of their own; argv[0] is the part's name. */
int tool_compare_answers(int argc, char **argv);
int tool_extract_answer(int argc, char **argv);

#endif
