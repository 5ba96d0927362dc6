/* report: the numbers of `gavel report`, and its two forms. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "base/jsonw.h"
#include "cli/counts.h"
#include "cli/opening.h"
#include "cli/survey.h"
#include "coordinator/exports/kind.h"
#include "coordinator/quota.h"

#define REPORT_ORDERS 2

struct report {
    struct opening opening;
    struct counts counts;
    struct look_run run;
    struct survey survey;
    struct flips flips, accepted_flips; /* of the teacher: all, and of what can be exported */
    struct quota quota;                 /* how far each is filled */
    const char *state;                  /* see run_state.h */
    struct buf out;
    struct jsonw w; /* to `out` */
};

/* report_read(r, path, sets, e): opens the project and reads the numbers. To be closed by
 * opening_close(&r->opening), also after a failure. */
bool report_read(struct report *r, const char *path, const struct args_strings *sets,
                 struct err *e);
/* report_text(r, e): for people, into r->out. */
bool report_text(struct report *r, struct err *e);
/* report_json(r, e): one object, into r->out. */
bool report_json(struct report *r, struct err *e);

/* What both forms are made of. */
enum lane report_order(int i); /* 0, 1: the two orders; 2, 3: the two answers judged alone */
int64_t report_count(const struct report *r, const char *counter);
int64_t report_decided(const struct report *r); /* accepted or rejected */
/* Judgments of one order: with this verdict, all, with this outcome. */
int64_t report_verdicts(const struct report *r, enum lane order, enum verdict v);
int64_t report_rollouts(const struct report *r, enum lane order);
int64_t report_outcomes(const struct report *r, enum lane order, enum outcome outcome);
/* report_reviews(r, outcome): reviews of checkers, by whether they recovered the
 * verdict. */
int64_t report_reviews(const struct report *r, enum outcome outcome);
/* report_ratio(part, whole): 0 when whole is 0. */
double report_ratio(int64_t part, int64_t whole);

#endif
