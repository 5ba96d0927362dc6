/* tool_answers: what compare-answers and extract-answer have in common: options and lines. */
#ifndef CLI_TOOL_ANSWERS_H
#define CLI_TOOL_ANSWERS_H

#include "base/jsonw.h"
#include "cli/tool.h"
#include "filters/answers/extract.h"

/* Options as they were given. */
struct answers_asked {
    const char *kind, *percent, *units, *style, *exec;
    double relative, absolute, exec_timeout;
    int64_t exec_workers;
    bool ratios, digits_only, fold_case, extract;
};

/* What they mean. */
struct answers_way {
    enum answer_kind kind;
    enum extract_style style;
    struct answer_rules rules;
    bool extract;
    bool exec; /* there is a command */
};

/* answers_way(asked, way, e): ERR_USAGE with what there is instead of a name that does not exist.
 */
bool answers_way(const struct answers_asked *asked, struct answers_way *way, struct err *e);

/* One line of compare-answers. */
struct comparison {
    json *root; /* owns the texts; to be given to comparison_free */
    struct slice gold, candidate, prompt;
    enum answer_kind kind; /* never AUTO */
    struct extracted from; /* with way->extract: where the candidate comes from */
};

/* comparison_read(way, line, c, e): false for a bad line, also for a gold that is none. c is to be
 * freed in any case. */
bool comparison_read(const struct answers_way *way, struct slice line, struct comparison *c,
                     struct err *e);
void comparison_free(struct comparison *c);
/* comparison_settled(way, c, r): the result, but for what a command must find out: then false. */
bool comparison_settled(const struct answers_way *way, const struct comparison *c,
                        struct answer_result *r);

/* answers_write(r, extracted, out) / answers_refuse(e, out): a line out, the second of a comparison
 * that could not be made: unknown, with the error. extracted NULL: none. */
void answers_write(const struct answer_result *r, const struct slice *extracted, struct buf *out);
void answers_refuse(const struct err *e, struct buf *out);

/* tool_exec(way, asked): all of standard input, with the command's help; the exit status. */
int tool_exec(const struct answers_way *way, const struct answers_asked *asked);

#endif
