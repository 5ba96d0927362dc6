/* completion: writes the answer to a judgment in the chat-completions protocol, whole or as a
 * stream. */
#ifndef SIM_TEACHER_COMPLETION_H
#define SIM_TEACHER_COMPLETION_H

#include "cli/sim_teacher/judgment.h"

#define COMPLETION_MAX ((size_t)256 * 1024 * 1024) /* bytes of an answer, head included */

struct completion_setting {
    int64_t created; /* seconds since the epoch */
    bool keep_alive;
    bool http10; /* a stream then goes without chunks */
};

/* completion_write(j, c, s, out): the whole HTTP answer, whatever fault it has but cuts. Returns
 * the size of its head. A max_tokens too small makes verdicts TRUNCATED. */
size_t completion_write(struct judgment *j, const struct character *c,
                        const struct completion_setting *s, struct buf *out);

#endif
