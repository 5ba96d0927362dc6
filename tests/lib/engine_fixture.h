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

enum fixture_kind {
    NOTE_GRANT,
    NOTE_CANCEL,
    NOTE_ACK,
    NOTE_SAVE,
    NOTE_DECIDE,
    NOTE_BUILD,
    NOTE_DEFER
};

struct fixture_note {
    enum fixture_kind kind;
    uint32_t peer;
    struct wire_call call; /* ACK and CANCEL: the attempt alone; DECIDE, BUILD, DEFER: the row alone
                            */
    enum ask ask;          /* GRANT */
    int n;                 /* GRANT: rollouts of the request */
    bool last;             /* SAVE */
    enum pair_state state;
    enum reason reason;
    enum build_reason why;    /* DEFER */
    struct building building; /* BUILD, DEFER */
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
    bool cannot_grant;     /* what the next grants answer */
    bool cannot_save;      /* the same for saves */
    enum sample_mark mark; /* what the next samples are worth */
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
    bool seed = (call->key.row & CALL_SEED) != 0;
    if (seed != lane_is_seed((enum lane)call->key.lane))
        return ENGINE_UNKNOWN;
    struct id subject = fixture_id(seed ? "seed" : "pair", call->key.row & ~CALL_SEED);
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

/* Seeds whose pairs are built */

static inline bool fixture_grant_seed(void *context, const struct agent *agent,
                                      const struct task *task, int n, const struct building *b)
{
    struct engine_fixture *f = context;
    if (f->cannot_grant)
        return false;
    assert(agent->leased <= agent->credit);
    struct fixture_note *note = fixture_note(f, NOTE_GRANT);
    note->peer = agent->peer;
    note->ask = task->ask;
    note->n = n;
    note->call = (struct wire_call){task->attempt, b->id, f->seats.all[task->key.seat].recipe,
                                    task->key, (uint16_t)task->endpoint};
    return true;
}

static inline enum sample_mark fixture_check(void *context, const struct building *b,
                                             const struct wire_call *call,
                                             const struct call_result *result)
{
    (void)b;
    (void)call;
    (void)result;
    return ((struct engine_fixture *)context)->mark;
}

static inline void fixture_build(void *context, const struct building *b)
{
    struct fixture_note *n = fixture_note(context, NOTE_BUILD);
    n->call.key.row = b->row & ~CALL_SEED;
    n->building = *b;
}

static inline void fixture_defer(void *context, const struct building *b, enum build_reason reason,
                                 const char *detail)
{
    struct fixture_note *n = fixture_note(context, NOTE_DEFER);
    n->call.key.row = b->row & ~CALL_SEED;
    n->building = *b;
    n->why = reason;
    snprintf(n->detail, sizeof n->detail, "%s", detail);
}

static const struct engine_building fixture_building = {fixture_grant_seed, fixture_check,
                                                        fixture_build, fixture_defer};

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
    f->io = (struct engine_io){f,
                               fixture_grant,
                               fixture_cancel,
                               fixture_ack,
                               fixture_save,
                               fixture_decide,
                               &fixture_building};
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

/* fixture_begin_seed(f, row, known): opens it for builder_recall and engine_admit_seed. */
static inline struct building *fixture_begin_seed(struct engine_fixture *f, uint64_t row,
                                                  bool known)
{
    const struct builder_seed seed = {fixture_id("seed", row), row, known};
    return engine_begin_seed(f->engine, &seed);
}

/* fixture_seed(f, row, known): puts it under way; nothing is known of it. */
static inline void fixture_seed(struct engine_fixture *f, uint64_t row, bool known)
{
    struct building *b = fixture_begin_seed(f, row, known);
    assert(b);
    engine_admit_seed(f->engine, b);
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

/* fixture_sample(f, peer, call, mark): the worker brings a sample that is worth this. */
static inline void fixture_sample(struct engine_fixture *f, uint32_t peer,
                                  const struct wire_call *call, enum sample_mark mark)
{
    struct call_result r = {.http_status = 200,
                            .score_a = SCORE_NONE,
                            .score_b = SCORE_NONE,
                            .ask = call->key.lane == LANE_MODIFIED ? ASK_MODIFY : ASK_ANSWER,
                            .verdict = VERDICT_NONE,
                            .first = VERDICT_NONE,
                            .answer = S("an answer"),
                            .prompt_tokens = 100,
                            .completion_tokens = 10,
                            .endpoint = call->endpoint};
    f->mark = mark;
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
