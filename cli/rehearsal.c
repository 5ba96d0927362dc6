#include "cli/rehearsal.h"

#include "cli/questions.h"
#include "coordinator/reflector.h"
#include "judges/nonce.h"

#define TEXTS_MAX ((size_t)256 << 20)

/* One round: all rollouts that go on are asked at once. */
struct round {
    struct rehearsal *rehearsal;
    struct arena *arena;
    struct reflector *reflector;
    struct question *questions;
    struct rehearsal_rollout **asked; /* by question */
    size_t n;
};

static size_t teacher_of(const struct project *p)
{
    const struct project_endpoint *all = p->endpoints.items;
    size_t i = 0;
    while (&all[i] != project_teacher(p))
        i++;
    return i;
}

static struct call_key key_of(const struct rehearsal_rollout *r)
{
    return (struct call_key){.lane = (uint8_t)r->lane, .step = r->judging.step};
}

static struct id id_of(const struct rehearsal *r, const struct rehearsal_rollout *o)
{
    return call_id(&o->pair->id, &r->seats->all[0].recipe, key_of(o));
}

/* ---- tasks ---- */

static bool make_nonce(const struct rehearsal *r, const struct first_pair *pair, struct slice *out,
                       struct arena *arena, struct err *e)
{
    const struct chat *chats[] = {&pair->prompt, &pair->chosen, &pair->rejected};
    struct slice texts[3];
    size_t ends[3];
    struct buf text;
    char nonce[NONCE_BYTES + 1];
    buf_init(&text, TEXTS_MAX);
    for (size_t i = 0; i < 3; i++) {
        struct jsonw w = jsonw_to(&text);
        chat_write(&w, chats[i]);
        ends[i] = text.n;
    }
    bool ok = buf_ok(&text, "a pair", e);
    for (size_t i = 0; i < 3; i++)
        texts[i] = slice_sub(buf_view(&text), i ? ends[i - 1] : 0, ends[i] - (i ? ends[i - 1] : 0));
    if (ok) {
        nonce_make(&pair->id, &r->seats->all[0].recipe, texts, 3, nonce);
        *out = arena_dup(arena, slice_of(nonce));
        ok = out->p || err_set(e, ERR_NOMEM, "out of memory for a pair");
    }
    buf_free(&text);
    return ok;
}

static struct judge_task task_of(const struct first_pair *pair, enum lane lane)
{
    bool chosen_first = lane == LANE_CHOSEN_FIRST || lane == LANE_CHOSEN_ONLY;
    struct judge_task task = {.prompt = pair->prompt,
                              .answer_a = chosen_first ? pair->chosen : pair->rejected,
                              .reference = pair->reference,
                              .rubric = pair->rubric,
                              .language = pair->language};
    if (lane == LANE_CHOSEN_FIRST)
        task.answer_b = pair->rejected;
    else if (lane == LANE_REJECTED_FIRST)
        task.answer_b = pair->chosen;
    return task;
}

static bool set_up(struct rehearsal *r, struct rehearsal_rollout *o, const struct first_pair *pair,
                   size_t order, struct arena *arena, struct err *e)
{
    const struct project *p = r->project;
    const struct project_endpoint *teacher = project_teacher(p);
    enum format format = wording_format(p, &pair->id);
    enum lane first = judge_of(format)->pointwise ? LANE_CHOSEN_ONLY : LANE_CHOSEN_FIRST;
    enum continuation how = (enum continuation)teacher->continuation;
    o->pair = pair;
    o->lane = (enum lane)((size_t)first + order);
    o->judging = (struct judging){.project = p,
                                  .chain = r->chain,
                                  .format = format,
                                  .how = how == CONTINUATION_AUTO ? CONTINUATION_TURN : how,
                                  .task = task_of(pair, o->lane)};
    return !p->judge.nonce || make_nonce(r, pair, &o->judging.task.nonce, arena, e);
}

/* ---- asking ---- */

/* The same request, seed included, that a run would make for its first rollouts. */
static bool add_question(struct round *round, struct rehearsal_rollout *o, struct err *e)
{
    struct rehearsal *r = round->rehearsal;
    struct rehearsal_call *call = &o->calls[o->n_calls];
    struct question *q = &round->questions[round->n];
    struct id id = id_of(r, o);
    call->ask = o->judging.ask;
    call->seed = call_seed(&id, (uint64_t)r->project->rng_seed);
    q->endpoint = teacher_of(r->project);
    if (!judging_render(&o->judging, call->seed, 1, &q->chat, &q->shape, round->arena, e))
        return err_wrap(e, "%s:%lld", o->pair->file, (long long)o->pair->line);
    if (o->n_calls == 0)
        o->request = q->chat;
    o->n_calls++;
    o->answered = false;
    round->asked[round->n++] = o;
    return true;
}

static bool copy_text(struct slice *text, struct arena *arena)
{
    *text = arena_dup(arena, *text);
    return text->p != NULL;
}

static bool keep_texts(struct call_result *r, struct arena *arena, struct err *e)
{
    bool ok = copy_text(&r->thought, arena) && copy_text(&r->answer, arena) &&
              copy_text(&r->model, arena) && copy_text(&r->request_id, arena);
    return ok || err_set(e, ERR_NOMEM, "out of memory for an answer");
}

static void take_answer(void *context, size_t i, const struct teacher_answer *answer)
{
    struct round *round = context;
    struct rehearsal_rollout *o = round->asked[i];
    struct rehearsal_call *call = &o->calls[o->n_calls - 1];
    struct err e;
    if (!answer->ok) {
        call->failure = answer->failure;
        call->http_status = answer->http_status;
        call->message = arena_str(round->arena, answer->message);
        return;
    }
    if (!judging_result(&o->judging, answer, 0, &call->result, round->arena, &e) ||
        !keep_texts(&call->result, round->arena, &e)) {
        call->failure = FAILURE_TOO_LARGE;
        call->http_status = answer->http_status;
        call->message = arena_str(round->arena, slice_of(e.text));
        return;
    }
    call->answered = o->answered = true;
    round->rehearsal->answers++;
}

/* ---- going on ---- */

static bool history_of(const struct call_result *r, uint8_t step, struct history *h, struct err *e)
{
    *h = (struct history){.thought = r->thought,
                          .answer = r->answer,
                          .tokens = r->trace_tokens,
                          .first = r->first,
                          .verdict = r->verdict,
                          .format = r->format,
                          .finish = r->finish};
    if (r->segments.n)
        return segments_read(r->segments, h->segments, &h->n, e);
    history_add(h, ORIGIN_TEACHER, false, step, r->thought.n);
    history_add(h, ORIGIN_TEACHER, true, step, r->answer.n);
    history_settle(h, step, r->verdict);
    h->first = r->first;
    return true;
}

/* Makes the rollout ready for its next call; *more: there is one. */
static bool go_on(struct round *round, struct rehearsal_rollout *o, bool *more, struct err *e)
{
    struct rehearsal *r = round->rehearsal;
    const struct call_result *last = &o->calls[o->n_calls - 1].result;
    const struct id rollout = reflector_rollout(&o->pair->id, &r->seats->all[0].recipe, key_of(o));
    struct judging *j = &o->judging;
    *more = o->answered && o->n_calls < CALL_MAX_STEP &&
            reflector_after(round->reflector, SEAT_TEACHER, &rollout, key_of(o), last, &j->ask);
    if (!*more)
        return true;
    if (!history_of(last, j->step, &j->history, e))
        return false;
    j->step++;
    const struct conf_list *cues = &r->project->reflection.cues;
    const struct id id = id_of(r, o);
    j->cue = S("");
    if (j->ask == ASK_CONTINUE)
        j->cue = reflection_cue(cues->items, cues->n, j->task.language, id_u64(&id, 1));
    return true;
}

/* Both halves of a pointwise judgment are one. */
static void settle_pair(struct rehearsal_rollout *chosen, struct rehearsal_rollout *rejected)
{
    const struct rehearsal_rollout *both[] = {chosen, rejected};
    if (!chosen->answered || !rejected->answered)
        return;
    int scores[REHEARSAL_ORDERS];
    for (size_t i = 0; i < REHEARSAL_ORDERS; i++)
        scores[i] = both[i]->calls[both[i]->n_calls - 1].result.score_a;
    chosen->outcome = rejected->outcome = outcome_of_scores(scores[0], scores[1]);
}

static void settle(struct rehearsal *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct rehearsal_rollout *o = &r->rollouts[i];
        if (o->answered)
            o->outcome = outcome_of(o->calls[o->n_calls - 1].result.verdict, o->lane);
    }
    for (size_t i = 0; i < r->n; i += REHEARSAL_ORDERS)
        if (r->rollouts[i].lane == LANE_CHOSEN_ONLY)
            settle_pair(&r->rollouts[i], &r->rollouts[i + 1]);
}

static bool play(struct round *round, struct err *e)
{
    struct rehearsal *r = round->rehearsal;
    for (size_t i = 0; i < r->n; i++)
        if (!add_question(round, &r->rollouts[i], e))
            return false;
    while (round->n > 0) {
        if (!questions_ask(r->project, round->questions, round->n, take_answer, round, e))
            return false;
        size_t n = round->n;
        round->n = 0; /* those that go on are written over those that were asked */
        for (size_t i = 0; i < n; i++) {
            bool more;
            struct rehearsal_rollout *o = round->asked[i];
            if (!go_on(round, o, &more, e) || (more && !add_question(round, o, e)))
                return false;
        }
    }
    return true;
}

bool rehearsal_make(struct rehearsal *r, const struct first_pair *pairs, size_t n,
                    struct arena *arena, struct err *e)
{
    r->n = n * REHEARSAL_ORDERS;
    r->rollouts = arena_alloc(arena, r->n * sizeof *r->rollouts);
    struct round round = {.rehearsal = r,
                          .arena = arena,
                          .questions = arena_alloc(arena, r->n * sizeof *round.questions),
                          .asked = arena_alloc(arena, r->n * sizeof *round.asked)};
    if (!r->rollouts || !round.questions || !round.asked)
        return err_set(e, ERR_NOMEM, "out of memory for %zu judgments", r->n);
    for (size_t i = 0; i < r->n; i++)
        if (!set_up(r, &r->rollouts[i], &pairs[i / REHEARSAL_ORDERS], i % REHEARSAL_ORDERS, arena,
                    e))
            return false;
    round.reflector = reflector_new(r->project);
    if (!round.reflector)
        return err_set(e, ERR_NOMEM, "out of memory");
    bool ok = play(&round, e);
    reflector_free(round.reflector);
    settle(r);
    return ok;
}
