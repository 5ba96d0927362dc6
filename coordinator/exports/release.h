/*
 * release: writes a data set: shards of every format, manifest, card; and checks one. A release is
 * a folder under DIR.releases/ named by its content; DIR is a symbolic link that is replaced by
 * rename, so that a reader sees the old release or the new one and never half of either.
 */
#ifndef EXPORTS_RELEASE_H
#define EXPORTS_RELEASE_H

#include "coordinator/store/store.h"

struct release_report {
    char path[1024]; /* the release's folder */
    bool unchanged;  /* the current release holds the same rows already */
    int64_t files, rows;
    int64_t eval_rows; /* rows made from evaluation sets */
    bool gate;         /* it failed because of a quality gate: exit status 4 */
};

/* release_write(s, p, dir, report, e): dir NULL: the project's export.dir. When a quality gate
 * fails (report->gate), nothing is exported and the present release stays. ERR_USAGE under
 * `purpose: evaluate`, which exports nothing. */
bool release_write(struct store *s, const struct project *p, const char *dir,
                   struct release_report *report, struct err *e);

/* release_check(p, e): before hours of work: whether the project's export.dir can take a release;
 * true when there is none. */
bool release_check(const struct project *p, struct err *e);

/* release_verify(dir, problem, context, e): recomputes every checksum and count, parses every row
 * and checks that no group stands in two splits; calls problem() with a sentence for each thing
 * that is wrong. False: could not be done, or *problems > 0. */
bool release_verify(const char *dir, void (*problem)(void *context, const char *sentence),
                    void *context, int64_t *problems, struct err *e);

#endif
