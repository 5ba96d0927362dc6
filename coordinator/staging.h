/*
 * staging: what came about since the last commit, in order: finished calls and decisions; samples,
 * what they are worth, and what became of their seeds. It is
 * written in one transaction; when that fails (the disk is full), everything stays and is written
 * by the next try.
 */
#ifndef COORDINATOR_STAGING_H
#define COORDINATOR_STAGING_H

#include "coordinator/store/ledger.h"
#include "coordinator/store/samples.h"

struct staging;

struct staging *staging_new(void); /* NULL without memory */
void staging_free(struct staging *s);
/* A finished call: see ledger_add_call. */
struct staging_call {
    int64_t recipe;
    enum seat_kind kind;
    bool last;
    int64_t endpoint, cost_nano_usd, wall_ms;
};
/* staging_call(s, call, result, more): copies all of it. False: out of memory. */
bool staging_call(struct staging *s, const struct wire_call *call, const struct call_result *result,
                  const struct staging_call *more);
/* A call of a seed (key.row has CALL_SEED) is a sample. */
/* staging_check(s, recipe, key, rules, check) / staging_end(s, end): likewise copied, as far as
 * they hold texts; what `end` points to must outlive the commit. */
bool staging_check(struct staging *s, int64_t recipe, struct call_key key, const struct id *rules,
                   const struct samples_check *check);
bool staging_end(struct staging *s, const struct samples_end *end);
bool staging_decision(struct staging *s, const struct ledger_decision *d, int64_t wall_ms);
/* staging_has(s, recipe, key): whether this call waits to be written. */
bool staging_has(const struct staging *s, int64_t recipe, struct call_key key);
size_t staging_count(const struct staging *s);
/* staging_write(s, store, e): everything into the open transaction; staging_clear(s) once it is
 * committed. */
bool staging_write(struct staging *s, struct store *store, struct err *e);
void staging_clear(struct staging *s);

#endif
