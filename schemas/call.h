/*
 * call: the unit of work. A call is known by (subject, lane, recipe, k, step), whatever store,
 * worker or attempt it belongs to; everything random about a request is a hash of that.
 */
#ifndef SCHEMAS_CALL_H
#define SCHEMAS_CALL_H

#include "schemas/types.h"

#define CALL_MAX_K 64    /* rollouts of one order; `accept.n` may not be larger */
#define CALL_MAX_STEP 16 /* calls of one rollout */
#define CALL_MAX_SEAT 8  /* who judges within one run */

/* Set in `row` when the subject is a seed whose pair is being built; the rest of it is the number
 * of the seed. */
#define CALL_SEED ((uint64_t)1 << 63)

/* The place of a call within its subject. `row` is the subject's number in this coordinator's
 * store (of a pair, or with CALL_SEED of a seed), `seat` the number of its recipe in this run: both
 * short on the wire and in indexes, but not part of the call's identity (the subject's id and the
 * recipe's are). */
struct call_key {
    uint64_t row;
    uint8_t seat; /* index in struct seats */
    uint8_t lane; /* enum lane */
    uint8_t k;    /* which rollout of this lane, from 0 */
    uint8_t step; /* which call of this rollout, from 0 */
};

/* What one whole answer brought: all that is stored of it. Thought and answer are the rollout's
 * trace so far, what this call added included. Slices belong to the message or arena that the
 * struct was filled from. */
struct call_result {
    uint16_t endpoint; /* index in the project's list */
    uint16_t http_status;
    enum finish finish;
    enum thought_field thought_field;
    struct slice thought; /* canonical: without tags */
    struct slice answer;
    struct slice request_id; /* the server's name for the exchange; may be empty */
    struct slice model;      /* as the server named it */
    uint32_t prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens;
    uint32_t latency_ms;    /* request sent to last byte */
    uint32_t first_byte_ms; /* request sent to first byte of the body */
    enum ask ask;           /* what the call asked for */
    enum format format;     /* in which form of judgment */
    enum verdict verdict;   /* of the rollout as far as it goes after this call */
    enum verdict first;     /* of the rollout's first call */
    int score_a, score_b;   /* hundredths; SCORE_NONE: none. Pointwise: score_a */
    uint32_t trace_tokens;  /* completion tokens of all calls of the rollout so far */
    struct slice segments; /* who wrote what of thought and answer (judges/history.h); empty: all is
                              this call's */
    struct slice filter;   /* the per-rollout filter that rejected it; empty: none */
};

/* Finished rollouts of a teacher, by what cues did to them: `plain` without a cue by outcome,
 * `cued` by first and last outcome. */
struct flip_counts {
    uint64_t plain[OUTCOME_COUNT];
    uint64_t cued[OUTCOME_COUNT][OUTCOME_COUNT];
};

bool call_key_eq(struct call_key a, struct call_key b);
/* call_key_pack(key): seat, lane, k and step in one number; equal exactly when the four are. */
uint32_t call_key_pack(struct call_key key);
/* call_id(subject, recipe, key): the same in every store. */
struct id call_id(const struct id *subject, const struct id *recipe, struct call_key key);
/* call_seed(id, rng_seed): 31 bits for the request's `seed`. */
uint32_t call_seed(const struct id *call, uint64_t rng_seed);

#endif
