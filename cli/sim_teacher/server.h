/* server: listens, accepts and turns the loop until a signal ends it. */
#ifndef SIM_TEACHER_SERVER_H
#define SIM_TEACHER_SERVER_H

#include "cli/sim_teacher/judgment.h"

struct server_options {
    const char *listen; /* HOST:PORT */
    const char *log;    /* NULL: none */
    int64_t capacity;   /* 0: no limit */
    const struct character *character;
};

/* server_run(o, e): prints "listening on HOST:PORT" once it does; true after SIGTERM or SIGINT. */
bool server_run(const struct server_options *o, struct err *e);

#endif
