/* exec_reply: what a command of the user's answers to one comparison (see exec_checker.h). Pure. */
#ifndef COORDINATOR_EXEC_REPLY_H
#define COORDINATOR_EXEC_REPLY_H

#include "filters/answers/answer.h"

/* exec_reply_read(line, id, r, e): the result of the comparison `id`; false with what is wrong with
 * the line, as "wrote …". */
bool exec_reply_read(struct slice line, uint64_t id, struct answer_result *r, struct err *e);
/* exec_reply_reason(r, why): somebody else's words as the result's reason, safe and short. */
void exec_reply_reason(struct answer_result *r, struct slice why);

#endif
