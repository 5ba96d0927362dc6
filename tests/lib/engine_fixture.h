/*
 * engine_fixture: an engine with a clock that a test moves, workers that a test speaks for, and a
 * store that is a list. What the engine does is noted in order.
 */
#ifndef TESTS_ENGINE_FIXTURE_H
#define TESTS_ENGINE_FIXTURE_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/engine.h"

enum { FIXTURE_NOTES = 4096, FIXTURE_ROWS = 1024 };

enum fixture_kind { NOTE_GRANT, NOTE_CANCEL, NOTE_ACK, NOTE_SAVE, NOTE_DECIDE };

struct fixture_note {
    enum fixture_kind kind;
    uint32_t peer;
    struct wire_call call; /* ACK and CANCEL: the attempt alone; DECIDE: the row alone */
    enum ask ask;          /* GRANT */
    int n;                 /* GRANT: rollouts of the request */
    bool last;             /* SAVE */
    enum pair_state state;
    enum reason reason;
    char detail[200];
};

struct engine_fixture {
    struct arena arena;
    struct project project;
    struct engine_io io;
    struct seats seats;
    struct engine *engine;
    struct id recipe; /* of seat 0 */
    int64_t now;
    bool cannot_grant; /* what the next grants answer */
    bool cannot_save;  /* the same for saves */
    struct fixture_note notes[FIXTURE_NOTES];
    size_t n_notes;
    struct {
        struct id recipe;
        struct call_key key;
    } stored[FIXTURE_ROWS];
    size_t n_stored;
};

static inline struct id fixture_id(const char *kind, uint64_t number)
{
    struct hash h;
    hash_init(&h, kind);
    hash_u64(&h, number);
    return hash_id(&h);
}

static inline struct fixture_note *fixture_note(struct engine_fixture *f, enum fixture_kind kind)
{
    assert(f->n_notes < FIXTURE_NOTES);
    struct fixture_note *n = &f->notes[f->n_notes++];
    *n = (struct fixture_note){.kind = kind};
    return n;
}

static inline bool fixture_grant(void *context, const struct agent *agent, const struct task *task,
                                 int rollouts, const struct subject *subject)
{
    struct engine_fixture *f = context;
    if (f->cannot_grant)
        return false;
    assert(agent->leased <= agent->credit);
    struct fixture_note *n = fixture_note(f, NOTE_GRANT);
    n->peer = agent->peer;
    n->ask = task->ask;
    n->n = rollouts;
    n->call = (struct wire_call){task->attempt, subject->id, f->seats.all[task->key.seat].recipe,
                                 task->key, (uint16_t)task->endpoint};
    return true;
}

static inline void fixture_cancel(void *context, const struct agent *agent, uint64_t attempt)
{
    struct fixture_note *n = fixture_note(context, NOTE_CANCEL);
    n->peer = agent->peer;
    n->call.attempt = attempt;
}

static inline void fixture_ack(void *context, uint32_t peer, uint64_t attempt)
{
    struct fixture_note *n = fixture_note(context, NOTE_ACK);
    n->peer = peer;
    n->call.attempt = attempt;
}

static inline enum engine_saved fixture_save(void *context, const struct wire_call *call,
                                             const struct call_result *result, bool last)
{
    struct engine_fixture *f = context;
    (void)result;
    if (f->cannot_save)
        return ENGINE_UNSAVED;
    struct id subject = fixture_id("pair", call->key.row);
    if (!id_eq(&subject, &call->subject))
        return ENGINE_UNKNOWN;
    for (size_t i = 0; i < f->n_stored; i++)
        if (id_eq(&f->stored[i].recipe, &call->recipe) && call_key_eq(f->stored[i].key, call->key))
            return ENGINE_KNOWN;
    assert(f->n_stored < FIXTURE_ROWS);
    f->stored[f->n_stored].recipe = call->recipe;
    f->stored[f->n_stored++].key = call->key;
    struct fixture_note *n = fixture_note(f, NOTE_SAVE);
    n->call = *call;
    n->last = last;
    return ENGINE_SAVED;
}

static inline void fixture_decide(void *context, const struct subject *s, enum pair_state state,
                                  enum reason reason, const char *detail)
{
    struct fixture_note *n = fixture_note(context, NOTE_DECIDE);
    n->call.key.row = s->row;
    n->state = state;
    n->reason = reason;
    snprintf(n->detail, sizeof n->detail, "%s", detail);
}

/* fixture_restart(f, epoch): a new engine over the same store, as after a crash. */
static inline void fixture_restart(struct engine_fixture *f, uint64_t epoch)
{
    engine_free(f->engine);
    f->engine = engine_new(&f->project, &f->seats, epoch, &f->io, f->now);
    assert(f->engine);
}

/* fixture_open(f, yaml): `yaml` goes after the keys every project needs; without reflection unless
 * it says so. Epoch 1. */
static inline void fixture_open(struct engine_fixture *f, const char *yaml)
{
    struct err e;
    struct buf text;
    memset(f, 0, sizeof *f);
    arena_init(&f->arena, 16 << 20);
    buf_init(&text, 65536);
    buf_addf(&text, "%s%s%s",
             strstr(yaml, "endpoints:")
                 ? ""
                 : "endpoints: [{url: \"http://127.0.0.1:1/v1\", model: teacher}]\n",
             strstr(yaml, "reflection:") ? "" : "reflection: {mode: none}\n", yaml);
    bool ok = project_from_text(&f->project, &f->arena, "gavel.yaml", buf_view(&text), &e) &&
              seats_build(&f->seats, &f->project, &e);
    if (!ok)
        fprintf(stderr, "fixture: %s\n", e.text);
    assert(ok);
    buf_free(&text);
    f->recipe = f->seats.all[0].recipe;
    f->now = 1000000;
    f->io = (struct engine_io){
        f, fixture_grant, fixture_cancel, fixture_ack, fixture_save, fixture_decide, NULL};
    fixture_restart(f, 1);
}

static inline void fixture_close(struct engine_fixture *f)
{
    engine_free(f->engine);
    arena_free(&f->arena);
}

/* fixture_worker(f, peer, slots, read_ahead): HELLO; the worker's uid follows from `peer`. */
static inline void fixture_worker(struct engine_fixture *f, uint32_t peer, uint32_t slots,
                                  uint32_t read_ahead)
{
    struct wire_hello m = {.version = WIRE_VERSION,
                           .worker = fixture_id("worker", peer),
                           .slots = slots,
                           .read_ahead = read_ahead,
                           .host = S("host")};
    bool ok = engine_hello(f->engine, peer, &m, f->now);
    assert(ok);
    (void)ok;
}

/* fixture_begin(f, row): opens it for engine_recall and engine_admit. */
static inline struct subject *fixture_begin(struct engine_fixture *f, uint64_t row)
{
    const struct planner_pair pair = {
        .id = fixture_id("pair", row), .row = row, .trust = TRUST_VERIFIED};
    return engine_begin(f->engine, &pair);
}

/* fixture_pair(f, row): puts it under way; nothing is known of it. */
static inline void fixture_pair(struct engine_fixture *f, uint64_t row)
{
    struct subject *s = fixture_begin(f, row);
    assert(s);
    engine_admit(f->engine, s);
}

/* fixture_tick(f, ms): time passes, then the engine looks at it. */
static inline int64_t fixture_tick(struct engine_fixture *f, int64_t ms)
{
    f->now += ms;
    return engine_tick(f->engine, f->now);
}

/* fixture_count(f, kind, from): notes of this kind from note `from` on. */
static inline size_t fixture_count(const struct engine_fixture *f, enum fixture_kind kind,
                                   size_t from)
{
    size_t n = 0;
    for (size_t i = from; i < f->n_notes; i++)
        n += f->notes[i].kind == kind;
    return n;
}

/* fixture_last(f, kind): the newest note of this kind, NULL: none. */
static inline const struct fixture_note *fixture_last(const struct engine_fixture *f,
                                                      enum fixture_kind kind)
{
    for (size_t i = f->n_notes; i-- > 0;)
        if (f->notes[i].kind == kind)
            return &f->notes[i];
    return NULL;
}

/* fixture_result(f, peer, call, correct): the worker brings the call's whole answer. */
static inline void fixture_result(struct engine_fixture *f, uint32_t peer,
                                  const struct wire_call *call, bool correct)
{
    enum verdict gold = lane_gold((enum lane)call->key.lane);
    enum verdict other = gold == VERDICT_A ? VERDICT_B : VERDICT_A;
    struct call_result r = {.http_status = 200,
                            .verdict = correct ? gold : other,
                            .first = correct ? gold : other,
                            .score_a = SCORE_NONE,
                            .score_b = SCORE_NONE,
                            .thought = S("a thought"),
                            .answer = S("an answer"),
                            .prompt_tokens = 100,
                            .completion_tokens = 10,
                            .endpoint = call->endpoint};
    engine_result(f->engine, peer, call, &r, f->now);
}

static inline bool fixture_fail(struct engine_fixture *f, uint32_t peer,
                                const struct wire_call *call, enum failure failure,
                                uint16_t http_status)
{
    struct wire_fail m = {.failure = (uint8_t)failure,
                          .http_status = http_status,
                          .retry_after_ms = -1,
                          .message = S("the reason")};
    wire_set_call(&m, call);
    return engine_fail(f->engine, peer, call, &m, f->now);
}

#endif
