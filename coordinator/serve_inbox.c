/* What arrives at the coordinator's doors, and what the engine wants done about it. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "coordinator/serve_private.h"
#include "judges/nonce.h"
#include "judges/reflection.h"

static struct serve_door *door_of(struct serve *s, uint32_t peer)
{
    return &s->doors[peer % SERVE_LINKS];
}

struct buf *serve_frame(struct serve *s, uint32_t peer)
{
    struct buf *b = outbox_to(door_of(s, peer)->outbox, peer / SERVE_LINKS);
    if (!b)
        log_error("out of memory: a message was not sent");
    return b;
}

/* The engine's way to act */

/* What the judge is shown in this lane. */
static struct task_text task_text_of(const struct ledger_task *text, const struct task *task,
                                     enum seat_kind kind)
{
    enum lane lane = (enum lane)task->key.lane;
    struct task_text t = {.prompt = text->prompt,
                          .answer_a = text->rejected,
                          .reference = text->reference,
                          .rubric = text->rubric,
                          .language = text->language};
    if (lane == LANE_CHOSEN_FIRST || lane == LANE_CHOSEN_ONLY)
        t.answer_a = text->chosen;
    if (lane == LANE_CHOSEN_FIRST)
        t.answer_b = text->rejected;
    else if (lane == LANE_REJECTED_FIRST)
        t.answer_b = text->chosen;
    if (kind == SEAT_HINTED) /* RECHECK leaves it out; filters must know of it all the same */
        t.hint = lane_gold(lane) == VERDICT_A ? 'A' : 'B';
    return t;
}

/* The rollout so far; for a checker, the trace it is to review. */
static bool add_history(struct serve *s, const struct task *task, struct buf *out, struct err *e)
{
    struct history h;
    const struct call_key *key = &task->key;
    bool check = task->ask == ASK_CHECK;
    if (key->step == 0 && !check)
        return true;
    if (!ledger_history(s->store, key->row, s->run.recipes[check ? 0 : key->seat], key->lane,
                        key->k, check ? -1 : key->step - 1, &h, &s->texts, e))
        return false;
    struct jsonw w = jsonw_to(out);
    history_write(&w, &h);
    return buf_ok(out, "a rollout", e);
}

static struct slice cue_of(const struct serve *s, const struct task *task, struct slice language,
                           const struct id *call)
{
    const struct conf_list *cues = &s->project->reflection.cues;
    if (task->ask != ASK_CONTINUE)
        return S("");
    return reflection_cue(cues->items, cues->n, language, id_u64(call, 1));
}

static bool put_grant(struct serve *s, const struct agent *agent, const struct task *task, int n,
                      const struct subject *subject, struct buf *body, struct buf *history,
                      struct err *e)
{
    struct ledger_task text;
    const struct seat *seat = &s->options->seats->all[task->key.seat];
    struct buf *out = serve_frame(s, agent->peer);
    if (!out || !ledger_task(s->store, task->key.row, &text, &s->texts, e) ||
        !add_history(s, task, history, e))
        return false;
    char nonce[NONCE_BYTES + 1] = "";
    const struct slice texts[] = {text.prompt, text.chosen, text.rejected};
    if (s->project->judge.nonce)
        nonce_make(&subject->id, &seat->recipe, texts, sizeof texts / sizeof texts[0], nonce);
    struct task_text shown = task_text_of(&text, task, seat->kind);
    shown.nonce = slice_of(nonce);
    struct jsonw w = jsonw_to(body);
    task_write(&w, &shown);
    if (!buf_ok(body, "a task", e))
        return false;
    struct id call = call_id(&subject->id, &seat->recipe, task->key);
    struct wire_grant m = {.seed = call_seed(&call, (uint64_t)s->project->rng_seed),
                           .n = (uint8_t)n,
                           .ask = (uint8_t)task->ask,
                           .format = (uint8_t)subject->format,
                           .cue = cue_of(s, task, text.language, &call),
                           .task = buf_view(body),
                           .history = buf_view(history)};
    const struct wire_call place = {task->attempt, subject->id, seat->recipe, task->key,
                                    (uint16_t)task->endpoint};
    wire_set_call(&m, &place);
    wire_put_grant(out, &m);
    return true;
}

static bool io_grant(void *context, const struct agent *agent, const struct task *task, int n,
                     const struct subject *subject)
{
    struct serve *s = context;
    struct buf body, history;
    struct err e = {0};
    size_t most = (size_t)s->project->limits.message_bytes;
    arena_reset(&s->texts);
    buf_init(&body, most);
    buf_init(&history, most);
    bool ok = put_grant(s, agent, task, n, subject, &body, &history, &e);
    if (!ok)
        log_error("%s", e.text);
    buf_free(&body);
    buf_free(&history);
    return ok;
}

static void io_cancel(void *context, const struct agent *agent, uint64_t attempt)
{
    struct buf *out = serve_frame(context, agent->peer);
    struct wire_cancel m = {.attempt = attempt};
    if (out)
        wire_put_cancel(out, &m);
}

static void io_ack(void *context, uint32_t peer, uint64_t attempt)
{
    struct buf *out = serve_frame(context, peer);
    struct wire_ack m = {.attempt = attempt};
    if (out)
        wire_put_ack(out, &m);
}

static int64_t cost_of(const struct serve *s, const struct call_result *r)
{
    const struct project_endpoint *all = s->project->endpoints.items;
    if (r->endpoint >= s->project->endpoints.n)
        return 0;
    const struct project_endpoint *at = &all[r->endpoint];
    /* Dollars per million tokens are micro-dollars per token. */
    return (int64_t)(r->prompt_tokens * at->price_prompt * 1000 +
                     r->completion_tokens * at->price_completion * 1000);
}

/* find_place(s, call, more, found, e): whether the store has this call's recipe and pair; fills the
 * recipe's row and whose it is. */
static bool find_place(struct serve *s, const struct wire_call *call, struct staging_call *more,
                       bool *found, struct err *e)
{
    int seat = engine_seat(s->engine, call);
    *found = !lane_is_seed((enum lane)call->key.lane);
    if (!*found)
        return true;
    if (seat >= 0) {
        more->recipe = s->run.recipes[seat];
        more->kind = s->options->seats->all[seat].kind;
    } else if (!ledger_recipe(s->store, &call->recipe, &more->recipe, found, e)) {
        return false;
    }
    return !*found || ledger_pair(s->store, call->key.row, &call->subject, found, e);
}

/* The run cannot go on; the worker keeps the answer for the next one. */
static enum engine_saved cannot_save(struct serve *s, const char *why)
{
    log_error("%s: stopping", why);
    s->stop = s->unsaved = true;
    return ENGINE_UNSAVED;
}

enum engine_saved serve_save(struct serve *s, const struct wire_call *call,
                             const struct call_result *result, struct staging_call *more)
{
    size_t endpoint = result->endpoint < s->project->endpoints.n ? result->endpoint : 0;
    more->endpoint = s->endpoint_rows[endpoint];
    more->cost_nano_usd = cost_of(s, result);
    if (!staging_call(s->staging, call, result, more))
        return cannot_save(s, "out of memory");
    serve_stage(s, true);
    if (!engine_has(s->engine, call->key.row))
        s->urgent = true; /* the feed must find it when it loads the pair or seed */
    return ENGINE_SAVED;
}

void serve_stage(struct serve *s, bool ok)
{
    if (!ok) {
        log_error("out of memory: stopping");
        s->stop = true;
    }
    if (!s->staged_since)
        s->staged_since = clock_ms();
}

static enum engine_saved io_save(void *context, const struct wire_call *call,
                                 const struct call_result *result, bool last)
{
    struct serve *s = context;
    struct err e;
    if (call->key.row & CALL_SEED)
        return serve_save_sample(s, call, result);
    struct staging_call more = {.kind = SEAT_TEACHER, .last = last, .wall_ms = clock_wall_ms()};
    bool found;
    if (!find_place(s, call, &more, &found, &e))
        return cannot_save(s, e.text);
    if (!found) {
        char hex[ID_HEX];
        id_hex(&call->subject, hex);
        log_warn("an answer for pair %s, which this store does not have, was passed over", hex);
        return ENGINE_UNKNOWN;
    }
    if (staging_has(s->staging, more.recipe, call->key) ||
        ledger_has_call(s->store, more.recipe, call->key))
        return ENGINE_KNOWN;
    return serve_save(s, call, result, &more);
}

static void io_decide(void *context, const struct subject *subject, enum pair_state state,
                      enum reason reason, const char *detail)
{
    struct serve *s = context;
    const struct ledger_decision d = {.pair = subject->row,
                                      .recipe = s->run.recipe.row,
                                      .rules = s->run.rules.row,
                                      .run = s->run.run,
                                      .state = state,
                                      .reason = reason,
                                      .detail = detail};
    serve_stage(s, staging_decision(s->staging, &d, clock_wall_ms()));
    if (subject->row > s->feed.cursor)
        s->urgent = true; /* loaded out of turn: the feed has yet to pass it */
}

void serve_fill_io(struct serve *s)
{
    s->io = (struct engine_io){.context = s,
                               .grant = io_grant,
                               .cancel = io_cancel,
                               .ack = io_ack,
                               .save = io_save,
                               .decide = io_decide,
                               .building = &serve_building_io};
}

/* Messages */

static void say_bye(struct serve *s, uint32_t peer, enum wire_bye_why why, const char *reason)
{
    struct buf *out = serve_frame(s, peer);
    struct wire_bye m = {.why = (uint8_t)why, .reason = slice_of(reason)};
    if (out)
        wire_put_bye(out, &m);
}

static void hear_hello(struct serve *s, uint32_t peer, const struct wire_hello *m)
{
    char text[300];
    if (m->version != WIRE_VERSION) {
        snprintf(text, sizeof text,
                 "this coordinator (gavel %s) speaks protocol %d, the worker (" SLICE_FMT
                 ") speaks %u; use the same version on both sides",
                 GAVEL_VERSION, WIRE_VERSION, SLICE_ARG(slice_sub(m->program, 0, 80)), m->version);
        log_warn("%s", text);
        say_bye(s, peer, WIRE_BYE_VERSION, text);
        return;
    }
    if (s->sent_home) { /* it came while the others were leaving */
        say_bye(s, peer, WIRE_BYE_DONE, "the work is done");
        return;
    }
    struct buf *out = serve_frame(s, peer);
    if (!out || !engine_hello(s->engine, peer, m, clock_ms()))
        return;
    struct wire_welcome welcome = {.version = WIRE_VERSION,
                                   .epoch = (uint64_t)s->run.run,
                                   .lease_ms = (uint32_t)(s->project->limits.lease_s * 1000),
                                   .project = buf_view(&s->project_text)};
    wire_put_welcome(out, &welcome);
    log_debug("worker " SLICE_FMT " (process %u) with %u slots", SLICE_ARG(m->host), m->pid,
              m->slots);
    if (s->drained) {
        struct wire_drain drain = {0};
        wire_put_drain(out, &drain);
    }
}

static bool hear_result(struct serve *s, uint32_t peer, const struct wire_message *m)
{
    struct call_result result;
    struct wire_call call = wire_call_of(m);
    if (!wire_result_of(&m->as.result, &result)) {
        log_error("a RESULT with an unknown code was passed over");
        return true;
    }
    engine_result(s->engine, peer, &call, &result, clock_ms());
    return true;
}

/* Answered in kind: a worker whose calls take long must not take us for dead. */
static bool hear_ping(struct serve *s, uint32_t peer, const struct wire_ping *m)
{
    if (!engine_ping(s->engine, peer, m, clock_ms()))
        return false;
    struct buf *out = serve_frame(s, peer);
    if (out)
        wire_put_ping(out, m);
    return true;
}

/* A call that a worker holds from before a restart: its pair may not be under way yet. */
static bool put_under_way(struct serve *s, const struct wire_call *call, struct err *e)
{
    if (engine_has(s->engine, call->key.row))
        return true;
    if (!serve_flush(s, e))
        return false;
    /* While the disk is full the store does not know all that was answered and decided. */
    if (staging_count(s->staging) > 0)
        return true;
    uint64_t row = call->key.row & ~CALL_SEED;
    return row != call->key.row ? feed_seed(&s->feed, row, &call->subject, e)
                                : feed_pair(&s->feed, row, &call->subject, e);
}

static bool hear_renew(struct serve *s, uint32_t peer, const struct wire_message *m)
{
    struct err e;
    struct wire_call call = wire_call_of(m);
    if (!put_under_way(s, &call, &e))
        log_error("%s", e.text);
    return engine_renew(s->engine, peer, &call, clock_ms());
}

static const struct agent *agent_of(const struct serve *s, uint32_t peer)
{
    const struct agent *a = engine_agents(s->engine);
    while (a && a->peer != peer)
        a = a->next;
    return a;
}

/* What a local worker cannot do, no local one can; one elsewhere that is set up wrongly does not
 * end the run of the others. */
static void hear_bye(struct serve *s, uint32_t peer, const struct wire_bye *m)
{
    const struct agent *a = agent_of(s, peer);
    if (m->why == WIRE_BYE_REFUSED) {
        log_error("a worker on %s cannot serve this project: " SLICE_FMT, a ? a->host : "?",
                  SLICE_ARG(m->reason));
        if (a && a->local) {
            snprintf(s->refusal, sizeof s->refusal, SLICE_FMT, SLICE_ARG(m->reason));
            s->refused = true;
        }
    }
    engine_gone(s->engine, peer);
}

/* False: the sender is unknown and must say HELLO. */
static bool hear(struct serve *s, uint32_t peer, const struct wire_message *m)
{
    struct wire_call call = wire_call_of(m);
    switch ((int)m->type) {
    case WIRE_TYPE_HELLO:
        hear_hello(s, peer, &m->as.hello);
        return true;
    case WIRE_TYPE_RESULT:
        return hear_result(s, peer, m);
    case WIRE_TYPE_FAIL:
        return engine_fail(s->engine, peer, &call, &m->as.fail, clock_ms());
    case WIRE_TYPE_RENEW:
        return hear_renew(s, peer, m);
    case WIRE_TYPE_PING:
        return hear_ping(s, peer, &m->as.ping);
    case WIRE_TYPE_DRAIN:
        return engine_leaving(s->engine, peer, clock_ms());
    case WIRE_TYPE_BYE:
        hear_bye(s, peer, &m->as.bye);
        return true;
    default:
        log_warn("a worker sent %s, which is the coordinator's to send", wire_name(m->type));
        return true;
    }
}

bool serve_read(struct serve *s, struct serve_door *door, struct err *e)
{
    struct slice frame;
    uint32_t number;
    enum link_got got;
    while ((got = link_recv(door->link, &number, &frame, e)) == LINK_FRAME) {
        struct wire_message m;
        struct err bad;
        uint32_t peer = SERVE_PEER(door->index, number);
        bool known = true;
        int more;
        while ((more = wire_next(&frame, &m, &bad)) == 1)
            known = hear(s, peer, &m) && known;
        if (more < 0)
            log_error("a worker sent %s", bad.text);
        if (!known)
            say_bye(s, peer, WIRE_BYE_UNKNOWN, "say HELLO");
        if (staging_count(s->staging) > 4096 && !serve_flush(s, e))
            return false;
    }
    return got == LINK_NOTHING;
}

void serve_drain_all(struct serve *s)
{
    for (struct agent *a = engine_agents(s->engine); a; a = a->next) {
        struct buf *out = serve_frame(s, a->peer);
        struct wire_drain m = {0};
        if (out)
            wire_put_drain(out, &m);
    }
}

void serve_bye_all(struct serve *s)
{
    for (struct agent *a = engine_agents(s->engine); a; a = a->next)
        say_bye(s, a->peer, WIRE_BYE_DONE, "the work is done");
}

void serve_gone(void *context, uint32_t peer)
{
    struct serve_door *door = context;
    engine_gone(door->serve->engine, SERVE_PEER(door->index, peer));
}

void serve_dead(struct serve *s, uint32_t pid)
{
    for (struct agent *a = engine_agents(s->engine); a; a = a->next) {
        if (!a->local || a->pid != pid)
            continue;
        uint32_t peer = a->peer;
        engine_gone(s->engine, peer);
        outbox_forget(door_of(s, peer)->outbox, peer / SERVE_LINKS);
        return;
    }
}
