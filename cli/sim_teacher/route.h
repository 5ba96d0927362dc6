/* route: which answer a request gets by its method, path and key. */
#ifndef SIM_TEACHER_ROUTE_H
#define SIM_TEACHER_ROUTE_H

#include "cli/sim_teacher/http.h"
#include "cli/sim_teacher/stats.h"

enum route {
    ROUTE_COMPLETION, /* nothing is written: its answer takes time */
    ROUTE_ANSWERED,   /* the whole answer stands in `out` */
};

/* route_request(r, c, stats, created, out) */
enum route route_request(const struct http_request *r, const struct character *c,
                         const struct stats *stats, int64_t created, struct buf *out);

#endif
