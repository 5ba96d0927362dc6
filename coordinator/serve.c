#include "coordinator/serve.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "coordinator/serve_private.h"

enum {
    COMMIT_ROWS = 256,
    COMMIT_AT_LATEST_MS = 20,
    LIVE_EVERY_MS = 1000, /* worker rows in the store */
    SHOW_EVERY_MS = 250,  /* progress */
    FULL_RETRY_MS = 2000, /* a full disk is tried again */
    FAREWELL_MS = 5000,   /* for local workers to end by themselves, for others to answer our BYE */
    IMPORT_LINES = 500,   /* of one transaction, while judging goes on */
    IMPORT_ALONE = 5000,  /* while nothing else is waiting */
    TEXT_MAX = 256 * 1024 * 1024,
};

/* Committing */

static bool write_live(struct serve *s, int64_t now, struct err *e)
{
    struct ledger_worker rows[256];
    size_t n = 0;
    int64_t wall = clock_wall_ms();
    for (struct agent *a = engine_agents(s->engine); a && n < 256; a = a->next) {
        struct ledger_worker *w = &rows[n++];
        *w = (struct ledger_worker){.host = a->host,
                                    .pid = a->pid,
                                    .slots = a->slots,
                                    .in_flight = a->in_flight,
                                    .local = a->local,
                                    .done = a->done,
                                    .connected_ms = wall - (now - a->connected),
                                    .seen_ms = wall - (now - a->seen)};
        id_hex(&a->uid, w->uid);
    }
    return ledger_set_workers(s->store, rows, n, e) &&
           ledger_set_live(s->store, "live.in_flight", (int64_t)engine_flying(s->engine), e) &&
           ledger_set_live(s->store, "live.waiting", (int64_t)engine_waiting(s->engine), e);
}

static void count_run(struct serve *s)
{
    static const struct engine_totals none;
    const struct engine_totals *t = engine_totals(s->engine), *w = &s->written;
    if (memcmp(w, &none, sizeof none) == 0 && memcmp(t, &none, sizeof none) == 0)
        return;
    store_count(s->store, "calls.retries", (int64_t)(t->retries - w->retries));
    store_count(s->store, "calls.failed", (int64_t)(t->failures - w->failures));
    for (int i = 0; i < FAILURE_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "failure.%s", failure_name((enum failure)i));
        store_count(s->store, name, (int64_t)(t->by_failure[i] - w->by_failure[i]));
    }
}

/* The intake and its part of the transaction: false means that it must begin again. */
static enum intake_got import_some(struct serve *s, struct err *e)
{
    int64_t lines = engine_leased(s->engine) ? IMPORT_LINES : IMPORT_ALONE;
    return s->intake ? intake_step(s->intake, lines, e) : INTAKE_DONE;
}

/* end_import(s, broken): NULL: all seeds were read. */
static void end_import(struct serve *s, const struct err *broken)
{
    if (broken) {
        log_error("import: %s", broken->text);
        s->import_broken = *broken;
    }
    s->imported = *intake_report(s->intake);
    intake_free(s->intake);
    s->intake = NULL;
    feed_look_again(&s->feed);
}

static bool restart_import(struct serve *s, struct err *e)
{
    if (!s->intake)
        return true;
    intake_free(s->intake);
    s->intake = intake_new(s->store, s->project, NULL, 0, e);
    return s->intake != NULL;
}

static bool disk_is_full(struct serve *s, struct err *e)
{
    int64_t now = clock_ms();
    if (!s->stuck_since) {
        s->stuck_since = now;
        log_warn("%s; waiting for room: finished answers are kept, nothing new is asked", e->text);
        engine_pause(s->engine, true);
    }
    s->stuck_tried = now;
    struct err ignored;
    if (!restart_import(s, &ignored))
        return err_wrap(e, "and the import cannot begin again");
    return (double)(now - s->stuck_since) < s->project->give_up_after * 1000 ||
           err_wrap(e, "gave up after %.0f seconds (give_up_after)", s->project->give_up_after);
}

/* One transaction: what is staged, a slice of the import, and once a second the live rows. */
static bool commit(struct serve *s, bool import, struct err *e)
{
    int64_t now = clock_ms();
    bool live = now - s->live_written >= LIVE_EVERY_MS;
    enum intake_got got = INTAKE_MORE;
    struct err broken;
    bool begun = store_begin(s->store, e);
    bool ok = begun && staging_write(s->staging, s->store, e) && (!live || write_live(s, now, e));
    if (ok && import)
        got = import_some(s, &broken);
    if (ok)
        count_run(s);
    if (begun && !ok)
        store_rollback(s->store);
    ok = ok && store_commit(s->store, e);
    if (!ok)
        return e->code == ERR_FULL && disk_is_full(s, e);
    if (s->stuck_since) {
        log_info("there is room again; going on");
        s->stuck_since = 0;
        engine_pause(s->engine, s->grace_until != 0);
    }
    if (live)
        s->live_written = now;
    s->written = *engine_totals(s->engine);
    if (s->built)
        feed_look_again(&s->feed);
    s->built = false;
    staging_clear(s->staging);
    s->staged_since = 0;
    s->urgent = false;
    engine_committed(s->engine);
    if (import && got != INTAKE_MORE)
        end_import(s, got == INTAKE_FAILED ? &broken : NULL);
    return true;
}

bool serve_flush(struct serve *s, struct err *e)
{
    if (s->stuck_since && clock_ms() - s->stuck_tried < FULL_RETRY_MS)
        return true;
    /* An acknowledgement may wait for a call that was stored already: it needs no transaction. */
    if (staging_count(s->staging) == 0 && !s->stuck_since) {
        engine_committed(s->engine);
        return true;
    }
    /* There is room again when there is room for all, the import too. */
    bool import = s->stuck_since && s->intake && !intake_waits(s->intake);
    return commit(s, import, e);
}

/* Local workers */

static bool reap(struct serve *s, struct err *e)
{
    struct crew_death d;
    int busy;
    while (crew_reap(&s->crew, clock_ms(), &d)) {
        if (!s->crew.ending) {
            if (d.signal)
                log_warn("a local worker (process %ld) was killed by signal %d; starting another",
                         (long)d.pid, d.signal);
            else if (!s->refused)
                log_warn("a local worker (process %ld) ended with status %d", (long)d.pid,
                         d.exit_status);
        }
        /* What it had finished is taken in before its calls are given to another. */
        if (!serve_take_spools(s, &busy, e))
            return false;
        serve_dead(s, (uint32_t)d.pid);
    }
    return true;
}

/* The loop */

static const char *notice(struct serve *s, char *text, size_t n)
{
    const struct pool *p = engine_pool(s->engine);
    int64_t now = clock_ms();
    int down = 0, paused = 0;
    for (size_t i = 0; i < p->n; i++) {
        down += p->endpoints[i].health == POOL_DOWN;
        paused += p->endpoints[i].health == POOL_PAUSED;
    }
    text[0] = '\0';
    if (s->stuck_since)
        snprintf(text, n, "the disk is full: waiting for room");
    else if (s->drained)
        snprintf(text, n, "%s: waiting for calls in flight", engine_why(s->engine));
    else if (down == (int)p->n)
        snprintf(text, n,
                 "the teacher cannot be reached for %lld s: waiting (gives up after %.0f s)",
                 (long long)(pool_silence(p, now, POOL_ALL) / 1000), s->project->give_up_after);
    else if (paused == (int)p->n)
        snprintf(text, n, "the teacher is overloaded: waiting");
    else if (!engine_agents(s->engine))
        snprintf(text, n, "waiting for a worker");
    return text;
}

/* That an accepted pair takes at least. */
static int64_t calls_a_pair(const struct project *p)
{
    struct project_bar bar = project_bar(p, TRUST_VERIFIED);
    bool full = p->purpose == PURPOSE_EVALUATE || p->accept.stop == STOP_FULL || !bar.k;
    return 2 * (full ? bar.n : bar.k);
}

static int64_t builds_total(struct store *s)
{
    int64_t n = 0;
    for (int state = BUILD_OPEN; state < BUILD_COUNT; state++) {
        char name[64];
        snprintf(name, sizeof name, "builds.%s", build_name((enum build)state));
        n += store_counter(s, name);
    }
    return n;
}

static void show(struct serve *s, bool last)
{
    int64_t now = clock_ms();
    const struct serve_options *o = s->options;
    char text[256];
    if (!o->progress || (!last && now - s->shown < SHOW_EVERY_MS))
        return;
    s->shown = now;
    int workers = 0;
    for (struct agent *a = engine_agents(s->engine); a; a = a->next)
        workers++;
    struct serve_view v = {
        .totals = engine_totals(s->engine),
        .pool = engine_pool(s->engine),
        .intake = s->intake ? intake_report(s->intake) : &s->imported,
        .importing = s->intake != NULL,
        .flying = engine_flying(s->engine),
        .waiting = engine_waiting(s->engine),
        .workers = workers,
        .pairs_total = store_counter(s->store, "pairs.total"),
        .pairs_open = store_counter(s->store, "pairs.open"),
        .pairs_accepted = store_counter(s->store, "pairs.accepted"),
        .pairs_rejected = store_counter(s->store, "pairs.rejected"),
        .pairs_deferred = store_counter(s->store, "pairs.deferred"),
        .builds_total = builds_total(s->store),
        .builds_open = store_counter(s->store, "builds.open"),
        .cost_nano_usd = store_counter(s->store, "cost.nano_usd"),
        .elapsed_ms = now - s->started,
        .calls_a_pair = calls_a_pair(s->project),
        .answers_before = s->answers_before,
        .notice = notice(s, text, sizeof text),
    };
    o->progress(o->context, &v);
}

static void keep_deadline(struct serve *s)
{
    int64_t until = s->options->until_wall_ms;
    if (until && clock_wall_ms() >= until)
        engine_drain(s->engine, "the deadline (--until) has come");
    if (engine_state(s->engine) != ENGINE_RUNNING && !s->drained) {
        s->drained = true;
        serve_drain_all(s);
    }
}

static bool is_over(const struct serve *s)
{
    if (s->stop || s->refused || engine_state(s->engine) == ENGINE_STOPPED)
        return true;
    return !s->intake && feed_is_done(&s->feed) && engine_is_idle(s->engine) &&
           staging_count(s->staging) == 0;
}

static bool may_import(const struct serve *s)
{
    return s->intake && !s->stuck_since && !intake_waits(s->intake);
}

static int64_t wait_for(const struct serve *s, int64_t engine_wait, int64_t crew_wait, bool sent)
{
    if (sent || may_import(s) || is_over(s))
        return 0;
    int64_t wait = clock_sooner(engine_wait, crew_wait);
    if (s->staged_since && !s->stuck_since) {
        int64_t left = s->staged_since + COMMIT_AT_LATEST_MS - clock_ms();
        wait = clock_sooner(wait, left > 0 ? left : 0);
    }
    return clock_sooner(wait, SHOW_EVERY_MS);
}

/* Calls are handed out before the commit, so that waiting for company costs nobody anything. */
static bool commit_is_due(const struct serve *s)
{
    return s->stuck_since || s->urgent || staging_count(s->staging) >= COMMIT_ROWS ||
           clock_ms() - s->staged_since >= COMMIT_AT_LATEST_MS || !engine_leased(s->engine);
}

static bool commit_when_due(struct serve *s, struct err *e)
{
    if (may_import(s))
        return commit(s, true, e);
    if (!s->stuck_since && clock_ms() - s->live_written >= LIVE_EVERY_MS)
        return commit(s, false, e);
    if (staging_count(s->staging) && !commit_is_due(s))
        return true;
    return serve_flush(s, e);
}

/* The inbox is drained before leases are expired: after a stall, the answers that prove a worker
 * alive are read first. */
static bool turn(struct serve *s, struct err *e)
{
    for (int i = 0; i < s->n_doors; i++)
        if (!serve_read(s, &s->doors[i], e))
            return false;
    if (!reap(s, e) || !commit_when_due(s, e))
        return false;
    if (s->grace_until && clock_ms() >= s->grace_until) {
        s->grace_until = 0;
        engine_pause(s->engine, s->stuck_since != 0);
    }
    if (!s->stuck_since && !feed_turn(&s->feed, e))
        return false;
    keep_deadline(s);
    int64_t engine_wait = engine_tick(s->engine, clock_ms());
    int64_t crew_wait = crew_tick(&s->crew, clock_ms(), e);
    if (crew_wait == -2)
        return false;
    if (crew_hopeless(&s->crew))
        return err_set(e, ERR_IO,
                       "the local workers end as soon as they are started; see the "
                       "messages above");
    bool sent = false;
    for (int i = 0; i < s->n_doors; i++)
        sent = outbox_flush(s->doors[i].outbox) || sent;
    show(s, false);
    return loop_turn(s->loop, wait_for(s, engine_wait, crew_wait, sent), e);
}

/* Ending */

/* False: workers elsewhere are not sent home. They keep what they hold for the next coordinator:
 * not all that they have brought is stored, and they would take our BYE for the end of the work. */
static bool send_home(struct serve *s, bool ok)
{
    struct err e;
    bool orderly = ok && !s->stop && serve_flush(s, &e) && staging_count(s->staging) == 0;
    s->sent_home = orderly;
    if (orderly)
        serve_bye_all(s);
    else
        crew_signal(&s->crew, CREW_LET_GO);
    return orderly;
}

static void farewell(struct serve *s, bool ok)
{
    struct err e;
    int busy;
    if (!s->engine || !s->loop)
        return;
    s->crew.ending = true;
    bool awaiting_bye = send_home(s, ok);
    int64_t deadline = clock_ms() + FAREWELL_MS;
    for (;;) {
        for (int i = 0; i < s->n_doors; i++) {
            outbox_flush(s->doors[i].outbox);
            if (!serve_read(s, &s->doors[i], &e))
                log_error("%s", e.text);
        }
        if (!reap(s, &e))
            log_error("%s", e.text);
        int64_t left = deadline - clock_ms();
        bool awaited = crew_running(&s->crew) ||
                       (awaiting_bye && !s->stop && engine_agents(s->engine));
        if (!awaited || left <= 0)
            break;
        loop_turn(s->loop, left, &e);
    }
    crew_signal(&s->crew, SIGKILL);
    if (!serve_take_spools(s, &busy, &e) || !serve_flush(s, &e))
        log_error("%s", e.text);
}

static void conclude(struct serve *s, bool ok, const struct err *e, struct serve_report *r)
{
    const char *why = s->engine ? engine_why(s->engine) : "";
    bool broken = s->import_broken.code != ERR_OK;
    const struct {
        bool is;
        int exit_status;
        const char *before, *sentence;
    } endings[] = {
        {!ok, 1, "failed: ", e->text},
        {s->refused, 2, "", s->refusal},
        {s->stop, 3, "", "stopped at once"},
        {why[0] != '\0', 3, "", why},
        {broken, 1, "not all seeds were read: ", s->import_broken.text},
        {true, 0, "", "complete"},
    };
    size_t i = 0;
    while (!endings[i].is)
        i++;
    r->exit_status = endings[i].exit_status;
    snprintf(r->ending, sizeof r->ending, "%s%s", endings[i].before, endings[i].sentence);
    r->interrupted = s->signals > 0;
    r->imported_all = !s->intake && !broken;
}

bool serve_run(const struct serve_options *o, struct serve_report *report, struct err *e)
{
    struct serve s = {.options = o, .project = o->project, .store = o->store};
    memset(report, 0, sizeof *report);
    s.started = clock_ms();
    buf_init(&s.project_text, TEXT_MAX);
    arena_init(&s.texts, TEXT_MAX);
    bool ok = ledger_begin_run(o->store, o->project, o->seats, o->abilities, &s.run, e);
    bool begun = ok;
    ok = ok && serve_set_up(&s, e);
    while (ok && !is_over(&s))
        ok = turn(&s, e);
    if (ok && !s.stop && !s.refused && engine_state(s.engine) == ENGINE_RUNNING)
        ok = serve_finish(&s, e);
    conclude(&s, ok, e, report);
    if (ok)
        show(&s, true);
    farewell(&s, ok);
    struct err ignored;
    if (begun &&
        !ledger_end_run(o->store, s.run.run, report->exit_status, report->ending, &ignored))
        log_error("%s", ignored.text);
    if (s.engine)
        report->totals = *engine_totals(s.engine);
    report->elapsed_ms = clock_ms() - s.started;
    report->intake = s.intake ? *intake_report(s.intake) : s.imported;
    serve_tear_down(&s);
    return ok;
}
