/*
 * serve: the coordinator as a process: sockets, store, clock and local workers around the engine.
 * One turn of its loop: drain the inbox, commit, acknowledge, load pairs, hand out calls, send,
 * sleep.
 */
#ifndef COORDINATOR_SERVE_H
#define COORDINATOR_SERVE_H

#include "coordinator/engine.h"
#include "coordinator/imports/intake.h"
#include "coordinator/store/ledger.h"
#include "filters/chain.h"

/* What a progress display is shown. */
struct serve_view {
    const struct engine_totals *totals; /* of this run */
    const struct pool *pool;
    const struct intake_report *intake;
    bool importing;
    uint64_t flying, waiting;
    int workers;
    int64_t pairs_total, pairs_open, pairs_accepted, pairs_rejected,
        pairs_deferred;                /* of the store */
    int64_t builds_total, builds_open; /* prompts whose pairs are built, likewise */
    int64_t cost_nano_usd;
    int64_t elapsed_ms;
    int64_t calls_a_pair;   /* that one takes at least to be accepted */
    int64_t answers_before; /* calls stored before this run began */
    const char *notice;     /* what the run waits for, in words; "" when it works */
};

struct serve_options {
    const struct project *project;
    struct store *store; /* open for writing */
    struct arena *arena; /* for paths */
    const char *store_path;
    const struct seats *seats; /* who judges */
    struct slice abilities;    /* what the probe found, as JSON; empty: nothing was probed */
    const struct chain *chain; /* the project's filters */
    int64_t local_workers;     /* processes to be started here */
    bool listen_local;         /* an ipc:// socket for workers of this machine */
    uint64_t shard, shards;    /* 0 of 0: all */
    int64_t until_wall_ms;     /* 0: no deadline */
    void (*progress)(void *context,
                     const struct serve_view *view);       /* NULL: none; a few times a second */
    void (*endpoint)(void *context, const char *endpoint); /* told where workers may connect */
    void *context;
};

struct serve_report {
    int exit_status;
    char ending[700]; /* a sentence: how the run ended */
    bool interrupted; /* by a signal */
    struct engine_totals totals;
    struct intake_report intake;
    bool imported_all; /* false: the run ended before all seeds were read */
    int64_t elapsed_ms;
};

/* serve_run(options, report, e): the whole run: import, judge, decide. True: it ended in an orderly
 * way and the report says how (exit status 0, 2 or 3; 1: an input broke off, the rest is done);
 * false: e says what failed, and all that was acknowledged is stored. */
bool serve_run(const struct serve_options *o, struct serve_report *report, struct err *e);

#endif
