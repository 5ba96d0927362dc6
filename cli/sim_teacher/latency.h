/* latency: how long an answer takes: a fixed time, or drawn from a lognormal distribution. */
#ifndef SIM_TEACHER_LATENCY_H
#define SIM_TEACHER_LATENCY_H

#include "base/err.h"
#include "base/slice.h"

#define LATENCY_MAX_MS 3600000.0

struct latency {
    double median_ms;
    double sigma; /* of the logarithm; 0: fixed */
};

/* latency_parse(l, text, e): "250" or "lognormal:400,0.5". */
bool latency_parse(struct latency *l, const char *text, struct err *e);
/* latency_draw(l, h): milliseconds, at most an hour; the same h gives the same. */
int64_t latency_draw(const struct latency *l, uint64_t h);

#endif
