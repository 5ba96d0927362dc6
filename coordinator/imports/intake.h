/*
 * intake: reads the project's seed files line by line and stores what they hold, in slices, so that
 * judging goes on meanwhile. A bad line is quarantined with file, line and reason; the rest goes
 * on.
 */
#ifndef IMPORTS_INTAKE_H
#define IMPORTS_INTAKE_H

#include "coordinator/store/seeds.h"

struct intake;

struct intake_report {
    int64_t files, unchanged;                    /* of `files`, those that were not read again */
    int64_t lines, added, known, pairs, invalid; /* of this intake; pairs: those stored now */
    int64_t waiting;                             /* seeds without a pair, added or known */
    int64_t paired;                              /* records with a pair, added or known */
    int64_t skipped;  /* records that the settings say are not to be stored */
    int64_t left_out; /* pairs of stored records over import.max_pairs or under import.min_margin */
    int64_t without[SEED_REASON_COUNT]; /* lines that give no pair: lines = paired + these +
                                           invalid */
    char first_bad[600]; /* "FILE:LINE: reason" of the first bad line; safe for a terminal */
};

enum intake_got { INTAKE_MORE, INTAKE_DONE, INTAKE_FAILED };

/* intake_new(store, project, paths, n, e): the project's `seeds:`, or, when n > 0, these files with
 * format auto (one that `seeds:` names too is read as it says there). Globs are expanded now; one
 * that matches nothing is ERR_USAGE naming it. `-` is standard input. */
struct intake *intake_new(struct store *s, const struct project *p, const char *const *paths,
                          size_t n, struct err *e);
/* intake_step(i, max_lines, e): reads at most max_lines lines; it waits for the first alone, when
 * they come through a pipe (see intake_waits). The caller holds the transaction.
 * FAILED: an input that cannot be read on (e.g. a truncated .gz) ends the intake; what was read
 * stays, and the file is read again by the next intake. A file that is passed over counts as a
 * line. When the transaction is rolled back instead, the intake is of no more use: what it has read
 * would be missing. Free it and make a new one. */
enum intake_got intake_step(struct intake *i, int64_t max_lines, struct err *e);
/* intake_waits(i): the next line is not there yet: whoever writes the pipe has not written it. */
bool intake_waits(const struct intake *i);
const struct intake_report *intake_report(const struct intake *i);
void intake_free(struct intake *i);

#endif
