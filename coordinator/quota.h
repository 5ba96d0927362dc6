/* quota: kinds of pairs of which there can be enough. Pure. */
#ifndef COORDINATOR_QUOTA_H
#define COORDINATOR_QUOTA_H

#include "coordinator/planner.h"

struct quota {
    const struct project *project;
    uint64_t domain[QUOTA_MAX], source[QUOTA_MAX]; /* hashes of their names; 0: any */
    int trust[QUOTA_MAX];                          /* -1: any */
    int64_t accepted[QUOTA_MAX];
};

/* quota_name(text): the hash that struct planner_pair has for a domain or source; 0 for "". */
uint64_t quota_name(struct slice text);
/* quota_init(q, p): nothing accepted yet; the project must outlive it. */
void quota_init(struct quota *q, const struct project *p);
/* quota_full(q, s): whether a quota that this pair falls under whatever its rollouts say (its pass
 * window is 0 to 1) is full: it need not be judged. */
bool quota_full(const struct quota *q, const struct subject *s);
/* quota_take(q, s): the pair would be accepted: false when a quota that it falls under is full;
 * else it is counted. The pass rate is that of seat 0 over both orders. */
bool quota_take(struct quota *q, const struct subject *s);
/* quota_leave(q, s): the pair was counted, and is accepted no more. */
void quota_leave(struct quota *q, const struct subject *s);
/* quota_recall(q, trust, domain, source, pass, n): n pairs that were accepted before, with this
 * pass rate. */
void quota_recall(struct quota *q, enum trust trust, uint64_t domain, uint64_t source, double pass,
                  int64_t n);

#endif
