#include "worker/teacher/teacher.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "worker/teacher/exchange.h"
#include "worker/teacher/request.h"

#define NO_PROXY_MAX 65536
#define MOST_KEYS 12    /* of the secrets that a process can register */
#define STALL_MS 250    /* a deadline seen this late: we were not running */
#define PATIENCE_MS 500 /* after a stall: time to read what has arrived in the meantime */

struct teacher {
    const struct project *project;
    struct loop *loop;
    teacher_done_fn *done;
    void *context;
    struct exchange_terms terms;
    json *extra;            /* of every request */
    struct target *targets; /* one for each endpoint */
    struct buf no_proxy;
    struct multi **multis;
    size_t n_multis;
    struct heap deadlines; /* of all exchanges in flight */
    struct exchange *resting;
    uint64_t n_started;
    int64_t patience; /* no deadline is enforced before this time */
    struct buf body;  /* of the request being built */
};

/* The environment's proxies are honoured, but a server on this machine is never behind one. */
static bool read_no_proxy(struct buf *out, struct err *e)
{
    const char *given = getenv("no_proxy");
    if (!given)
        given = getenv("NO_PROXY");
    buf_str(out, "localhost,127.0.0.1,::1");
    if (given && *given)
        buf_addf(out, ",%s", given);
    return buf_ok(out, "no_proxy", e);
}

static bool open_share(struct teacher *t, struct err *e)
{
    t->terms.share = curl_share_init();
    if (!t->terms.share)
        return err_set(e, ERR_NOMEM, "out of memory for shared connections");
    curl_share_setopt(t->terms.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(t->terms.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    return true;
}

static bool has_same_key(const struct project_endpoint *a, const struct project_endpoint *b)
{
    return strcmp(a->api_key_env, b->api_key_env) == 0 &&
           strcmp(a->api_key_file, b->api_key_file) == 0;
}

/* A key that cannot be hidden from the log may not be used. */
static bool check_keys(const struct project *p, struct err *e)
{
    const struct project_endpoint *all = (const struct project_endpoint *)p->endpoints.items;
    size_t distinct = 0;
    for (size_t i = 0; i < p->endpoints.n; i++) {
        bool known = !*all[i].api_key_env && !*all[i].api_key_file;
        for (size_t j = 0; j < i && !known; j++)
            known = has_same_key(&all[i], &all[j]);
        distinct += !known;
    }
    return distinct <= MOST_KEYS || err_set(e, ERR_USAGE,
                                            "endpoints: %zu different keys; at most %d can be "
                                            "kept out of the log",
                                            distinct, MOST_KEYS);
}

bool teacher_keys(const struct project *p, struct err *e)
{
    bool ok = check_keys(p, e);
    for (size_t i = 0; ok && i < p->endpoints.n; i++) {
        struct target target;
        ok = target_open(&target, p, i, e);
        target_close(&target);
    }
    return ok;
}

static bool open_targets(struct teacher *t, struct err *e)
{
    size_t n = t->project->endpoints.n;
    if (!check_keys(t->project, e))
        return false;
    t->targets = calloc(n ? n : 1, sizeof *t->targets);
    if (!t->targets)
        return err_set(e, ERR_NOMEM, "out of memory for %zu endpoints", n);
    for (size_t i = 0; i < n; i++)
        if (!target_open(&t->targets[i], t->project, i, e))
            return false;
    return true;
}

static bool set_up(struct teacher *t, struct err *e)
{
    const struct project *p = t->project;
    if (!request_extra(slice_of(p->generation.extra), &t->extra, e) ||
        !read_no_proxy(&t->no_proxy, e) || !open_share(t, e) || !open_targets(t, e))
        return false;
    t->terms.deadlines = p->deadlines;
    t->terms.body_bytes = (size_t)p->limits.body_bytes;
    t->terms.no_proxy = buf_cstr(&t->no_proxy);
    t->terms.ca_file = getenv("SSL_CERT_FILE"); /* libcurl itself does not look */
    return true;
}

struct teacher *teacher_new(const struct project *p, struct loop *loop, teacher_done_fn *done,
                            void *context, struct err *e)
{
    struct teacher *t = calloc(1, sizeof *t);
    if (!t || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(t);
        err_set(e, ERR_NOMEM, "cannot start libcurl");
        return NULL;
    }
    t->project = p;
    t->loop = loop;
    t->done = done;
    t->context = context;
    heap_init(&t->deadlines);
    buf_init(&t->no_proxy, NO_PROXY_MAX);
    buf_init(&t->body, (size_t)p->limits.message_bytes);
    if (set_up(t, e))
        return t;
    teacher_free(t);
    return NULL;
}

static void retire(struct teacher *t, struct exchange *x)
{
    heap_remove(&t->deadlines, &x->deadline);
    multi_remove(x->multi, x->easy);
    x->multi = NULL;
}

static void put_to_rest(struct teacher *t, struct exchange *x)
{
    exchange_rest(x);
    x->next = t->resting;
    t->resting = x;
}

static struct exchange *earliest(const struct teacher *t)
{
    return (struct exchange *)heap_top(&t->deadlines);
}

void teacher_free(struct teacher *t)
{
    if (!t)
        return;
    for (struct exchange *x; (x = earliest(t));) {
        retire(t, x);
        exchange_free(x);
    }
    for (struct exchange *x; (x = t->resting);) {
        t->resting = x->next;
        exchange_free(x);
    }
    for (size_t i = 0; i < t->n_multis; i++)
        multi_free(t->multis[i]);
    for (size_t i = 0; t->targets && i < t->project->endpoints.n; i++)
        target_close(&t->targets[i]);
    curl_share_cleanup(t->terms.share);
    free(t->multis);
    free(t->targets);
    json_free(t->extra);
    heap_free(&t->deadlines);
    buf_free(&t->no_proxy);
    buf_free(&t->body);
    free(t);
    curl_global_cleanup();
}

/* The first with room, so that when few calls are in flight they share few, warm connections. */
static struct multi *roomy_multi(struct teacher *t, struct err *e)
{
    for (size_t i = 0; i < t->n_multis; i++)
        if (multi_load(t->multis[i]) < MULTI_CAPACITY)
            return t->multis[i];
    struct multi **multis = reallocarray(t->multis, t->n_multis + 1, sizeof(struct multi *));
    if (!multis) {
        err_set(e, ERR_NOMEM, "out of memory for connections");
        return NULL;
    }
    t->multis = multis;
    struct multi *m = multi_new(t->loop, e);
    if (m)
        t->multis[t->n_multis++] = m;
    return m;
}

static struct exchange *rested(struct teacher *t, struct err *e)
{
    struct exchange *x = t->resting;
    if (!x)
        return exchange_new(&t->terms, e);
    t->resting = x->next;
    return x;
}

static bool send_off(struct teacher *t, struct exchange *x, const struct target *target,
                     size_t choices, struct err *e)
{
    struct multi *m = roomy_multi(t, e);
    int64_t now = clock_ms();
    if (!m || !exchange_prepare(x, target, buf_view(&t->body), choices, now, e))
        return false;
    if (!heap_put(&t->deadlines, &x->deadline, exchange_look(x, now), t->n_started++))
        return err_set(e, ERR_NOMEM, "out of memory for a deadline");
    if (!multi_add(m, x->easy, e)) {
        heap_remove(&t->deadlines, &x->deadline);
        return false;
    }
    x->multi = m;
    return true;
}

struct exchange *teacher_start(struct teacher *t, size_t endpoint, const struct chat *chat,
                               const struct request_shape *shape, void *call, struct err *e)
{
    const struct project *p = t->project;
    assert(endpoint < p->endpoints.n);
    const struct project_endpoint *to = (const struct project_endpoint *)p->endpoints.items;
    buf_clear(&t->body);
    request_write(&t->body, &p->generation, t->extra, to[endpoint].model, chat, shape);
    if (!buf_ok(&t->body, "the request", e))
        return NULL;
    struct exchange *x = rested(t, e);
    if (!x)
        return NULL;
    if (!send_off(t, x, &t->targets[endpoint], shape->n > 1 ? (size_t)shape->n : 1, e)) {
        put_to_rest(t, x);
        return NULL;
    }
    x->call = call;
    return x;
}

void teacher_cancel(struct teacher *t, struct exchange *x)
{
    assert(x->multi);
    retire(t, x);
    put_to_rest(t, x);
}

size_t teacher_in_flight(const struct teacher *t)
{
    return t->deadlines.n;
}

static void finish(struct teacher *t, struct exchange *x, const struct teacher_answer *answer)
{
    t->done(t->context, x->call, answer);
    put_to_rest(t, x);
}

static void take_finished(struct teacher *t, struct multi *m)
{
    CURL *easy;
    CURLcode code;
    while (multi_next(m, &easy, &code)) {
        struct exchange *x;
        struct teacher_answer answer;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &x);
        exchange_over(x, code, clock_ms(), &answer);
        retire(t, x);
        finish(t, x, &answer);
    }
}

/* Deadlines move with every byte; the heap learns of it when it is time to look. */
static void expire(struct teacher *t, int64_t now)
{
    struct exchange *x = earliest(t);
    if (x && x->deadline.key + STALL_MS < now && exchange_due(x) + STALL_MS < now &&
        t->patience + PATIENCE_MS < now)
        t->patience = now + PATIENCE_MS;
    while (now >= t->patience && (x = earliest(t)) && x->deadline.key <= now) {
        struct teacher_answer answer;
        if (exchange_due(x) > now) {
            heap_put(&t->deadlines, &x->deadline, exchange_look(x, now), x->deadline.tie);
            continue;
        }
        exchange_expired(x, now, &answer);
        retire(t, x);
        finish(t, x, &answer);
    }
}

static int64_t wait_of(const struct teacher *t)
{
    int64_t due = MULTI_NEVER;
    const struct exchange *first = earliest(t);
    if (first)
        due = first->deadline.key > t->patience ? first->deadline.key : t->patience;
    for (size_t i = 0; i < t->n_multis; i++)
        if (multi_due(t->multis[i]) < due)
            due = multi_due(t->multis[i]);
    if (due == MULTI_NEVER)
        return -1;
    int64_t now = clock_ms();
    return due > now ? due - now : 0;
}

int64_t teacher_turn(struct teacher *t)
{
    for (size_t i = 0; i < t->n_multis; i++) {
        multi_turn(t->multis[i], clock_ms());
        take_finished(t, t->multis[i]);
    }
    expire(t, clock_ms());
    return wait_of(t);
}
