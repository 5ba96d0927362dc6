/*
 * asked: what a request asks the judge for: in which format, about which answers, whether a
 * judgment is to be begun, gone on with, closed or reviewed, and whether the winner was told. Or
 * what it asks a generator for.
 */
#ifndef SIM_TEACHER_ASKED_H
#define SIM_TEACHER_ASKED_H

#include "cli/sim_teacher/excerpt.h"
#include "cli/sim_teacher/truth.h"
#include "judges/nonce.h"

#define ASKED_SENTENCE 256

struct asked {
    enum ask ask; /* JUDGE, CONTINUE, CLOSE or CHECK; RECHECK looks like CLOSE; ANSWER or MODIFY of
                     a generator */
    enum format format;
    bool one;                    /* one answer is shown */
    bool claims;                 /* a reviewer is also asked whether the claims are true */
    char nonce[NONCE_BYTES + 1]; /* in the tags; "": none */
    bool judged;                 /* question and answers were found; else it is any other request */
    enum verdict gold;           /* see truth_view */
    uint64_t pair;               /* see truth_view; of a generator: of the prompt */
    struct slice about, answer;  /* of a generator: see commission */
    char hint;                   /* 'A', 'B': told to win; 0 */
    char leaning;                /* of the judgment so far, or the critique; 0: unclear */
    bool prefilled;              /* the answer goes on where the last message ends */
    bool thinking;               /* and that is within the thought */
    const char *counted;         /* the rest of a count that was broken off; NULL: it is none */
    char before[ASKED_SENTENCE]; /* the end of what stands before the cue, cue included */
    struct excerpts excerpts;
};

/* asked_read(a, chat, prefill, truth): `prefill`: the last message is the assistant's and this
 * server goes on with it. `about` is a slice of the chat, `answer` one of the truth. */
void asked_read(struct asked *a, const struct chat *chat, bool prefill, const struct truth *truth);

/* asked_is_generation(a): a generator is asked, and no judge. */
bool asked_is_generation(const struct asked *a);

#endif
