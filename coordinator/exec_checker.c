#include "coordinator/exec_checker.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/log.h"
#include "coordinator/exec_child.h"
#include "coordinator/exec_job.h"
#include "coordinator/exec_reply.h"
#include "filters/answers/outcome.h"

#define QUEUE_DEFAULT 256
#define REPLIES_AT_ONCE 64
#define CLOSING_S 1.0 /* for a process that has closed its output: to end, and to say how */

/* One process and what it is at. */
struct seat {
    struct exec_checker *x;
    struct exec_child child;
    struct exec_job *job; /* NULL: idle */
    int timer;            /* timerfd */
    bool closing;         /* its output has ended */
    size_t served;        /* comparisons that this process has done */
};

struct exec_checker {
    struct loop *loop;
    struct exec_settings settings;
    struct seat *seats;
    size_t n_seats;
    int bell; /* eventfd: something is to be done, but not within the caller's call */
    struct exec_jobs waiting;
    size_t open;
    int failures; /* in a row */
    bool hopeless;
    bool serving;
};

static void serve(struct exec_checker *x);

struct exec_settings exec_settings_of(const struct project *p, exec_done_fn *done, void *context)
{
    const struct project_endpoint *all = p->endpoints.items;
    struct exec_settings s = {
        .command = p->answers.exec,
        .dir = p->dir,
        .timeout = p->answers.exec_timeout,
        .workers = p->answers.exec_workers,
        .done = done,
        .context = context,
    };
    for (size_t i = 0; i < p->endpoints.n && i < ENDPOINT_MAX; i++)
        if (all[i].api_key_env[0])
            s.hidden[s.n_hidden++] = all[i].api_key_env;
    return s;
}

static void ring(struct exec_checker *x)
{
    const uint64_t one = 1;
    ssize_t ignored = write(x->bell, &one, sizeof one); /* full: it rings already */
    (void)ignored;
}

static void finish(struct exec_checker *x, struct exec_job *job, const struct answer_result *r)
{
    uint64_t id = job->id;
    exec_job_free(job);
    x->open--;
    x->settings.done(x->settings.context, id, r);
}

/* ---- one seat ---- */

static void set_timer(const struct seat *s, double seconds)
{
    struct itimerspec spec = {.it_value.tv_sec = (time_t)seconds};
    spec.it_value.tv_nsec = (long)((seconds - (double)spec.it_value.tv_sec) * 1e9);
    timerfd_settime(s->timer, 0, &spec, NULL); /* 0: off */
}

static void stop(struct seat *s, char *how, size_t n)
{
    struct loop *l = s->x->loop;
    set_timer(s, 0);
    loop_forget(l, s->child.in);
    loop_forget(l, s->child.out);
    loop_forget(l, s->child.err);
    loop_forget(l, s->child.life);
    s->closing = false;
    exec_child_stop(&s->child, how, n);
}

/* What it was at is put to a fresh process when another may have spoilt this one; who took all of
 * the time is the culprit in any case. */
static void fail(struct seat *s, bool took_the_time, const char *why)
{
    struct exec_checker *x = s->x;
    struct exec_job *job = s->job;
    struct answer_result r;
    char how[64] = "", all[ANSWER_WHY];
    bool spoilt = s->served > 0 && !took_the_time;
    stop(s, how, sizeof how);
    s->job = NULL;
    snprintf(all, sizeof all, "the command %s", why[0] ? why : how);
    x->failures++;
    if (x->failures >= EXEC_HOPELESS && !x->hopeless) {
        x->hopeless = true;
        log_error("answers.exec: the command failed %d times in a row (at last it %s); it is not "
                  "started again",
                  x->failures, why[0] ? why : how);
    }
    if (job && spoilt && !job->tried) {
        job->tried = true;
        exec_jobs_put_first(&x->waiting, job);
    } else if (job) {
        log_warn("answers.exec: %s; its comparison is unknown", all);
        outcome_all(&r, ANSWER_UNKNOWN, "-");
        exec_reply_reason(&r, slice_of(all));
        finish(x, job, &r);
    }
    serve(x);
}

/* A pipe is closed a little before the process has ended, whose status says more. */
static void end_talk(struct seat *s)
{
    if (!s->job) {
        stop(s, NULL, 0);
        return;
    }
    if (s->child.life < 0) {
        fail(s, false, "");
        return;
    }
    loop_forget(s->x->loop, s->child.in);
    loop_forget(s->x->loop, s->child.out);
    s->closing = true;
    set_timer(s, CLOSING_S);
}

/* A line came: the reply, or something that nobody asked for. False: the process is gone. */
static bool take_line(struct seat *s, struct slice line)
{
    struct answer_result r;
    struct err e;
    if (!s->job) {
        log_warn("answers.exec: the command wrote more than its reply; it is started again");
        stop(s, NULL, 0);
        serve(s->x);
        return false;
    }
    if (!exec_reply_read(line, s->job->id, &r, &e)) {
        fail(s, false, e.text);
        return false;
    }
    struct exec_job *job = s->job;
    s->job = NULL;
    s->served++;
    s->x->failures = 0;
    set_timer(s, 0);
    finish(s->x, job, &r);
    return true;
}

/* Lines that are there. False: the process is gone, or says nothing more. */
static bool take_output(struct seat *s)
{
    for (int i = 0; i < REPLIES_AT_ONCE; i++) {
        struct slice line;
        switch (exec_child_read(&s->child, &line)) {
        case EXEC_CHILD_LINE_CAME:
            if (!take_line(s, line))
                return false;
            break;
        case EXEC_CHILD_NOTHING:
            return true;
        case EXEC_CHILD_LONG:
            fail(s, false, "wrote a line that is too long");
            return false;
        case EXEC_CHILD_CLOSED:
            end_talk(s);
            return false;
        }
    }
    return true;
}

static void on_output(void *context, uint32_t events)
{
    struct seat *s = context;
    (void)events;
    take_output(s);
    serve(s->x);
}

/* It has ended; something that it started may still hold its pipes. */
static void on_end(void *context, uint32_t events)
{
    struct seat *s = context;
    (void)events;
    if (!s->closing && !take_output(s) && !s->closing)
        return; /* a new process, or none */
    if (s->job)
        fail(s, false, "");
    else
        stop(s, NULL, 0);
    serve(s->x);
}

static void on_notes(void *context, uint32_t events)
{
    struct seat *s = context;
    (void)events;
    if (!exec_child_log(&s->child))
        loop_forget(s->x->loop, s->child.err);
}

static void on_timer(void *context, uint32_t events)
{
    struct seat *s = context;
    uint64_t times;
    char why[80];
    (void)events;
    if (read(s->timer, &times, sizeof times) != (ssize_t)sizeof times || !s->job)
        return;
    if (s->closing) {
        fail(s, false, "closed its input or output");
        return;
    }
    snprintf(why, sizeof why, "did not answer within %g s", s->x->settings.timeout);
    fail(s, true, why);
}

/* Sends what can be sent. False: the process takes nothing any more. */
static bool send_request(struct seat *s);

static void on_input(void *context, uint32_t events)
{
    struct seat *s = context;
    (void)events;
    if (!send_request(s))
        end_talk(s);
}

static bool send_request(struct seat *s)
{
    struct err ignored;
    if (!exec_child_write(&s->child))
        return false;
    if (!exec_child_wants(&s->child)) {
        loop_forget(s->x->loop, s->child.in);
        return true;
    }
    return loop_watch(s->x->loop, s->child.in, EPOLLOUT, on_input, s, &ignored);
}

static bool start(struct seat *s, struct err *e)
{
    const struct exec_settings *set = &s->x->settings;
    const struct exec_child_command command = {set->command, set->dir, set->hidden, set->n_hidden};
    if (s->child.pid)
        return true;
    s->served = 0;
    return exec_child_start(&s->child, &command, e) &&
           loop_watch(s->x->loop, s->child.out, EPOLLIN, on_output, s, e) &&
           loop_watch(s->x->loop, s->child.err, EPOLLIN, on_notes, s, e) &&
           (s->child.life < 0 || loop_watch(s->x->loop, s->child.life, EPOLLIN, on_end, s, e));
}

/* An idle process that has ended, or said something unasked, is not trusted with the next job. */
static void look_before(struct seat *s)
{
    struct slice line;
    if (!s->child.pid || exec_child_read(&s->child, &line) == EXEC_CHILD_NOTHING)
        return;
    stop(s, NULL, 0);
}

static void begin(struct seat *s, struct exec_job *job)
{
    struct err e;
    look_before(s);
    s->job = job;
    if (!start(s, &e)) {
        fail(s, false, e.text);
        return;
    }
    buf_clear(&s->child.request);
    s->child.sent = 0;
    buf_slice(&s->child.request, buf_view(&job->line));
    set_timer(s, s->x->settings.timeout);
    if (s->child.request.failed || !send_request(s))
        end_talk(s);
}

/* ---- all of them ---- */

static void give_up(struct exec_checker *x)
{
    struct answer_result r;
    outcome_all(&r, ANSWER_UNKNOWN, "the command failed %d times in a row; it is not started again",
                EXEC_HOPELESS);
    for (size_t n = x->waiting.n; n > 0; n--)
        finish(x, exec_jobs_take(&x->waiting), &r);
    if (x->waiting.n)
        ring(x); /* asked for by `done`: later */
}

static struct seat *idle_seat(struct exec_checker *x)
{
    for (size_t i = 0; i < x->n_seats; i++)
        if (!x->seats[i].job)
            return &x->seats[i];
    return NULL;
}

/* begin() may end in fail(), which calls this again: the outer one then goes on. */
static void serve(struct exec_checker *x)
{
    struct seat *s;
    if (x->serving)
        return;
    x->serving = true;
    while (!x->hopeless && x->waiting.first && (s = idle_seat(x)) != NULL)
        begin(s, exec_jobs_take(&x->waiting));
    if (x->hopeless && x->waiting.first)
        give_up(x);
    x->serving = false;
}

static void on_bell(void *context, uint32_t events)
{
    struct exec_checker *x = context;
    uint64_t times;
    (void)events;
    if (read(x->bell, &times, sizeof times) == (ssize_t)sizeof times)
        serve(x);
}

static bool set_up_seat(struct exec_checker *x, struct seat *s, struct err *e)
{
    s->x = x;
    exec_child_init(&s->child);
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (s->timer < 0)
        return err_sys(e, "cannot create a timer");
    return loop_watch(x->loop, s->timer, EPOLLIN, on_timer, s, e);
}

static bool set_up(struct exec_checker *x, struct err *e)
{
    x->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (x->bell < 0)
        return err_sys(e, "cannot create an eventfd");
    x->seats = calloc((size_t)x->settings.workers, sizeof *x->seats);
    if (!x->seats)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (; x->n_seats < (size_t)x->settings.workers; x->n_seats++) {
        x->seats[x->n_seats].timer = -1;
        if (!set_up_seat(x, &x->seats[x->n_seats], e)) {
            x->n_seats++;
            return false;
        }
    }
    return loop_watch(x->loop, x->bell, EPOLLIN, on_bell, x, e);
}

struct exec_checker *exec_checker_new(struct loop *loop, const struct exec_settings *settings,
                                      struct err *e)
{
    assert(settings->workers >= 1 && settings->workers <= 64 && settings->timeout > 0);
    struct exec_checker *x = calloc(1, sizeof *x);
    if (!x) {
        err_set(e, ERR_NOMEM, "out of memory");
        return NULL;
    }
    x->loop = loop;
    x->settings = *settings;
    x->bell = -1;
    if (!x->settings.queue)
        x->settings.queue = QUEUE_DEFAULT;
    if (!set_up(x, e)) {
        exec_checker_free(x);
        return NULL;
    }
    return x;
}

void exec_checker_free(struct exec_checker *x)
{
    if (!x)
        return;
    for (size_t i = 0; i < x->n_seats; i++) {
        struct seat *s = &x->seats[i];
        stop(s, NULL, 0);
        exec_job_free(s->job);
        loop_forget(x->loop, s->timer);
        if (s->timer >= 0)
            close(s->timer);
    }
    while (x->waiting.first)
        exec_job_free(exec_jobs_take(&x->waiting));
    if (x->bell >= 0) {
        loop_forget(x->loop, x->bell);
        close(x->bell);
    }
    free(x->seats);
    free(x);
}

bool exec_checker_ask(struct exec_checker *x, uint64_t id, struct slice gold,
                      struct slice candidate, struct slice prompt, struct err *e)
{
    if (x->waiting.n >= x->settings.queue)
        return err_set(e, ERR_BUSY, "%zu comparisons wait for the command", x->waiting.n);
    struct exec_job *job = exec_job_new(id, gold, candidate, prompt, e);
    if (!job)
        return false;
    exec_jobs_put(&x->waiting, job);
    x->open++;
    ring(x);
    return true;
}

size_t exec_checker_open(const struct exec_checker *x)
{
    return x->open;
}

bool exec_checker_hopeless(const struct exec_checker *x)
{
    return x->hopeless;
}
