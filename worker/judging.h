/*
 * judging: one call of a rollout: what is sent, and what the teacher's answer means. Pure; the
 * worker and `gavel preview` share it.
 */
#ifndef WORKER_JUDGING_H
#define WORKER_JUDGING_H

#include "filters/chain.h"
#include "judges/reflection.h"
#include "schemas/call.h"
#include "worker/teacher/reply.h"
#include "worker/teacher/request.h"

/* A call as it is asked for. Texts belong to the caller and must live as long as this. */
struct judging {
    const struct project *project;
    const struct chain *chain;
    enum ask ask;
    enum format format;
    uint8_t k, step;       /* k: of the first call, when the request is for several */
    enum continuation how; /* of the endpoint, not AUTO */
    struct judge_task task;
    struct history
        history;      /* ask is not JUDGE: the rollout so far; CHECK: the one to be reviewed */
    struct slice cue; /* CONTINUE: what is said to go on; ANSWER: what is said after the prompt */
    struct reflection_request request; /* filled by judging_render */
};

/* judging_render(j, seed, n, chat, shape, arena, e): the request of the call. */
bool judging_render(struct judging *j, uint32_t seed, int n, struct chat *chat,
                    struct request_shape *shape, struct arena *arena, struct err *e);
/* judging_needs_request(ask): whether judging_result wants a judging that was rendered. */
bool judging_needs_request(enum ask ask);
/* judging_result(j, answer, choice, result, arena, e): what the answer's choice number `choice` (0:
 * the first) brought: trace joined, verdict and scores read, filters run. False: it is more than a
 * trace may hold, or memory ran out. Of the token counts only
 * the first choice gets the prompt's; completion tokens are divided evenly among the choices. The
 * result's slices point into the answer and the arena. */
bool judging_result(const struct judging *j, const struct teacher_answer *answer, size_t choice,
                    struct call_result *result, struct arena *arena, struct err *e);

#endif
