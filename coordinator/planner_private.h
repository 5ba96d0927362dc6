/* planner_private: what planner.c (gates and fates of a pair) and contest.c (what one seat has
 * brought, and what it should bring next) share. */
#ifndef COORDINATOR_PLANNER_PRIVATE_H
#define COORDINATOR_PLANNER_PRIVATE_H

#include "coordinator/planner.h"

#define PLANNER_PLANS 48 /* of 2.5 MB at most; strata beyond share the first of their k of n */

/* What was learned for one bar, one seat and (adaptive) one domain. */
struct plan {
    int seat, k, n;
    uint64_t domain; /* 0: of all domains together */
    bool pointwise;
    struct stopping *stopping;
};

struct planner {
    const struct project *project;
    const struct seats *seats;
    bool evaluate, mean, full, adaptive;
    struct plan plans[PLANNER_PLANS];
    int n_plans;
    uint64_t accepted, hinted; /* pairs */
    uint64_t hinting;          /* pairs in their second pass */
};

enum gate { GATE_OPEN, GATE_PASSED, GATE_FAILED };

/* contest_plan(p, seat, bar, domain, pointwise): the number of its plan, made when it is new; -1
 * without memory or room. */
int contest_plan(struct planner *p, int seat, struct project_bar bar, uint64_t domain,
                 bool pointwise);
/* contest_bar(p, s, seat): k of n that this seat's rollouts must reach. */
struct project_bar contest_bar(const struct planner *p, const struct subject *s, int seat);
/* contest_done(c, half): rollouts of this half that are finished and looked at. */
int contest_done(const struct contest *c, int half);
void contest_take(struct contest *c, int half, int k);
/* contest_pairs_up(s, c, half, k): pointwise: the other half of this k is there and looked at. */
bool contest_pairs_up(const struct subject *s, const struct contest *c, int half, int k);
/* contest_has(s, c, half, n): n rollouts of this half (pointwise: judgments that have begun) are
 * looked at. */
bool contest_has(const struct subject *s, const struct contest *c, int half, int64_t n);
/* contest_count(p, s, seat, half, k, news): one more finished rollout, taken before. */
void contest_count(struct planner *p, struct subject *s, int seat, int half, int k,
                   struct planner_news news);
bool contest_is_full(const struct planner *p, const struct subject *s, int seat);
enum gate contest_gate(const struct planner *p, const struct subject *s, int seat);
/* contest_reason(p, s, seat): why it failed. */
enum reason contest_reason(const struct planner *p, const struct subject *s, int seat);
bool contest_give_up(struct planner *p, const struct subject *s);
int contest_band(struct planner *p, const struct subject *s);
/* contest_next(p, s, seat, half, k): the rollout to ask for next; false: none now. */
bool contest_next(struct planner *p, const struct subject *s, int seat, int *half, int *k);
/* contest_check / contest_next_check: the same for the checker: in each order one correct trace of
 * the teacher must stand. */
enum gate contest_check(const struct subject *s, int seat);
bool contest_next_check(const struct subject *s, int seat, int *half, int *k);

#endif
