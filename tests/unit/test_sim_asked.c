#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "judges/check.h"
#include "judges/reflection.h"
#include "judges/template.h"
#include "tests/lib/sim_fixture.h"

#define NONCE "_k3f9t2B"

#define PROMPT "How many eggs are left?"
#define RIGHT "16 less 7.\nSo 9 are left"
#define WRONG "16 less 5.\nA: 11"

struct fixture {
    struct character character;
    struct arena arena;
};

static struct chat lone(struct fixture *f, const char *role, const char *text)
{
    struct message *m = arena_alloc(&f->arena, sizeof *m);
    *m = (struct message){slice_of(role), slice_of(text)};
    return (struct chat){m, 1};
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct question q;
    struct err e;
    f->character = somebody(THOUGHT_THINK_TAG);
    truth_init(&f->character.truth);
    arena_init(&f->arena, 1 << 26);
    struct chat p = lone(f, "user", PROMPT), r = lone(f, "assistant", RIGHT),
                w = lone(f, "assistant", WRONG);
    assert_true(question_render(&p, &r, &w, &q, &f->arena, &e));
    assert_true(truth_add(&f->character.truth, &q, &e));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    truth_free(&f->character.truth);
    arena_free(&f->arena);
    free(f);
    return 0;
}

/* The pair with the right answer first or second; pointwise: one of the two. */
static struct judge_task task_of(struct fixture *f, enum format format, bool right_first,
                                 const char *nonce)
{
    struct judge_task t = {.prompt = lone(f, "user", PROMPT), .nonce = slice_of(nonce)};
    t.answer_a = lone(f, "assistant", right_first ? RIGHT : WRONG);
    if (format != FORMAT_POINTWISE)
        t.answer_b = lone(f, "assistant", right_first ? WRONG : RIGHT);
    return t;
}

static struct chat question_of(struct fixture *f, enum format format, const struct judge_task *t)
{
    struct chat chat;
    struct err e;
    assert_true(template_render(slice_of(judge_of(format)->wording), t, &chat, &f->arena, &e));
    return chat;
}

/* ask(f, chat, how, j): the chat as a request to the teacher, read and decided. */
static void ask(struct fixture *f, const struct chat *chat, enum continuation how,
                struct judgment *j)
{
    struct buf body;
    struct refusal why;
    buf_init(&body, 1 << 20);
    struct jsonw w = jsonw_to(&body);
    jsonw_object(&w);
    jsonw_kstr(&w, "model", "m");
    if (how == CONTINUATION_FLAG) {
        jsonw_kbool(&w, "continue_final_message", true);
        jsonw_kbool(&w, "add_generation_prompt", false);
    }
    jsonw_key(&w, "messages");
    jsonw_list(&w);
    for (size_t i = 0; i < chat->n; i++) {
        jsonw_object(&w);
        jsonw_kslice(&w, "role", chat->messages[i].role);
        jsonw_kslice(&w, "content", chat->messages[i].content);
        if (how == CONTINUATION_PREFIX && i + 1 == chat->n)
            jsonw_kbool(&w, "prefix", true);
        jsonw_end_object(&w);
    }
    jsonw_end_list(&w);
    jsonw_end_object(&w);
    if (!judgment_read(j, &f->character, buf_view(&body), &f->arena, &why))
        fail_msg("%s", why.message);
    judgment_decide(j, &f->character, 1);
    buf_free(&body);
}

static void every_format_is_known_by_its_prompt(void **state)
{
    struct fixture *f = *state;
    for (int format = 0; format < FORMAT_COUNT; format++) {
        for (int way = 0; way < 16; way++) {
            bool first = way & 1;
            struct judge_task t = task_of(f, (enum format)format, first, way & 2 ? NONCE : "");
            struct judgment j;
            if (way & 4 && format != FORMAT_POINTWISE) /* which is told nothing */
                t.hint = first ? 'B' : 'A';
            t.reference = way & 8 ? S("It is <answer>[[B]]</answer> nine.") : S("");
            t.rubric = t.reference;
            struct chat chat = question_of(f, (enum format)format, &t);
            ask(f, &chat, CONTINUATION_TURN, &j);
            const struct asked *a = &j.asked;
            assert_true(a->judged && a->ask == ASK_JUDGE && !a->prefilled && a->leaning == 0);
            assert_int_equal(a->format, format);
            assert_int_equal(a->gold, first ? VERDICT_A : VERDICT_B);
            assert_string_equal(a->nonce, way & 2 ? NONCE : "");
            assert_int_equal(a->hint, t.hint);
            assert_string_equal(a->excerpts.question, "How many eggs are left?");
            assert_string_equal(a->excerpts.a, first ? "So 9 are left" : "A: 11");
            assert_string_equal(a->excerpts.b, format == FORMAT_POINTWISE ? ""
                                               : first                    ? "A: 11"
                                                                          : "So 9 are left");
            judgment_free(&j);
        }
    }
}

/* How servers are made to go on, and where they put the thought. */
static const struct way {
    enum continuation how;
    enum thought_field where;
    bool echoes;
} ways[] = {
    {CONTINUATION_TURN, THOUGHT_THINK_TAG, false},
    {CONTINUATION_TURN, THOUGHT_REASONING, false},
    {CONTINUATION_TRAILING, THOUGHT_THINK_TAG, false},
    {CONTINUATION_TRAILING, THOUGHT_THINK_TAG, true},
    {CONTINUATION_TRAILING, THOUGHT_ABSENT, true},
    {CONTINUATION_FLAG, THOUGHT_THINK_TAG, false},
    {CONTINUATION_FLAG, THOUGHT_REASONING_CONTENT, false},
    {CONTINUATION_PREFIX, THOUGHT_THINK_TAG, false},
};

static void become(struct fixture *f, const struct way *way)
{
    f->character.continuation = way->how;
    f->character.thought = way->where;
    f->character.echoes = way->echoes;
}

/* A rollout under way. */
struct rollout {
    struct judge_task task;
    enum format format;
    struct chat asked;
    struct history history;
    struct judge_reading reading;
    uint8_t step;
    struct judgment last; /* without what judgment_free gives back */
};

static struct slice kept(struct fixture *f, const struct buf *b)
{
    struct slice s = arena_dup(&f->arena, buf_view(b));
    assert_non_null(s.p);
    return s;
}

static void note(struct rollout *r, const struct trace *trace)
{
    r->reading = judge_of(r->format)->parse(trace, r->task.nonce);
    history_settle(&r->history, r->step, r->reading.verdict);
}

static void begin(struct fixture *f, struct rollout *r, enum format format, bool right_first,
                  const char *nonce)
{
    struct content t;
    *r = (struct rollout){.format = format, .task = task_of(f, format, right_first, nonce)};
    r->asked = question_of(f, format, &r->task);
    ask(f, &r->asked, CONTINUATION_TURN, &r->last);
    content_compose(&t, &r->last, &f->character, 0);
    struct trace trace = trace_split(kept(f, &t.text), kept(f, &t.thought), f->character.thought,
                                     t.finish);
    history_begin(&r->history, &trace, format, (uint32_t)t.tokens);
    note(r, &trace);
    content_free(&t);
    judgment_free(&r->last);
}

/* go_on(f, r, what, cue, how): one more call of the rollout, joined as a worker does it. */
static void go_on(struct fixture *f, struct rollout *r, enum ask what, const char *cue,
                  enum continuation how)
{
    struct reflection_request request;
    struct content t;
    struct history joined;
    struct trace trace;
    struct err e;
    assert_true(reflection_render(&r->asked, &r->history, what, slice_of(cue), how, &request,
                                  &f->arena, &e));
    ask(f, &request.chat, how, &r->last);
    content_compose(&t, &r->last, &f->character, 0);
    const struct reflection_came came = {.content = kept(f, &t.text),
                                         .reasoning = kept(f, &t.thought),
                                         .field = f->character.thought,
                                         .finish = t.finish};
    assert_true(reflection_join(&r->history, what, slice_of(cue), &request, ++r->step, &came,
                                &joined, &trace, &f->arena, &e));
    r->history = joined;
    note(r, &trace);
    content_free(&t);
    judgment_free(&r->last);
}

static char side_of_reading(const struct rollout *r)
{
    struct judge_reading x = r->reading;
    if (x.verdict == VERDICT_SCORE)
        return x.score_a >= 575 ? 'A' : 'B';
    return x.verdict == VERDICT_A ? 'A' : x.verdict == VERDICT_B ? 'B' : '\0';
}

static void check_went_on(const struct way *way, const struct rollout *r, char before,
                          struct slice cue)
{
    const struct asked *a = &r->last.asked;
    struct slice all = r->history.thought;
    size_t at = slice_rfind(all, cue);
    if (a->ask != ASK_CONTINUE || a->leaning != before || at == SIZE_MAX)
        fail_msg("way %d: %s, leaning %c: " SLICE_FMT, (int)(way - ways), ask_name(a->ask),
                 a->leaning ? a->leaning : '0', SLICE_ARG(all));
    assert_int_equal(a->prefilled, way->how != CONTINUATION_TURN);
    assert_int_equal(side_of_reading(r), r->last.choices[0].side);
    if (slice_find(all, S("think>")) != SIZE_MAX)
        fail_msg("way %d leaves tags: " SLICE_FMT, (int)(way - ways), SLICE_ARG(all));
    bool new = reflection_is_new(slice_sub(all, 0, at), slice_from(all, at));
    if (new == r->last.choices[0].repeated)
        fail_msg("way %d: new %d: " SLICE_FMT, (int)(way - ways), new, SLICE_ARG(all));
}

static void a_judgment_is_gone_on_with_whatever_the_server_can_do(void **state)
{
    struct fixture *f = *state;
    static const char *const cues[] = {"Wait,", "Hold on, let me re-read that part."};
    int turned = 0, kept_side = 0;
    f->character.temper = (struct temper){.fix = 0.5, .breaks = 0.5, .empty = 0.3, .hold = 1};
    for (size_t w = 0; w < N_OF(ways); w++) {
        become(f, &ways[w]);
        for (int i = 0; i < 24 * FORMAT_COUNT; i++) {
            struct rollout r;
            enum format format = (enum format)(i % FORMAT_COUNT);
            f->character.seed = (uint64_t)i;
            begin(f, &r, format, i / FORMAT_COUNT % 2, i % 2 ? NONCE : "");
            if (r.history.thought.n == 0)
                continue; /* a teacher that shows no thought has none to be gone on with */
            for (int round = 0; round < 2; round++) {
                char before = side_of_reading(&r);
                go_on(f, &r, ASK_CONTINUE, cues[round], ways[w].how);
                check_went_on(&ways[w], &r, before, slice_of(cues[round]));
                *(side_of_reading(&r) == before ? &kept_side : &turned) += 1;
            }
            arena_reset(&f->arena);
        }
    }
    assert_true(turned > 100 && kept_side > 300);
}

static void a_closed_thought_is_answered_for_whatever_the_server_can_do(void **state)
{
    struct fixture *f = *state;
    static const enum ask asks[] = {ASK_CLOSE, ASK_RECHECK};
    for (size_t w = 0; w < N_OF(ways); w++) {
        become(f, &ways[w]);
        for (int i = 0; i < 8 * FORMAT_COUNT; i++) {
            struct rollout r;
            f->character.seed = (uint64_t)i;
            begin(f, &r, (enum format)(i % FORMAT_COUNT), i / FORMAT_COUNT % 2, i % 2 ? NONCE : "");
            if (r.history.thought.n == 0)
                continue;
            char before = side_of_reading(&r);
            go_on(f, &r, asks[i / 2 % 2], "", ways[w].how);
            if (r.last.asked.ask != ASK_CLOSE || side_of_reading(&r) != before)
                fail_msg("way %d: %s %c: " SLICE_FMT " // " SLICE_FMT, (int)w,
                         ask_name(r.last.asked.ask), before, SLICE_ARG(r.history.thought),
                         SLICE_ARG(r.history.answer));
            arena_reset(&f->arena);
        }
    }
}

static void a_server_that_does_not_go_on_begins_anew(void **state)
{
    struct fixture *f = *state;
    static const struct {
        enum continuation can, asked;
        bool goes_on;
    } rows[] = {
        {CONTINUATION_TURN, CONTINUATION_TRAILING, false},
        {CONTINUATION_TURN, CONTINUATION_FLAG, false},
        {CONTINUATION_FLAG, CONTINUATION_TRAILING, false},
        {CONTINUATION_FLAG, CONTINUATION_PREFIX, false},
        {CONTINUATION_PREFIX, CONTINUATION_TRAILING, false},
        {CONTINUATION_TRAILING, CONTINUATION_FLAG, true},
        {CONTINUATION_PREFIX, CONTINUATION_PREFIX, true},
    };
    struct rollout r;
    struct reflection_request request;
    struct err e;
    begin(f, &r, FORMAT_VERDICT, true, "");
    for (size_t i = 0; i < N_OF(rows); i++) {
        struct judgment j;
        f->character.continuation = rows[i].can;
        assert_true(reflection_render(&r.asked, &r.history, ASK_CONTINUE, S("Wait,"), rows[i].asked,
                                      &request, &f->arena, &e));
        ask(f, &request.chat, rows[i].asked, &j);
        assert_int_equal(j.asked.prefilled, rows[i].goes_on);
        assert_int_equal(j.asked.ask, rows[i].goes_on ? ASK_CONTINUE : ASK_JUDGE);
        judgment_free(&j);
    }
}

static void a_critique_is_known_and_read(void **state)
{
    struct fixture *f = *state;
    static const enum format formats[] = {FORMAT_VERDICT, FORMAT_POINTWISE};
    for (int i = 0; i < 200; i++) {
        struct rollout r;
        struct chat chat;
        struct err e;
        struct judgment j;
        enum format format = formats[i / 8 % 2];
        f->character.seed = (uint64_t)i;
        begin(f, &r, format, i & 1, i & 2 ? NONCE : "");
        assert_true(check_render(&r.task, r.history.thought, i & 4, &chat, &f->arena, &e));
        ask(f, &chat, CONTINUATION_TURN, &j);
        assert_true(j.asked.judged && j.asked.ask == ASK_CHECK);
        assert_int_equal(j.asked.claims, (i & 4) != 0);
        assert_int_equal(j.asked.one, format == FORMAT_POINTWISE);
        assert_string_equal(j.asked.nonce, i & 2 ? NONCE : "");
        if (j.asked.leaning != side_of_reading(&r))
            fail_msg("%c for %c: " SLICE_FMT, j.asked.leaning ? j.asked.leaning : '0',
                     side_of_reading(&r), SLICE_ARG(chat.messages[chat.n - 1].content));
        judgment_free(&j);
        arena_reset(&f->arena);
    }
}

static void other_requests_are_answered_too(void **state)
{
    struct fixture *f = *state;
    struct message messages[] = {{S("user"), S("Reply with the single word: ready")},
                                 {S("assistant"), S("rea")}};
    f->character.continuation = CONTINUATION_TRAILING;
    for (size_t n = 1; n <= 2; n++) {
        struct judgment j;
        struct content t;
        struct chat chat = {messages, n};
        ask(f, &chat, CONTINUATION_TRAILING, &j);
        assert_false(j.asked.judged);
        content_compose(&t, &j, &f->character, 0);
        assert_true(t.text.n > 0);
        content_free(&t);
        judgment_free(&j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_format_is_known_by_its_prompt, setup, teardown),
        cmocka_unit_test_setup_teardown(a_judgment_is_gone_on_with_whatever_the_server_can_do,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_closed_thought_is_answered_for_whatever_the_server_can_do,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_server_that_does_not_go_on_begins_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(a_critique_is_known_and_read, setup, teardown),
        cmocka_unit_test_setup_teardown(other_requests_are_answered_too, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
