/*
 * survey: one pass over all judgments of a store, for `gavel report`: how good each judge is on
 * each set of pairs, what cues and checks did. A judge is measured only where nobody looked at its
 * verdicts to decide whether to ask on: a teacher on the pairs that are drawn in full (the
 * calibration share, chosen by hash; all of them under `stop: full` and in a run that only
 * measures), a further teacher only in such a run, a student everywhere.
 */
#ifndef CLI_SURVEY_H
#define CLI_SURVEY_H

#include "cli/measure.h"
#include "cli/suspects.h"
#include "coordinator/store/look.h"

#define SURVEY_SEATS 64
#define SURVEY_STRATA 64 /* domains; those beyond share the last */
#define SURVEY_SETS 256  /* judges and sets of pairs, likewise */

/* The teacher of the newest run on the pairs of one domain. */
struct survey_stratum {
    const char *domain;        /* "" : none given */
    struct measure measure[2]; /* pairwise, pointwise */
};

/* One judge on one set of pairs: an evaluation set, else a source. */
struct survey_set {
    size_t seat;      /* index in `seats` */
    const char *name; /* "" : neither given */
    bool evaluation;
    struct measure measure; /* of one kind: pairwise and pointwise are two sets */
};

struct survey {
    struct look_seat seats[SURVEY_SEATS];
    size_t n_seats;
    struct measure all[2]; /* the teacher of the newest run: pairwise, pointwise */
    struct survey_stratum strata[SURVEY_STRATA];
    size_t n_strata;
    struct survey_set *sets; /* SURVEY_SETS of them */
    size_t n_sets;
    struct flip_counts
        accepted_flips;       /* the teacher's rollouts of accepted pairs that can be exported */
    struct suspects suspects; /* to be freed by suspects_free */
    int64_t plain_seen, plain_reflecting; /* uncued correct thoughts looked at; that reflect */
};

/* survey_read(v, store, run, arena, e): names live in the arena. False also when the store cannot
 * be read. */
bool survey_read(struct survey *v, struct store *s, const struct look_run *run, struct arena *arena,
                 struct err *e);

#endif
