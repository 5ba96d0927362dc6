/* fault: which of many like operations fails, for all kinds of injected faults. */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct fault {
    int64_t at;   /* the operation that fails, from 1; 0: none */
    bool repeat;  /* and every one after it */
    int64_t seen; /* operations so far */
};

/* fault_hits(f): counts one operation; whether it is to fail. */
static inline bool fault_hits(struct fault *f)
{
    f->seen++;
    return f->at && (f->repeat ? f->seen >= f->at : f->seen == f->at);
}

#endif
