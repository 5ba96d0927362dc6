/* content: what the message of one answer holds: thought and text in their places, finish and
 * tokens. */
#ifndef SIM_TEACHER_CONTENT_H
#define SIM_TEACHER_CONTENT_H

#include "cli/sim_teacher/judgment.h"

struct content {
    struct buf
        thought; /* for a field of its own; empty when there is none or it stands in the text */
    struct buf text;
    enum finish finish;
    int64_t tokens, thought_tokens;
};

/* content_compose(t, j, c, i): choice number i; to be given to content_free. A max_tokens too small
 * makes its verdict TRUNCATED. */
void content_compose(struct content *t, struct judgment *j, const struct character *c, size_t i);
void content_free(struct content *t);

#endif
