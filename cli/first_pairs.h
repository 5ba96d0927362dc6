/* first_pairs: the first pairs of a project's seeds, read from the files, past any store. */
#ifndef CLI_FIRST_PAIRS_H
#define CLI_FIRST_PAIRS_H

#include "coordinator/imports/seed_files.h"

struct first_pair {
    const char *file;
    int64_t line;
    struct id id;
    struct slice name; /* the user's own id */
    enum trust trust;
    struct chat prompt, chosen, rejected;
    struct slice reference, rubric, language; /* of the seed; may be empty */
};

struct first_pairs {
    struct first_pair *pairs;
    size_t n;
    int64_t bad, without_pair; /* lines passed over on the way */
    char first_bad[700];       /* FILE:LINE: why */
};

/* first_pairs_read(out, project, max, arena, e): at most max, in the order of the seeds; all texts
 * live in the arena. */
bool first_pairs_read(struct first_pairs *out, const struct project *p, size_t max,
                      struct arena *arena, struct err *e);

#endif
