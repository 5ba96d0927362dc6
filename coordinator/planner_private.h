/* planner_private: what planner.c (gates and fates of a pair) and contest.c (what one seat has
 * brought, and what it should bring next) share. */
#ifndef COORDINATOR_PLANNER_PRIVATE_H
#define COORDINATOR_PLANNER_PRIVATE_H

#include "coordinator/planner.h"

#define PLANNER_PLANS 24 /* of 2.5 MB at most; strata beyond share the first of their k of n */

/* What was learned for one bar, one seat and (adaptive) one domain. */
struct plan {
    int seat, k, n;
    uint64_t domain; /* 0: of all domains together */
    struct stopping *stopping;
};

struct planner {
    const struct project *project;
    const struct seats *seats;
    bool evaluate, mean, full, adaptive;
    struct plan plans[PLANNER_PLANS];
    int n_plans;
    uint64_t accepted, hinted; /* pairs */
};

enum gate { GATE_OPEN, GATE_PASSED, GATE_FAILED };

/* contest_plan(p, seat, bar, domain): the number of its plan, made when it is new; -1 without
 * memory. */
int contest_plan(struct planner *p, int seat, struct project_bar bar, uint64_t domain);
/* contest_bar(p, s, seat): k of n that this seat's rollouts must reach. */
struct project_bar contest_bar(const struct planner *p, const struct subject *s, int seat);
/* contest_done(c, half): rollouts of this half that are finished and looked at. */
int contest_done(const struct contest *c, int half);
void contest_take(struct contest *c, int half, int k);
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
