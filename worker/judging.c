#include "worker/judging.h"

#include <assert.h>

#include "judges/check.h"
#include "judges/generation.h"
#include "judges/wording.h"

#define NAME_BYTES 256 /* kept of a model's name and of a request's id */
#define SEGMENTS_BYTES (64 * 1024)

static bool is_writing(enum ask ask)
{
    return ask == ASK_ANSWER || ask == ASK_MODIFY;
}

/* A later call of a rollout is read as the continuation of what was sent. */
bool judging_needs_request(enum ask ask)
{
    return ask == ASK_CONTINUE || ask == ASK_CLOSE || ask == ASK_RECHECK;
}

/* The request of ASK_JUDGE, of which the later calls of a rollout are a continuation. A hinted
 * judgment is judged again without its hint. */
static bool render_judge(const struct judging *j, struct chat *chat, struct arena *arena,
                         struct err *e)
{
    struct judge_task task = j->task;
    if (j->ask == ASK_RECHECK)
        task.hint = 0;
    return wording_render(j->project, j->format, &task, chat, arena, e);
}

static bool render_step(struct judging *j, struct chat *chat, struct arena *arena, struct err *e)
{
    struct chat asked;
    if (!render_judge(j, &asked, arena, e) ||
        !reflection_render(&asked, &j->history, j->ask, j->cue, j->how, &j->request, arena, e))
        return false;
    *chat = j->request.chat;
    return true;
}

bool judging_render(struct judging *j, uint32_t seed, int n, struct chat *chat,
                    struct request_shape *shape, struct arena *arena, struct err *e)
{
    assert(j->how != CONTINUATION_AUTO);
    j->request = (struct reflection_request){.how = CONTINUATION_TURN};
    if (j->ask != ASK_ANSWER && j->task.answer_a.n == 0)
        return err_set(e, ERR_PROTOCOL, "task: 'answer_a' is missing");
    bool ok;
    if (is_writing(j->ask))
        ok = generation_render(j->ask, &j->task, j->cue, chat, arena, e);
    else if (judging_needs_request(j->ask))
        ok = render_step(j, chat, arena, e);
    else if (j->ask == ASK_CHECK)
        ok = check_render(&j->task, j->history.thought, j->project->checker.claims, chat, arena, e);
    else
        ok = render_judge(j, chat, arena, e);
    *shape = (struct request_shape){.seed = seed, .n = n, .how = j->request.how};
    if (is_writing(j->ask)) {
        shape->max_tokens = j->project->build.max_tokens;
        shape->temperature_given = project_temperature(j->project, j->k, &shape->temperature);
    }
    return ok;
}

static struct teacher_choice choice_of(const struct teacher_answer *answer, size_t choice)
{
    assert(answer->ok && choice <= answer->n_more);
    if (choice > 0)
        return answer->more[choice - 1];
    return (struct teacher_choice){answer->content, answer->reasoning, answer->field,
                                   answer->finish};
}

/* The share of one choice in what the server counted for all; the first has what is left over. */
static uint32_t share_of(uint32_t tokens, const struct teacher_answer *answer, size_t choice)
{
    uint32_t n = (uint32_t)answer->n_more + 1;
    return tokens / n + (choice == 0 ? tokens % n : 0);
}

static void set_exchange(struct call_result *r, const struct teacher_answer *answer, size_t choice)
{
    r->http_status = answer->http_status;
    r->request_id = slice_sub(answer->request_id, 0, NAME_BYTES);
    r->model = slice_sub(answer->model, 0, NAME_BYTES);
    r->prompt_tokens = choice == 0 ? answer->prompt_tokens : 0;
    r->cached_tokens = choice == 0 ? answer->cached_tokens : 0;
    r->completion_tokens = share_of(answer->completion_tokens, answer, choice);
    r->reasoning_tokens = share_of(answer->reasoning_tokens, answer, choice);
    r->latency_ms = answer->latency_ms;
    r->first_byte_ms = answer->first_byte_ms;
}

static struct judge_reading read_verdict(const struct judging *j, const struct trace *trace)
{
    if (j->ask == ASK_CHECK)
        return check_parse(trace, j->task.nonce);
    return judge_of(j->format)->parse(trace, j->task.nonce);
}

static bool can_be_kept(enum verdict v)
{
    return v == VERDICT_A || v == VERDICT_B || v == VERDICT_SCORE;
}

static void judge(const struct judging *j, const struct trace *trace, const struct history *h,
                  struct call_result *r)
{
    struct judge_reading reading = read_verdict(j, trace);
    r->verdict = reading.verdict;
    r->score_a = reading.score_a;
    r->score_b = reading.score_b;
    if (j->ask == ASK_CHECK || !can_be_kept(r->verdict))
        return;
    const struct filter_view view = {.trace = trace,
                                     .task = &j->task,
                                     .verdict = r->verdict,
                                     .segments = h ? h->segments : NULL,
                                     .n_segments = h ? h->n : 0};
    r->filter = slice_of(chain_reject(j->chain, &view));
}

static bool write_segments(const struct history *h, struct slice *out, struct arena *arena,
                           struct err *e)
{
    struct buf text;
    buf_init(&text, SEGMENTS_BYTES);
    struct jsonw w = jsonw_to(&text);
    segments_write(&w, h->segments, h->n);
    bool ok = buf_ok(&text, "the segments of a rollout", e);
    if (ok)
        *out = arena_dup(arena, buf_view(&text));
    buf_free(&text);
    return ok && (out->p || err_set(e, ERR_NOMEM, "out of memory for the segments of a rollout"));
}

static bool join(const struct judging *j, const struct teacher_choice *choice,
                 struct call_result *r, struct arena *arena, struct err *e)
{
    const struct reflection_came came = {.content = choice->content,
                                         .reasoning = choice->reasoning,
                                         .field = choice->field,
                                         .finish = choice->finish,
                                         .completion_tokens = r->completion_tokens};
    struct history *whole = arena_alloc(arena, sizeof *whole);
    struct trace trace;
    if (!whole)
        return err_set(e, ERR_NOMEM, "out of memory for a rollout");
    if (!reflection_join(&j->history, j->ask, j->cue, &j->request, j->step, &came, whole, &trace,
                         arena, e))
        return false;
    judge(j, &trace, whole, r);
    history_settle(whole, j->step, r->verdict);
    r->first = j->history.first;
    r->trace_tokens = whole->tokens;
    r->thought_field = trace.field;
    r->thought = trace.thought;
    r->answer = trace.answer;
    return write_segments(whole, &r->segments, arena, e);
}

/* What a generator wrote is no judgment: what it is worth is found out by the coordinator. */
static void take_writing(const struct teacher_choice *choice, struct call_result *r)
{
    struct trace trace = trace_split(choice->content, choice->reasoning, choice->field,
                                     choice->finish);
    r->verdict = r->first = trace.unclosed ? VERDICT_UNCLOSED : VERDICT_NONE;
    r->trace_tokens = r->completion_tokens;
    r->thought_field = trace.field;
    r->thought = trace.thought;
    r->answer = trace.answer;
}

static void take_alone(const struct judging *j, const struct teacher_choice *choice,
                       struct call_result *r)
{
    struct trace trace = trace_split(choice->content, choice->reasoning, choice->field,
                                     choice->finish);
    judge(j, &trace, NULL, r);
    r->first = r->verdict;
    r->trace_tokens = r->completion_tokens;
    r->thought_field = trace.field;
    r->thought = trace.thought;
    r->answer = trace.answer;
}

bool judging_result(const struct judging *j, const struct teacher_answer *answer, size_t choice,
                    struct call_result *result, struct arena *arena, struct err *e)
{
    const struct teacher_choice chosen = choice_of(answer, choice);
    *result = (struct call_result){.finish = chosen.finish,
                                   .ask = j->ask,
                                   .format = j->format,
                                   .score_a = SCORE_NONE,
                                   .score_b = SCORE_NONE};
    set_exchange(result, answer, choice);
    if (judging_needs_request(j->ask))
        return join(j, &chosen, result, arena, e);
    if (is_writing(j->ask))
        take_writing(&chosen, result);
    else
        take_alone(j, &chosen, result);
    return true;
}
