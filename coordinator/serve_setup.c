/* How a coordinator gets ready: doors, engine, pairs, crew; and how it puts everything away. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "coordinator/changes.h"
#include "coordinator/redecide.h"
#include "coordinator/relabel.h"
#include "coordinator/serve_private.h"

enum {
    ONE_WISH_MS = 1000, /* a SIGTERM that follows another this soon says nothing new */
    /* For workers elsewhere to connect again (2 s at most), to learn with their next PING that
     * nobody knows them (2 s), and to say what they hold. */
    RESTART_GRACE_MS = 6000,
    FRAME_MAX = 512 * 1024 * 1024,
    CHANGES_MAX = 64 * 1024,
};

static void on_signal(void *context, int number)
{
    struct serve *s = context;
    if (number == SIGCHLD)
        return; /* looked at every turn */
    /* timeout(1) and others send SIGTERM twice, to us and to our group: that is one wish. */
    if (number == SIGTERM && s->signals && clock_ms() - s->signalled < ONE_WISH_MS)
        return;
    s->signalled = clock_ms();
    if (++s->signals > 1 || !s->engine) {
        s->stop = true;
        return;
    }
    log_info("interrupted: waiting for %llu calls in flight; once more stops at once",
             (unsigned long long)engine_flying(s->engine));
    engine_drain(s->engine, "interrupted");
}

static void on_link(void *context, uint32_t events)
{
    (void)context;
    (void)events; /* the inbox is drained every turn */
}

static bool open_door(struct serve *s, const char *endpoint, struct err *e)
{
    struct serve_door *d = &s->doors[s->n_doors];
    d->serve = s;
    d->index = s->n_doors;
    d->link = link_bind(endpoint, FRAME_MAX, e);
    if (!d->link)
        return false;
    s->n_doors++;
    d->outbox = outbox_new(d->link, serve_gone, d);
    if (!d->outbox)
        return err_set(e, ERR_NOMEM, "out of memory");
    return loop_watch(s->loop, link_fd(d->link), EPOLLIN, on_link, s, e);
}

/* A folder of our own for the socket, which other users of the machine cannot enter. Its name
 * follows from the store's, whose lock we hold: what a killed run left behind is used again. */
static bool make_socket_dir(struct serve *s, struct err *e)
{
    const char *base = getenv("TMPDIR");
    struct hash h;
    struct stat st;
    char hex[ID_HEX], *real = realpath(s->options->store_path, NULL);
    if (!real)
        return err_sys(e, "cannot resolve %s", s->options->store_path);
    hash_init(&h, "socket");
    hash_field(&h, slice_of(real));
    free(real);
    struct id id = hash_id(&h);
    id_hex(&id, hex);
    if (!base || strlen(base) > 60) /* the path of a socket may have 107 bytes */
        base = "/tmp";
    snprintf(s->socket_dir, sizeof s->socket_dir, "%s/gavel-%.16s", base, hex);
    if (mkdir(s->socket_dir, 0700) == 0)
        return true;
    if (lstat(s->socket_dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
        (st.st_mode & 077) == 0)
        return true;
    err_sys(e, "cannot make the folder %s for the workers' socket", s->socket_dir);
    s->socket_dir[0] = '\0';
    return false;
}

static bool open_local_door(struct serve *s, struct err *e)
{
    if (!make_socket_dir(s, e))
        return false;
    snprintf(s->socket_path, sizeof s->socket_path, "ipc://%s/workers", s->socket_dir);
    unlink(s->socket_path + strlen("ipc://"));
    return open_door(s, s->socket_path, e);
}

static bool open_doors(struct serve *s, struct err *e)
{
    const struct serve_options *o = s->options;
    if ((o->local_workers || o->listen_local) && !open_local_door(s, e))
        return false;
    if (s->project->workers.listen[0] && !open_door(s, s->project->workers.listen, e))
        return false;
    if (!s->n_doors)
        return err_set(e, ERR_USAGE, "no workers: set workers.local or workers.listen");
    for (int i = 0; i < s->n_doors && o->endpoint; i++)
        o->endpoint(o->context, link_endpoint(s->doors[i].link));
    return true;
}

static bool reopen_pairs(struct serve *s, struct err *e)
{
    int64_t deferred = 0, redrawn = 0;
    if (!store_begin(s->store, e))
        return false;
    bool ok = ledger_reopen_deferred(s->store, &deferred, e);
    if (ok && s->project->redraw == REDRAW_ALL)
        ok = ledger_reopen_redrawn(s->store, s->run.recipe.row, &redrawn, e);
    const struct project_endpoint *all = s->project->endpoints.items;
    for (size_t i = 0; ok && i < s->project->endpoints.n; i++)
        ok = ledger_endpoint(s->store, &all[i], &s->endpoint_rows[i], e);
    if (!ok) {
        store_rollback(s->store);
        return false;
    }
    s->deferred_before = deferred;
    if (deferred)
        log_info("%lld deferred pairs are taken up again", (long long)deferred);
    if (redrawn)
        log_info("%lld pairs are judged anew under the changed recipe", (long long)redrawn);
    return store_commit(s->store, e);
}

/* What is different from the last run, and what it means. */
static void say_changes(const char *what, const struct ledger_text *before,
                        const struct ledger_text *now, const char *meaning)
{
    struct buf b;
    buf_init(&b, CHANGES_MAX);
    changes_write(buf_view(&before->text), buf_view(&now->text), &b);
    log_info("the %s changed since the last run (%s): %s", what, buf_cstr(&b), meaning);
    buf_free(&b);
}

static struct redecide redecide_of(const struct serve *s)
{
    return (struct redecide){.store = s->store,
                             .project = s->project,
                             .chain = s->options->chain,
                             .run = s->run.run,
                             .rules = s->run.rules.row,
                             .seats = s->options->seats,
                             .recipes = s->run.recipes};
}

static void heed_changes(const struct serve *s)
{
    if (!s->run.resumed)
        return;
    if (!id_eq(&s->run.recipe.id, &s->run.last_recipe.id))
        say_changes("recipe", &s->run.last_recipe, &s->run.recipe,
                    s->project->redraw == REDRAW_ALL
                        ? "all pairs are judged anew (redraw: all)"
                        : "pairs that are not decided yet are judged anew, decided ones stay");
    if (!id_eq(&s->run.rules.id, &s->run.last_rules.id))
        say_changes("rules", &s->run.last_rules, &s->run.rules,
                    "stored rollouts are decided again, no call is repeated");
}

/* Signals are heard only here until the loop runs. */
static bool is_interrupted(void *context)
{
    struct serve *s = context;
    struct err ignored;
    loop_turn(s->loop, 0, &ignored);
    return s->stop;
}

/* Asked of the store and not of the last run: that one may have been killed while it did this. With
 * millions of rollouts it takes minutes. */
static bool decide_again(struct serve *s, struct err *e)
{
    if (store_counter(s->store, REDECIDE_COUNTER) == s->run.rules.row)
        return true;
    struct redecide_report r = {0};
    struct redecide again = redecide_of(s);
    again.stop = is_interrupted;
    again.context = s;
    return redecide_all(&again, &r, e);
}

/* Before pairs are decided again: those whose labels hold again are. */
static bool look_at_labels(struct serve *s, struct err *e)
{
    struct relabel_report r = {0};
    const struct relabel again = {.store = s->store,
                                  .project = s->project,
                                  .seats = s->options->seats,
                                  .run = &s->run,
                                  .running = true,
                                  .stop = is_interrupted,
                                  .context = s};
    if (!relabel_all(&again, &r, e))
        return false;
    if (r.seeds)
        log_info(
            "the rules of building changed: %lld stored answers were checked again, no call is "
            "repeated; %lld pairs lost their label, %lld have it back, %lld are new",
            (long long)r.samples, (long long)r.withdrawn, (long long)r.returned,
            (long long)r.pairs);
    return true;
}

bool serve_finish(struct serve *s, struct err *e)
{
    struct redecide_report r = {0};
    const struct redecide again = redecide_of(s);
    return redecide_corpus(&again, &r, e);
}

static bool make_engine(struct serve *s, struct err *e)
{
    serve_fill_io(s);
    s->engine = engine_new(s->project, s->options->seats, (uint64_t)s->run.run, &s->io, s->started);
    s->staging = staging_new();
    if (!s->engine || !s->staging)
        return err_set(e, ERR_NOMEM, "out of memory");
    engine_expect_refusals(s->engine, s->deferred_before);
    feed_init(&s->feed, s->store, s->engine, s->options->seats, s->run.recipes, s->options->shard,
              s->options->shards);
    return feed_remember(&s->feed, s->project->quotas.n > 0, e) && serve_begin_building(s, e);
}

/* Workers that outlived a crash of the coordinator hold calls in flight: they get a moment to say
 * so before anybody else is asked for the same. That there may be some is told by the project, not
 * by who was connected: the last run may have been killed in this very moment. */
static void grant_grace(struct serve *s)
{
    bool may_have = s->project->workers.listen[0] || s->options->listen_local;
    if (!s->run.unfinished || !may_have)
        return;
    log_info("the last run did not end in order: waiting %d s for its workers to report",
             RESTART_GRACE_MS / 1000);
    s->grace_until = clock_ms() + RESTART_GRACE_MS;
    engine_pause(s->engine, true);
}

static bool make_spool_dir(struct serve *s, struct err *e)
{
    size_t n = strlen(s->options->store_path) + 8;
    char *dir = arena_alloc(s->options->arena, n);
    if (!dir)
        return err_set(e, ERR_NOMEM, "out of memory");
    snprintf(dir, n, "%s.spool", s->options->store_path);
    s->spool_dir = dir;
    return files_mkdirs(dir, e);
}

bool serve_set_up(struct serve *s, struct err *e)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    s->loop = loop_new(e);
    if (!s->loop || !loop_signals(s->loop, signals, 4, on_signal, s, e))
        return false;
    heed_changes(s);
    project_text(s->project, 0, &s->project_text);
    if (!buf_ok(&s->project_text, "the project", e) || !make_spool_dir(s, e) ||
        !look_at_labels(s, e) || !reopen_pairs(s, e) || !decide_again(s, e) || !make_engine(s, e) ||
        !serve_take_old_spools(s, e))
        return false;
    s->answers_before = store_counter(s->store, "calls.done");
    s->intake = intake_new(s->store, s->project, NULL, 0, e);
    if (!s->intake || !open_doors(s, e))
        return false;
    crew_init(&s->crew, (int)s->options->local_workers, s->socket_path, s->project->workers.slots,
              s->spool_dir);
    grant_grace(s);
    return true;
}

void serve_tear_down(struct serve *s)
{
    intake_free(s->intake);
    for (int i = 0; i < s->n_doors; i++) {
        outbox_free(s->doors[i].outbox);
        link_close(s->doors[i].link);
    }
    if (s->socket_dir[0]) {
        char path[160];
        snprintf(path, sizeof path, "%s/workers", s->socket_dir);
        unlink(path);
        rmdir(s->socket_dir);
    }
    engine_free(s->engine);
    staging_free(s->staging);
    feed_free(&s->feed);
    check_desk_free(s->desk);
    loop_free(s->loop);
    buf_free(&s->project_text);
    arena_free(&s->texts);
    ledger_free_run(&s->run);
}
