/*
 * trace: a teacher's answer taken apart into thought and answer, whichever field of the protocol
 * the thought came in, and put together again in the one canonical form that is exported:
 * <think>thought</think>, then the answer.
 */
#ifndef JUDGES_TRACE_H
#define JUDGES_TRACE_H

#include "base/buf.h"
#include "schemas/types.h"

struct trace {
    struct slice thought; /* without its tags, white space at both ends removed */
    struct slice answer;  /* what follows the thought, likewise */
    enum thought_field field;
    bool unclosed; /* <think> was opened in the content and never closed: all of it is thought */
    enum finish finish;
};

/* trace_split(content, reasoning, field, finish): slices into the arguments; nothing is copied.
 * `reasoning` is the text of the server's own field (field says which), empty when there was none.
 * In content a thought ends at the last </think>; an opening tag that the server's template
 * swallowed is not missed. Content without these tags that begins with <plan> has its thought up to
 * the last </execution>, these tags included. */
struct trace trace_split(struct slice content, struct slice reasoning, enum thought_field field,
                         enum finish finish);
/* trace_write(out, thought, answer): the canonical text. */
void trace_write(struct buf *out, struct slice thought, struct slice answer);

#endif
