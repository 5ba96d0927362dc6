/* forecast: what a run will take, from what is known about the teacher or is assumed. Pure. */
#ifndef CLI_FORECAST_H
#define CLI_FORECAST_H

#include "judges/seat.h"
#include "schemas/project.h"

/* Expected calls of one pair. */
struct forecast_calls {
    double kinds[SEAT_KIND_COUNT]; /* by who is asked */
    double cues;                   /* of them: calls that go on with a judgment */
    double total;
};

/* Expected calls of a generator for one prompt, and pairs that come of it. */
struct forecast_build {
    double calls, pairs;
};

/* What a forecast is made of. */
struct forecast_basis {
    struct forecast_calls per_pair;
    double build_calls;                      /* of the generator, in all */
    double prompt_tokens, completion_tokens; /* per call */
    double latency_ms;                       /* of a call */
    double in_flight;                        /* calls at once */
};

struct forecast {
    double calls, prompt_tokens, completion_tokens;
    double cost_usd; /* 0 without prices */
    double seconds;
};

/* forecast_pair(p, seats, bar, right, calls): one pair of which each judgment is right with
 * probability `right`, whatever the order, whoever judges. The first teacher's judgments end as
 * soon as the bar lets them (adaptive stopping: not later), the second order is asked for only when
 * the first has passed; further teachers, checkers and a pass with a hint see what is left for
 * them. Of a checker it is assumed that four of five traces stand. */
void forecast_pair(const struct project *p, const struct seats *seats, struct project_bar bar,
                   double right, struct forecast_calls *calls);
/* forecast_build(p, known, good): a prompt with a known answer (or an open one) of which each
 * answer (or changed prompt) is right (or usable) with probability `good`. */
struct forecast_build forecast_build(const struct project *p, bool known, double good);
/* forecast_in_flight(project): calls at once that endpoints and local workers allow. */
double forecast_in_flight(const struct project *p);
struct forecast forecast_of(const struct project *p, const struct seats *seats, double pairs,
                            const struct forecast_basis *b);

#endif
