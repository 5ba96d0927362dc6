#include "worker/worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/link.h"
#include "base/log.h"
#include "base/spool.h"
#include "worker/judging.h"
#include "worker/session.h"
#include "worker/teacher/teacher.h"

#define ONE_WISH_MS 1000
#define LET_GO SIGUSR1 /* from the parent, or because it died: stop now (CREW_LET_GO) */
#define FRAME_MAX (512u * 1024 * 1024)
#define FRAME_SOON (1024u * 1024) /* a frame is sent at this size, though the turn goes on */
#define CALL_MEMORY (256u * 1024 * 1024)
#define SPOOL_SPARE (32u * 1024 * 1024) /* acknowledged answers that a spool may hold */

/* The project as this worker serves it; made anew when the coordinator sends another. */
struct assignment {
    struct arena arena;
    struct project project;
    struct chain chain;
    struct teacher *teacher;
};

struct worker {
    const struct worker_options *options;
    struct loop *loop;
    struct link *link;
    struct session *session;
    struct assignment *assignment;
    struct buf out;
    struct arena arena; /* of the call that is being started or judged */
    struct spool *spool;
    struct id uid;
    unsigned spools;
    uint64_t spool_limit; /* at this size what is still needed moves to a new file */
    bool spool_failed;    /* it lacks an answer that is not acknowledged yet */
    int signals;
    int64_t signalled; /* monotonic ms of the last one */
    bool stop;
};

static void free_assignment(struct assignment *a)
{
    if (!a)
        return;
    teacher_free(a->teacher);
    arena_free(&a->arena);
    free(a);
}

/* What the session needs */

static void flush(struct worker *w)
{
    struct err e;
    if (!w->out.n)
        return;
    if (w->out.failed)
        log_error("a message of more than %u bytes was not sent", FRAME_MAX);
    else if (link_send(w->link, 0, buf_view(&w->out), &e) == LINK_FAILED)
        log_error("%s", e.text);
    buf_clear(&w->out); /* what was not sent is repeated by the session until it is acknowledged */
}

static struct buf *session_out(void *context)
{
    struct worker *w = context;
    if (w->out.n > FRAME_SOON)
        flush(w);
    return &w->out;
}

static void on_answer(void *context, void *call, const struct teacher_answer *answer);

static bool take_project(void *context, struct slice text, struct err *e)
{
    struct worker *w = context;
    struct assignment *a = calloc(1, sizeof *a);
    if (!a)
        return err_set(e, ERR_NOMEM, "out of memory");
    arena_init(&a->arena, 16 * 1024 * 1024);
    if (!project_from_text(&a->project, &a->arena, "the coordinator's project", text, e) ||
        !chain_build(&a->chain, &a->project, e))
        goto fail;
    a->teacher = teacher_new(&a->project, w->loop, on_answer, w, e);
    if (!a->teacher)
        goto fail;
    free_assignment(w->assignment);
    w->assignment = a;
    return true;
fail:
    free_assignment(a);
    return false;
}

static void stop_exchange(void *context, struct job *job)
{
    struct worker *w = context;
    teacher_cancel(w->assignment->teacher, job->exchange);
}

static bool open_spool(struct worker *w, struct err *e)
{
    char path[4096], hex[ID_HEX];
    id_hex(&w->uid, hex);
    snprintf(path, sizeof path, "%s/%s-%u.spool", w->options->spool, hex, ++w->spools);
    w->spool = spool_create(path, e);
    w->spool_limit = SPOOL_SPARE;
    return w->spool != NULL;
}

static void spool_again(void *context, struct slice report)
{
    struct worker *w = context;
    struct err e;
    if (spool_add(w->spool, report, &e))
        return;
    if (!w->spool_failed)
        log_warn("%s; finished answers are kept in memory alone until they are stored", e.text);
    w->spool_failed = true;
}

/* The old file goes only after all that is still needed of it stands in the new one; else the
 * coordinator finds it. The limit grows with what is needed: moving it costs no more than writing
 * it did. False: there is no new file. */
static bool renew_spool(struct worker *w)
{
    struct err e;
    struct spool *old = w->spool;
    if (!open_spool(w, &e)) {
        if (!w->spool_failed)
            log_warn("%s", e.text);
        w->spool = old;
        return false;
    }
    w->spool_failed = false;
    session_each_kept(w->session, spool_again, w);
    w->spool_limit += 2 * spool_size(w->spool);
    spool_close(old, !w->spool_failed);
    return true;
}

static void keep_report(void *context, struct slice report)
{
    struct worker *w = context;
    if (!w->spool)
        return;
    /* A new spool begins with all that is held, and so with this report. */
    if (spool_size(w->spool) < w->spool_limit || !renew_spool(w))
        spool_again(w, report);
}

static void kept_reports_cleared(void *context)
{
    struct worker *w = context;
    struct err e;
    w->spool_failed = false;
    if (w->spool && spool_size(w->spool) && !spool_clear(w->spool, &e))
        log_warn("%s", e.text);
}

/* Calls */

static enum continuation continuation_of(const struct project *p, size_t endpoint)
{
    const struct project_endpoint *all = p->endpoints.items;
    enum continuation how = (enum continuation)all[endpoint].continuation;
    return how == CONTINUATION_AUTO ? CONTINUATION_TURN : how;
}

/* What a job's batch asks, from the texts that came with it. */
static bool read_judging(const struct worker *w, const struct job *job, struct judging *j,
                         struct arena *arena, struct err *e)
{
    const struct job_batch *batch = job->batch;
    size_t endpoint = job->call.endpoint;
    const struct assignment *a = w->assignment;
    if (endpoint >= a->project.endpoints.n)
        return err_set(e, ERR_PROTOCOL, "the coordinator named endpoint %zu", endpoint);
    *j = (struct judging){.project = &a->project,
                          .chain = &a->chain,
                          .ask = (enum ask)batch->ask,
                          .format = (enum format)batch->format,
                          .k = (uint8_t)(job->call.key.k - job->choice),
                          .step = job->call.key.step,
                          .how = continuation_of(&a->project, endpoint),
                          .cue = batch->cue};
    return task_read(batch->task, &j->task, arena, e) &&
           (batch->history.n == 0 || history_read(batch->history, &j->history, arena, e));
}

/* The jobs of a batch that still wait; the batch goes when the last of them is reported. */
static size_t waiting_jobs(const struct job_batch *batch, struct job *jobs[CALL_MAX_K])
{
    size_t n = 0;
    for (size_t i = 0; i < batch->n; i++)
        if (batch->jobs[i])
            jobs[n++] = batch->jobs[i];
    return n;
}

static void fail_batch(struct worker *w, const struct job_batch *batch,
                       const struct teacher_answer *answer)
{
    struct job *jobs[CALL_MAX_K];
    size_t n = waiting_jobs(batch, jobs);
    for (size_t i = 0; i < n; i++)
        session_fail(w->session, jobs[i], answer->failure, answer->http_status,
                     answer->retry_after_ms, answer->message, clock_ms());
}

/* An answer that cannot be made a result of is as good as none. */
static void report_job(struct worker *w, struct job *job, const struct judging *j,
                       const struct teacher_answer *answer, struct arena *arena)
{
    struct err e;
    struct call_result result;
    if (job->choice > answer->n_more)
        session_fail(w->session, job, FAILURE_BAD_ANSWER, answer->http_status, -1,
                     S("the server sent fewer choices than were asked for (n)"), clock_ms());
    else if (judging_result(j, answer, job->choice, &result, arena, &e))
        session_result(w->session, job, &result, clock_ms());
    else
        session_fail(w->session, job, FAILURE_TOO_LARGE, answer->http_status, -1, slice_of(e.text),
                     clock_ms());
}

static void report_batch(struct worker *w, const struct job_batch *batch,
                         const struct teacher_answer *answer, struct arena *arena)
{
    struct err e;
    struct judging j;
    struct chat chat;
    struct request_shape shape;
    struct job *jobs[CALL_MAX_K];
    size_t n = waiting_jobs(batch, jobs);
    if (n == 0) /* nobody waits for it any more */
        return;
    bool ok = read_judging(w, jobs[0], &j, arena, &e) &&
              (!judging_needs_request(j.ask) ||
               judging_render(&j, batch->seed, (int)batch->n, &chat, &shape, arena, &e));
    for (size_t i = 0; i < n; i++) {
        if (ok)
            report_job(w, jobs[i], &j, answer, arena);
        else
            session_fail(w->session, jobs[i], FAILURE_RENDER, 0, -1, slice_of(e.text), clock_ms());
    }
}

static void on_answer(void *context, void *call, const struct teacher_answer *answer)
{
    struct worker *w = context;
    const struct job_batch *batch = call;
    if (!answer->ok) {
        fail_batch(w, batch, answer);
        return;
    }
    report_batch(w, batch, answer, &w->arena);
    arena_reset(&w->arena);
}

static void *start(struct worker *w, const struct job *job, struct arena *arena, struct err *e)
{
    struct judging j;
    struct chat chat;
    struct request_shape shape;
    struct job_batch *batch = job->batch;
    if (!read_judging(w, job, &j, arena, e) ||
        !judging_render(&j, batch->seed, (int)batch->n, &chat, &shape, arena, e))
        return NULL;
    return teacher_start(w->assignment->teacher, job->call.endpoint, &chat, &shape, batch, e);
}

static void start_queued(struct worker *w)
{
    struct job *job;
    while (session_flying(w->session) < w->options->slots &&
           (job = session_queued(w->session)) != NULL) {
        struct err e;
        void *exchange = start(w, job, &w->arena, &e);
        if (exchange)
            session_started(w->session, job, exchange);
        else
            fail_batch(w, job->batch,
                       &(struct teacher_answer){.failure = FAILURE_RENDER,
                                                .retry_after_ms = -1,
                                                .message = slice_of(e.text)});
        arena_reset(&w->arena);
    }
}

/* The loop */

static bool drain_inbox(struct worker *w, struct err *e)
{
    struct slice frame;
    uint32_t peer;
    enum link_got got;
    while ((got = link_recv(w->link, &peer, &frame, e)) == LINK_FRAME) {
        struct wire_message m;
        int more;
        int64_t now = clock_ms();
        while ((more = wire_next(&frame, &m, e)) == 1)
            session_hear(w->session, &m, now);
        if (more < 0)
            log_error("the coordinator sent %s", e->text);
    }
    return got == LINK_NOTHING;
}

static void on_link(void *context, uint32_t events)
{
    (void)context;
    (void)events; /* the inbox is drained every turn */
}

static void on_signal(void *context, int number)
{
    struct worker *w = context;
    bool local = w->options->parent != 0;
    if (local && number != LET_GO)
        return; /* terminals and job managers tell the whole group; the parent decides */
    /* timeout(1) and others send SIGTERM twice: that is one wish. */
    if (number == SIGTERM && w->signals && clock_ms() - w->signalled < ONE_WISH_MS)
        return;
    w->signalled = clock_ms();
    if (local || ++w->signals > 1) {
        w->stop = true;
        return;
    }
    log_info("finishing %zu calls in flight; once more to stop at once",
             session_flying(w->session));
    session_leave(w->session, clock_ms());
}

static bool is_alone(const struct worker *w)
{
    return clock_ms() - session_heard(w->session) > (int64_t)(w->options->give_up_after * 1000);
}

static bool turn(struct worker *w, struct err *e)
{
    int64_t wait = -1;
    if (!drain_inbox(w, e))
        return false;
    if (w->assignment) {
        start_queued(w);
        wait = teacher_turn(
            w->assignment->teacher); /* begins what was started, ends what is done */
        if (session_queued(w->session) && session_flying(w->session) < w->options->slots)
            wait = 0;
    }
    wait = clock_sooner(wait, session_tick(w->session, clock_ms()));
    bool sent = w->out.n > 0;
    flush(w);
    /* ZeroMQ signals edges: after sending, the inbox must be looked at before sleeping. */
    bool now = sent || w->stop || session_state(w->session) == SESSION_CLOSED;
    return loop_turn(w->loop, now ? 0 : wait, e);
}

/* What has arrived by the time of the stop is paid for: it is read, judged and spooled. */
static bool take_last_answers(struct worker *w, struct err *e)
{
    size_t flying = SIZE_MAX;
    while (w->assignment && teacher_in_flight(w->assignment->teacher) < flying) {
        flying = teacher_in_flight(w->assignment->teacher);
        if (!loop_turn(w->loop, 0, e))
            return false;
        teacher_turn(w->assignment->teacher);
    }
    return true;
}

static enum worker_ending work(struct worker *w, char *why, size_t n, struct err *e)
{
    while (session_state(w->session) != SESSION_CLOSED && !w->stop) {
        if (!turn(w, e))
            return WORKER_FAILED;
        if (is_alone(w)) {
            snprintf(why, n,
                     "no word from the coordinator at %s for %.0f seconds; does it run there, and "
                     "can this machine reach it?",
                     w->options->endpoint, w->options->give_up_after);
            return WORKER_ALONE;
        }
    }
    if (w->stop && !take_last_answers(w, e))
        return WORKER_FAILED;
    flush(w);
    snprintf(why, n, "%s", w->stop ? "stopped" : session_why(w->session));
    return session_refused(w->session) ? WORKER_REFUSED : WORKER_DONE;
}

static void raise_limits(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* A local worker ends with its parent. The parent may have died before prctl took hold. */
static bool bind_to_parent(const struct worker_options *o)
{
    if (!o->parent)
        return true;
    prctl(PR_SET_PDEATHSIG, LET_GO);
    return getppid() == (pid_t)o->parent;
}

static bool set_up(struct worker *w, const struct session_io *io, struct wire_hello *hello,
                   struct err *e)
{
    static const int signals[] = {SIGINT, SIGTERM, LET_GO};
    if (getrandom(w->uid.b, ID_BYTES, 0) != ID_BYTES)
        return err_sys(e, "cannot get random bytes");
    hello->worker = w->uid;
    w->loop = loop_new(e);
    if (!w->loop || !loop_signals(w->loop, signals, 3, on_signal, w, e))
        return false;
    w->link = link_connect(w->options->endpoint, FRAME_MAX, e);
    if (!w->link || !loop_watch(w->loop, link_fd(w->link), EPOLLIN, on_link, w, e))
        return false;
    w->session = session_new(hello, io, clock_ms());
    if (!w->session)
        return err_set(e, ERR_NOMEM, "out of memory");
    return !w->options->spool || open_spool(w, e);
}

static void tear_down(struct worker *w)
{
    bool all_acknowledged = !w->session || session_jobs(w->session) == 0;
    session_free(w->session);
    free_assignment(w->assignment);
    if (w->spool)
        spool_close(w->spool, all_acknowledged);
    link_close(w->link);
    loop_free(w->loop);
    buf_free(&w->out);
    arena_free(&w->arena);
}

enum worker_ending worker_run(const struct worker_options *o, char *why, size_t n, struct err *e)
{
    struct worker w = {.options = o};
    char host[128] = "?";
    gethostname(host, sizeof host - 1);
    struct wire_hello hello = {.version = WIRE_VERSION,
                               .program = S("gavel " GAVEL_VERSION),
                               .slots = o->slots,
                               .read_ahead = o->slots < 64 ? o->slots : 64 + o->slots / 16,
                               .pid = (uint32_t)getpid(),
                               .host = slice_of(host),
                               .local = o->parent != 0};
    const struct session_io io = {.context = &w,
                                  .out = session_out,
                                  .project = take_project,
                                  .stop = stop_exchange,
                                  .keep = keep_report,
                                  .cleared = kept_reports_cleared};
    if (!bind_to_parent(o)) {
        snprintf(why, n, "its parent has ended");
        return WORKER_DONE;
    }
    raise_limits();
    buf_init(&w.out, FRAME_MAX);
    arena_init(&w.arena, CALL_MEMORY);
    enum worker_ending ending = set_up(&w, &io, &hello, e) ? work(&w, why, n, e) : WORKER_FAILED;
    tear_down(&w);
    return ending;
}
