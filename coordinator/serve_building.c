/* Seeds whose pairs are built: what the engine wants done about them. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "coordinator/checking.h"
#include "coordinator/relabel.h"
#include "coordinator/serve_private.h"
#include "judges/generation.h"

#define ORDER_PROMPT_MAX ((size_t)256 * 1024) /* a longer prompt is not told to the command */

static const struct seat *generator_of(const struct serve *s)
{
    return &s->options->seats->all[seats_generator(s->options->seats)];
}

/* The row of the generator's recipe. */
static int64_t recipe_of(const struct serve *s)
{
    return s->run.recipes[seats_generator(s->options->seats)];
}

/* ---- asking ---- */

/* put_task(s, b, text, ask, baseline, body, e): what the generator is shown. */
static bool put_task(struct serve *s, const struct building *b, const struct samples_task *text,
                     enum ask ask, struct buf *body, struct err *e)
{
    struct task_text shown = {.prompt = text->prompt, .language = text->language};
    char nonce[NONCE_BYTES + 1] = "";
    struct slice baseline;
    struct buf answer;
    buf_init(&answer, (size_t)s->project->limits.message_bytes);
    if (ask == ASK_MODIFY) {
        if (!samples_baseline(s->store, b->row & ~CALL_SEED, &baseline, &s->texts, e))
            return false;
        struct message message = {S("assistant"), baseline};
        const struct chat chat = {&message, 1};
        struct jsonw w = jsonw_to(&answer);
        chat_write(&w, &chat);
        generation_nonce(&b->id, &generator_of(s)->recipe, text->prompt, baseline, nonce);
        shown.answer_a = buf_view(&answer);
        shown.nonce = slice_of(nonce);
    }
    struct jsonw w = jsonw_to(body);
    task_write(&w, &shown);
    bool ok = buf_ok(&answer, "an answer", e) && buf_ok(body, "a task", e);
    buf_free(&answer);
    return ok;
}

static bool put_grant(struct serve *s, const struct agent *agent, const struct task *task, int n,
                      const struct building *b, struct buf *body, struct err *e)
{
    struct samples_task text;
    const struct seat *seat = generator_of(s);
    struct buf *out = serve_frame(s, agent->peer);
    if (!out || !samples_task(s->store, b->row & ~CALL_SEED, &text, &s->texts, e) ||
        !put_task(s, b, &text, task->ask, body, e))
        return false;
    struct id call = call_id(&b->id, &seat->recipe, task->key);
    bool instruct = task->ask == ASK_ANSWER && b->known;
    struct wire_grant m = {.seed = call_seed(&call, (uint64_t)s->project->rng_seed),
                           .n = (uint8_t)n,
                           .ask = (uint8_t)task->ask,
                           .cue = slice_of(instruct ? s->project->build.instruction : ""),
                           .task = buf_view(body)};
    const struct wire_call place = {task->attempt, b->id, seat->recipe, task->key,
                                    (uint16_t)task->endpoint};
    wire_set_call(&m, &place);
    wire_put_grant(out, &m);
    return true;
}

static bool io_grant(void *context, const struct agent *agent, const struct task *task, int n,
                     const struct building *b)
{
    struct serve *s = context;
    struct buf body;
    struct err e = {0};
    arena_reset(&s->texts);
    buf_init(&body, (size_t)s->project->limits.message_bytes);
    bool ok = put_grant(s, agent, task, n, b, &body, &e);
    if (!ok)
        log_error("%s", e.text);
    buf_free(&body);
    return ok;
}

/* ---- saving ---- */

/* find_recipe(s, call, recipe, found, e): whether call, recipe and seed belong together and are
 * known here. */
static bool find_place(struct serve *s, const struct wire_call *call, int64_t *recipe, bool *found,
                       struct err *e)
{
    int seat = engine_seat(s->engine, call);
    *found = lane_is_seed((enum lane)call->key.lane) && call->key.step == 0;
    if (!*found)
        return true;
    if (seat >= 0) {
        *recipe = s->run.recipes[seat];
        *found = s->options->seats->all[seat].kind == SEAT_GENERATOR;
    } else if (!ledger_recipe(s->store, &call->recipe, recipe, found, e)) {
        return false;
    }
    return !*found || samples_seed(s->store, call->key.row & ~CALL_SEED, &call->subject, found, e);
}

enum engine_saved serve_save_sample(struct serve *s, const struct wire_call *call,
                                    const struct call_result *result)
{
    struct err e;
    struct staging_call more = {.kind = SEAT_GENERATOR, .last = true, .wall_ms = clock_wall_ms()};
    bool found;
    struct call_key key = call->key;
    key.row &= ~CALL_SEED;
    if (!find_place(s, call, &more.recipe, &found, &e)) {
        log_error("%s: stopping", e.text);
        s->stop = s->unsaved = true;
        return ENGINE_UNSAVED;
    }
    if (!found) {
        char hex[ID_HEX];
        id_hex(&call->subject, hex);
        log_warn("an answer for seed %s, which this store does not have, was passed over", hex);
        return ENGINE_UNKNOWN;
    }
    if (staging_has(s->staging, more.recipe, call->key) || samples_has(s->store, more.recipe, key))
        return ENGINE_KNOWN;
    return serve_save(s, call, result, &more);
}

/* ---- checking ---- */

static void is_compared(void *context, const struct check_order *o,
                        const struct answer_result *result)
{
    struct serve *s = context;
    struct samples_check check = {
        .final = o->final, .answer_part = S(""), .prompt_overlap = -1, .answer_overlap = -1};
    arena_reset(&s->texts);
    checking_heed(s->project, &check, result, &s->texts);
    serve_stage(s, staging_check(s->staging, o->recipe, o->key, &s->building_rules, &check));
    if (o->recipe == recipe_of(s)) /* samples of other recipes were counted out when it began */
        engine_checked(s->engine, o->seed, (enum lane)o->key.lane, o->key.k, check.mark);
    if (check_desk_hopeless(s->desk))
        engine_drain(s->engine, "the command of answers.exec fails every time");
}

static struct call_key key_of(const struct builder_seed *seed, const struct samples_sample *x)
{
    return (struct call_key){.row = seed->row, .lane = (uint8_t)x->lane, .k = (uint8_t)x->k};
}

/* The user's command will tell. */
static void order_check(struct serve *s, const struct builder_seed *seed,
                        const struct samples_sample *x, const struct checking *c,
                        struct slice final)
{
    struct err e = {0};
    bool long_prompt = c->prompt.n > ORDER_PROMPT_MAX;
    const struct check_order order = {.seed = seed->row,
                                      .recipe = x->recipe,
                                      .key = key_of(seed, x),
                                      .final = final,
                                      .gold = c->gold,
                                      .prompt = long_prompt ? S("") : c->prompt};
    if (!s->desk)
        s->desk = check_desk_new(s->loop, s->project, is_compared, s, &e);
    if (!s->desk || !check_desk_put(s->desk, &order, &e)) {
        log_error("%s: stopping", e.text);
        s->stop = true;
    } else if (check_desk_hopeless(s->desk)) {
        engine_drain(s->engine, "the command of answers.exec fails every time");
    }
}

/* What it is worth cannot be told, and nobody will: the run cannot go on. The answer is kept. */
static enum sample_mark cannot_look(struct serve *s, const char *why)
{
    log_error("%s: stopping", why);
    s->stop = true;
    return MARK_UNCHECKED;
}

static enum sample_mark look(struct serve *s, const struct builder_seed *seed,
                             const struct samples_sample *x, struct slice baseline)
{
    struct err e;
    struct samples_task text;
    struct samples_check check;
    char nonce[NONCE_BYTES + 1];
    if (!samples_task(s->store, seed->row, &text, &s->texts, &e))
        return cannot_look(s, e.text);
    const struct checking c = checking_of(s->project, seed, &text, x, baseline, nonce);
    if (!checking_look(&c, &check, &s->texts)) {
        order_check(s, seed, x, &c, check.final);
        return MARK_UNCHECKED;
    }
    if (check.mark == MARK_UNCHECKED)
        return cannot_look(s, "out of memory");
    serve_stage(s,
                staging_check(s->staging, x->recipe, key_of(seed, x), &s->building_rules, &check));
    return check.mark;
}

static struct builder_seed seed_of(const struct building *b)
{
    return (struct builder_seed){b->id, b->row & ~CALL_SEED, b->known};
}

static enum sample_mark io_check(void *context, const struct building *b,
                                 const struct wire_call *call, const struct call_result *result)
{
    struct serve *s = context;
    struct err e;
    struct slice baseline = S("");
    const struct builder_seed seed = seed_of(b);
    const struct samples_sample x = {.recipe = recipe_of(s),
                                     .recipe_id = call->recipe,
                                     .lane = (enum lane)call->key.lane,
                                     .k = call->key.k,
                                     .finish = result->finish,
                                     .unclosed = result->verdict == VERDICT_UNCLOSED,
                                     .answer = result->answer};
    arena_reset(&s->texts);
    if (x.lane == LANE_MODIFIED &&
        !samples_baseline(s->store, seed.row, &baseline, &s->texts, &e)) {
        if (e.code != ERR_NOTFOUND)
            return cannot_look(s, e.text);
        log_error("%s", e.text);
        return MARK_UNREADABLE;
    }
    return look(s, &seed, &x, baseline);
}

static enum sample_mark recheck(void *context, const struct builder_seed *seed,
                                const struct samples_sample *x, struct slice baseline)
{
    struct serve *s = context;
    arena_reset(&s->texts);
    return look(s, seed, x, baseline);
}

/* ---- the end ---- */

static void stage_end(struct serve *s, const struct builder_seed *seed, enum build_reason reason,
                      const char *detail)
{
    const struct samples_end end = {.project = s->project,
                                    .seats = s->options->seats,
                                    .run = &s->run,
                                    .seed = seed->row,
                                    .id = seed->id,
                                    .known = seed->known,
                                    .rules = s->building_rules,
                                    .recipe = recipe_of(s),
                                    .reason = reason,
                                    .detail = detail,
                                    .wall_ms = clock_wall_ms()};
    serve_stage(s, staging_end(s->staging, &end));
    s->built = true;
    if (end.seed > s->feed.seed_cursor)
        s->urgent = true; /* loaded out of turn: the feed has yet to pass it */
}

static void io_build(void *context, const struct building *b)
{
    const struct builder_seed seed = seed_of(b);
    stage_end(context, &seed, BUILD_REASON_NONE, "");
}

static void io_defer(void *context, const struct building *b, enum build_reason reason,
                     const char *detail)
{
    const struct builder_seed seed = seed_of(b);
    stage_end(context, &seed, reason, detail);
}

/* No answer would be found right or wrong: none is paid for. */
static bool admit(void *context, const struct builder_seed *seed)
{
    struct serve *s = context;
    struct samples_task text;
    struct err e;
    arena_reset(&s->texts);
    if (!seed->known || !samples_task(s->store, seed->row, &text, &s->texts, &e) ||
        checking_gold(s->project, text.answer, text.answer_kind, &e))
        return true;
    stage_end(s, seed, BUILD_REASON_BAD_ANSWER, e.text);
    return false;
}

const struct engine_building serve_building_io = {
    .grant = io_grant,
    .check = io_check,
    .build = io_build,
    .defer = io_defer,
};

/* ---- the beginning ---- */

bool serve_begin_building(struct serve *s, struct err *e)
{
    int64_t n = 0;
    if (seats_generator(s->options->seats) < 0)
        return true;
    if (!relabel_rules(s->project, &s->building_rules, e) || !store_begin(s->store, e))
        return false;
    int64_t deferred = store_counter(s->store, "builds.deferred");
    int64_t redrawn = s->project->redraw == REDRAW_ALL ? recipe_of(s) : 0;
    if (!samples_reopen(s->store, &s->building_rules, redrawn, &n, e)) {
        store_rollback(s->store);
        return false;
    }
    if (!store_commit(s->store, e))
        return false;
    engine_expect_refusals(s->engine, s->deferred_before + deferred);
    if (n)
        log_info("%lld seeds that gave no pair are taken up again", (long long)n);
    const struct feed_building building = {.project = s->project,
                                           .rules = s->building_rules,
                                           .recipe = recipe_of(s),
                                           .admit = admit,
                                           .recheck = recheck,
                                           .context = s};
    feed_build(&s->feed, &building);
    return true;
}
