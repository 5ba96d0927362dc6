/*
 * planner: looks at everything known about a pair and names the rollouts worth making next, or says
 * that the pair is decided. A pair passes one gate after the other: the teacher's (k correct of at
 * most n in each order; or the mean scores), that of every further teacher, the checker's; a pair
 * that fails the first may get a second pass with a hint. Students' rollouts are wanted of every
 * pair and decide nothing. Pure; what a rollout's several calls are is the reflector's business.
 */
#ifndef COORDINATOR_PLANNER_H
#define COORDINATOR_PLANNER_H

#include "coordinator/stopping.h"
#include "judges/seat.h"

#define PLANNER_LANES 2 /* the two halves of a judgment: two orders; pointwise, two answers */
#define PLANNER_BANDS 4 /* of worth: 0 goes first */
#define PLANNER_NO_PLAN UINT8_MAX

/* A pair as it enters. */
struct planner_pair {
    struct id id;
    uint64_t row;
    enum trust trust;
    uint64_t domain, source; /* hashes of their names; 0: none */
};

/* What one seat has brought about a pair. Lanes are those of enum lane modulo 2. */
struct contest {
    uint64_t done[PLANNER_LANES];              /* bit k: rollout k is finished */
    uint64_t taken[PLANNER_LANES];             /* bit k: rollout k is finished or out */
    uint64_t right[PLANNER_LANES];             /* bit k: finished and correct; pointwise: scored */
    uint64_t beyond[PLANNER_LANES];            /* bit k: finished, but not looked at */
    int16_t scores[PLANNER_LANES][CALL_MAX_K]; /* hundredths; pairwise: the margin of the better */
    bool excused;                              /* a student that cannot judge this pair */
};

/* A pair under way. */
struct subject {
    struct id id;
    uint64_t row;
    enum trust trust;
    enum format format;
    bool pointwise;
    bool full; /* drawn in full: every rollout of both orders is wanted */
    uint8_t k, n;
    uint8_t plan; /* which of the planner's stopping plans; PLANNER_NO_PLAN: none */
    bool hinting; /* it counts for the share of hinted pairs, under way as it is */
    uint64_t domain, source;
    struct contest contests[CALL_MAX_SEAT]; /* as many as there are seats */
};

/* One rollout that is wanted. */
struct planner_wish {
    int seat, lane, k; /* lane: enum lane */
    int band;          /* of worth */
};

/* What a finished rollout brought. */
struct planner_news {
    bool correct; /* its verdict is right and no filter rejected it; pointwise: there is a score */
    int score;    /* pointwise: the score; pairwise with scores: that of the better answer less the
                     other's; PLANNER_NO_SCORE: none */
};
#define PLANNER_NO_SCORE (-SCORE_MAX - 1)

struct planner;

/* planner_new(p, seats): both must outlive it. NULL without memory. */
struct planner *planner_new(const struct project *p, const struct seats *seats);
void planner_free(struct planner *p);

/* planner_news_of(verdict, scores, lane, filtered): what a stored or arrived rollout is for the
 * planner. */
struct planner_news planner_news_of(enum verdict v, int score_a, int score_b, enum lane lane,
                                    bool filtered);
/* planner_begin(p, s, pair): a pair of which nothing is known yet. */
void planner_begin(struct planner *p, struct subject *s, const struct planner_pair *pair);
/* planner_recall(p, s, seat, lane, k, news): a rollout that was stored by an earlier run. Rollouts
 * beyond n (rules were tightened) are taken in the order of k until n are there; false: this one
 * does not count. */
bool planner_recall(struct planner *p, struct subject *s, int seat, int lane, int k,
                    struct planner_news news);
/* planner_excuse(p, s, seat): this student cannot judge the pair, which does not wait for it. */
void planner_excuse(struct planner *p, struct subject *s, int seat);
/* planner_next(p, s, wish): a rollout to make now, marked as out; false: none before others have
 * come back. An undecided pair with nothing out always has one. */
bool planner_next(struct planner *p, struct subject *s, struct planner_wish *wish);
/* planner_adopt(p, s, seat, lane, k): a rollout that is known to be out already (from before a
 * restart) or was begun and not finished; false: it is finished, does not belong here, or is
 * beyond the n that the rules look at. */
bool planner_adopt(struct planner *p, struct subject *s, int seat, int lane, int k);
/* planner_done(p, s, seat, lane, k, news): the rollout is finished, whether it was asked for or
 * came by itself (the answer of an earlier run that was still under way); false: nothing changes,
 * for it was finished before, or came by itself and is beyond the n that the rules look at. */
bool planner_done(struct planner *p, struct subject *s, int seat, int lane, int k,
                  struct planner_news news);
/* planner_fate(p, s, reason): OPEN, ACCEPTED, REJECTED, or DEFERRED (adaptive: given up), by the
 * finished rollouts. */
enum pair_state planner_fate(struct planner *p, const struct subject *s, enum reason *reason);
/* planner_verdict(p, s, with_students, reason): the same of a pair for which no second pass begins
 * any more; without students none of them is waited for. */
enum pair_state planner_verdict(struct planner *p, const struct subject *s, bool with_students,
                                enum reason *reason);
/* planner_decided(p, state, reason, n): n pairs were decided so, in this run or (at its start) in
 * an earlier one: for the share of hinted pairs. */
void planner_decided(struct planner *p, enum pair_state state, enum reason reason, uint64_t n);
/* planner_left(p, s): the pair is not under way any more. */
void planner_left(struct planner *p, struct subject *s);
/* planner_window(p): how many pairs may be under way now (see stopping_window). */
uint64_t planner_window(const struct planner *p);

#endif
