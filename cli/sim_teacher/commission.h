/* commission: finds out what a generator is asked for (judges/generation.h). */
#ifndef SIM_TEACHER_COMMISSION_H
#define SIM_TEACHER_COMMISSION_H

#include "cli/sim_teacher/prompts.h"
#include "judges/nonce.h"
#include "schemas/chat.h"
#include "schemas/types.h"

struct commission {
    enum ask ask;                /* ANSWER or MODIFY */
    struct slice about;          /* the prompt, a slice of the request; without an instruction */
    struct slice answer;         /* the right one; empty: it is open, or not known */
    uint64_t id;                 /* of the prompt */
    char nonce[NONCE_BYTES + 1]; /* in the marks; "": none */
};

/* commission_read(c, chat, known): false unless it asks for a modification, or is a known prompt.
 */
bool commission_read(struct commission *c, const struct chat *chat, const struct prompts *known);
/* commission_guess(c, chat): what is no question to a judge is an open prompt, unless it goes on
 * with an answer or asks for the tags of a verdict. */
bool commission_guess(struct commission *c, const struct chat *chat);

#endif
