/* One call of a rollout from grant to result, in every form and with every kind of continuation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "worker/judging.h"

#define ARENA_MAX (16 << 20)

static struct {
    struct arena arena;
    struct project project;
    struct chain chain;
} w;

static struct message question = {{"user", 4}, {"What is 2+2?", 12}};
static struct message first = {{"assistant", 9}, {"It is four.", 11}};
static struct message second = {{"assistant", 9}, {"It is five.", 11}};

static void open_project(const char *more)
{
    struct err e = {0};
    char text[2000];
    arena_init(&w.arena, ARENA_MAX);
    snprintf(text, sizeof text,
             "name: t\nstore: t.db\nseeds: [{path: s.jsonl}]\n"
             "endpoints: [{role: teacher, url: \"http://127.0.0.1:1/v1\", model: m}]\n%s",
             more);
    if (!project_from_text(&w.project, &w.arena, "t.yaml", slice_of(text), &e) ||
        !chain_build(&w.chain, &w.project, &e))
        fail_msg("%s", e.text);
}

static void close_project(void)
{
    arena_free(&w.arena);
}

static struct judging judging_of(enum format format, enum ask ask)
{
    struct judging j = {.project = &w.project,
                        .chain = &w.chain,
                        .ask = ask,
                        .format = format,
                        .how = CONTINUATION_TURN,
                        .cue = S(""),
                        .task = {.prompt = {&question, 1}, .answer_a = {&first, 1}}};
    if (!judge_of(format)->pointwise)
        j.task.answer_b = (struct chat){&second, 1};
    return j;
}

static struct teacher_answer answer_of(const char *content)
{
    return (struct teacher_answer){.ok = true,
                                   .content = slice_of(content),
                                   .finish = FINISH_STOP,
                                   .model = S("m-1"),
                                   .request_id = S("r-1"),
                                   .prompt_tokens = 100,
                                   .completion_tokens = 41,
                                   .reasoning_tokens = 20,
                                   .cached_tokens = 60,
                                   .http_status = 200,
                                   .latency_ms = 900,
                                   .first_byte_ms = 90};
}

static struct chat render(struct judging *j, struct request_shape *shape)
{
    struct chat chat = {0};
    struct err e = {0};
    if (!judging_render(j, 7, 1, &chat, shape, &w.arena, &e))
        fail_msg("%s", e.text);
    return chat;
}

static struct call_result result_of(const struct judging *j, const struct teacher_answer *a,
                                    size_t choice)
{
    struct call_result r;
    struct err e = {0};
    if (!judging_result(j, a, choice, &r, &w.arena, &e))
        fail_msg("%s", e.text);
    return r;
}

static bool contains(struct slice text, const char *part)
{
    return slice_find(text, slice_of(part)) != SIZE_MAX;
}

static struct slice last_of(const struct chat *chat)
{
    return chat->messages[chat->n - 1].content;
}

static void assert_text(struct slice text, const char *expect)
{
    if (!slice_is(text, expect))
        fail_msg("'" SLICE_FMT "' is not '%s'", SLICE_ARG(text), expect);
}

/* The first call */

static const struct {
    enum format format;
    const char *content;
    enum verdict verdict;
    int score_a, score_b;
} formats[] = {
    {FORMAT_VERDICT, "<think>t</think><answer>[[B]]</answer>", VERDICT_B, SCORE_NONE, SCORE_NONE},
    {FORMAT_SCORES, "<think>t</think><score_A>8</score_A><score_B>3.5</score_B>", VERDICT_A, 800,
     350},
    {FORMAT_SCORES_VERDICT,
     "<think>t</think><score_A>2</score_A><score_B>9</score_B><answer>[[B]]</answer>", VERDICT_B,
     200, 900},
    {FORMAT_POINTWISE, "<think>t</think><score>7.25</score>", VERDICT_SCORE, 725, SCORE_NONE},
    {FORMAT_PLAN, "<think>t</think><answer>[[A]]</answer>", VERDICT_A, SCORE_NONE, SCORE_NONE},
};

static void every_format_is_asked_for_and_read(void **state)
{
    (void)state;
    open_project("");
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct judging j = judging_of(formats[i].format, ASK_JUDGE);
        struct request_shape shape;
        struct chat chat = render(&j, &shape);
        print_message("%s\n", format_name(formats[i].format));
        assert_true(contains(last_of(&chat), "It is four."));
        assert_int_equal(contains(last_of(&chat), "It is five."),
                         formats[i].format != FORMAT_POINTWISE);
        assert_int_equal(shape.seed, 7);
        assert_int_equal(shape.n, 1);
        assert_int_equal(shape.max_tokens, 0);
        assert_int_equal(shape.how, CONTINUATION_TURN);
        struct teacher_answer a = answer_of(formats[i].content);
        struct call_result r = result_of(&j, &a, 0);
        assert_string_equal(verdict_name(r.verdict), verdict_name(formats[i].verdict));
        assert_int_equal(r.first, r.verdict);
        assert_int_equal(r.score_a, formats[i].score_a);
        assert_int_equal(r.score_b, formats[i].score_b);
        assert_int_equal(r.format, formats[i].format);
        assert_int_equal(r.ask, ASK_JUDGE);
        assert_text(r.thought, "t");
        assert_int_equal(r.segments.n, 0);
    }
    close_project();
}

static void a_result_carries_what_the_exchange_was(void **state)
{
    (void)state;
    open_project("");
    struct judging j = judging_of(FORMAT_VERDICT, ASK_JUDGE);
    struct teacher_answer a = answer_of("<answer>[[A]]</answer>");
    a.reasoning = S("hm");
    a.field = THOUGHT_REASONING_CONTENT;
    struct call_result r = result_of(&j, &a, 0);
    assert_text(r.thought, "hm");
    assert_text(r.answer, "<answer>[[A]]</answer>");
    assert_int_equal(r.thought_field, THOUGHT_REASONING_CONTENT);
    assert_int_equal(r.finish, FINISH_STOP);
    assert_int_equal(r.http_status, 200);
    assert_text(r.model, "m-1");
    assert_text(r.request_id, "r-1");
    assert_int_equal(r.prompt_tokens, 100);
    assert_int_equal(r.completion_tokens, 41);
    assert_int_equal(r.reasoning_tokens, 20);
    assert_int_equal(r.cached_tokens, 60);
    assert_int_equal(r.trace_tokens, 41);
    assert_int_equal(r.latency_ms, 900);
    assert_int_equal(r.first_byte_ms, 90);
    close_project();
}

static void choices_share_the_tokens_and_are_judged_each(void **state)
{
    (void)state;
    static const struct teacher_choice more[] = {
        {{"<answer>[[B]]</answer>", 22}, {NULL, 0}, THOUGHT_ABSENT, FINISH_STOP},
        {{"<answer>[[", 10}, {"cut", 3}, THOUGHT_REASONING, FINISH_LENGTH},
    };
    open_project("");
    struct judging j = judging_of(FORMAT_VERDICT, ASK_JUDGE);
    struct teacher_answer a = answer_of("<answer>[[A]]</answer>");
    a.more = more;
    a.n_more = 2;
    struct call_result r[3];
    uint32_t completion = 0, prompt = 0, reasoning = 0, cached = 0;
    for (size_t i = 0; i < 3; i++) {
        r[i] = result_of(&j, &a, i);
        completion += r[i].completion_tokens;
        reasoning += r[i].reasoning_tokens;
        prompt += r[i].prompt_tokens;
        cached += r[i].cached_tokens;
        assert_int_equal(r[i].trace_tokens, r[i].completion_tokens);
        assert_text(r[i].request_id, "r-1");
    }
    assert_int_equal(r[0].verdict, VERDICT_A);
    assert_int_equal(r[1].verdict, VERDICT_B);
    assert_int_equal(r[2].verdict, VERDICT_TRUNCATED);
    assert_int_equal(r[2].finish, FINISH_LENGTH);
    assert_int_equal(r[2].thought_field, THOUGHT_REASONING);
    assert_int_equal(completion, 41);
    assert_int_equal(reasoning, 20);
    assert_int_equal(prompt, 100);
    assert_int_equal(cached, 60);
    assert_int_equal(r[1].completion_tokens, 13);
    assert_int_equal(r[1].prompt_tokens, 0);
    close_project();
}

static void the_nonce_is_asked_for_and_counts_alone(void **state)
{
    (void)state;
    open_project("");
    struct judging j = judging_of(FORMAT_VERDICT, ASK_JUDGE);
    j.task.nonce = S("_k3f9a2b");
    struct request_shape shape;
    struct chat chat = render(&j, &shape);
    assert_true(contains(chat.messages[0].content, "<answer_k3f9a2b>"));
    struct teacher_answer a = answer_of("<answer_k3f9a2b>[[A]]</answer_k3f9a2b>");
    assert_int_equal(result_of(&j, &a, 0).verdict, VERDICT_A);
    a = answer_of("<answer>[[A]]</answer>");
    assert_int_not_equal(result_of(&j, &a, 0).verdict, VERDICT_A);
    close_project();
}

/* Filters */

static void only_verdicts_that_could_be_kept_are_filtered(void **state)
{
    (void)state;
    static const struct {
        enum format format;
        enum ask ask;
        const char *content;
        bool filtered;
    } rows[] = {
        {FORMAT_VERDICT, ASK_JUDGE, "<think>t</think><answer>[[A]]</answer>", true},
        {FORMAT_VERDICT, ASK_JUDGE, "<think>t</think><answer>[[C]]</answer>", false},
        {FORMAT_VERDICT, ASK_JUDGE, "<think>t</think>nothing", false},
        {FORMAT_POINTWISE, ASK_JUDGE, "<think>t</think><score>4</score>", true},
        {FORMAT_VERDICT, ASK_CHECK, "<think>t</think><answer>[[A]]</answer>", false},
    };
    open_project("filters: [{length: {min_thought: 5}}]\nreflection: {mode: none}\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct judging j = judging_of(rows[i].format, rows[i].ask);
        struct teacher_answer a = answer_of(rows[i].content);
        struct call_result r = result_of(&j, &a, 0);
        if (!slice_is(r.filter, rows[i].filtered ? "length" : ""))
            fail_msg("%s: '" SLICE_FMT "'", rows[i].content, SLICE_ARG(r.filter));
    }
    close_project();
}

/* Going on */

#define OLD_THOUGHT "Two and two make four, so A fits. Answer A is better."
#define OLD_ANSWER "<answer>[[A]]</answer>"

static struct history history_of(void)
{
    const struct trace t = {.thought = S(OLD_THOUGHT), .answer = S(OLD_ANSWER)};
    struct history h;
    history_begin(&h, &t, FORMAT_VERDICT, 50);
    history_settle(&h, 0, VERDICT_A);
    return h;
}

static struct judging going_on(enum ask ask, enum continuation how)
{
    struct judging j = judging_of(FORMAT_VERDICT, ask);
    j.history = history_of();
    j.how = how;
    j.step = 1;
    if (ask == ASK_CONTINUE)
        j.cue = S("Wait, let me check B again.");
    return j;
}

/* Who wrote what, as it would be stored: "teacher 0 A, cue 1 B". */
static const char *told(const struct call_result *r)
{
    static char text[400];
    struct segment s[HISTORY_MAX_SEGMENTS];
    struct err e = {0};
    size_t n, at = 0;
    assert_true(segments_read(r->segments, s, &n, &e));
    assert_true(segments_fit(s, n, r->thought.n, r->answer.n));
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s%s %d %s", i ? ", " : "",
                               s[i].in_answer ? "answer " : "",
                               s[i].origin == ORIGIN_CUE ? "cue" : "teacher", s[i].step,
                               verdict_name(s[i].verdict));
    return text;
}

static void a_judgment_is_gone_on_with_however_the_server_does_it(void **state)
{
    (void)state;
    static const struct {
        enum continuation how;
        bool echo;
        const char *came;
    } rows[] = {
        {CONTINUATION_FLAG, false,
         " B says five, which is wrong too.</think><answer>[[B]]</answer>"},
        {CONTINUATION_PREFIX, false,
         " B says five, which is wrong too.</think><answer>[[B]]</answer>"},
        {CONTINUATION_TRAILING, false,
         " B says five, which is wrong too.</think><answer>[[B]]</answer>"},
        {CONTINUATION_TRAILING, true,
         " B says five, which is wrong too.</think><answer>[[B]]</answer>"},
        {CONTINUATION_TURN, false,
         "<think>B says five, which is wrong too.</think><answer>[[B]]</answer>"},
    };
    open_project("reflection: {mode: none}\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct judging j = going_on(ASK_CONTINUE, rows[i].how);
        struct request_shape shape;
        struct chat chat = render(&j, &shape);
        bool turn = rows[i].how == CONTINUATION_TURN;
        print_message("%s%s\n", continuation_name(rows[i].how), rows[i].echo ? ", echo" : "");
        assert_int_equal(shape.how, rows[i].how);
        assert_true(slice_is(chat.messages[chat.n - 1].role, turn ? "user" : "assistant"));
        assert_true(contains(last_of(&chat), "Wait, let me check B again."));
        struct buf came;
        buf_init(&came, 4096);
        buf_slice(&came, rows[i].echo ? j.request.prefill : S(""));
        buf_str(&came, rows[i].came);
        struct teacher_answer a = answer_of(buf_cstr(&came));
        struct call_result r = result_of(&j, &a, 0);
        assert_text(r.thought, "Two and two make four, so A fits.\n\nWait, let me check B again. B "
                               "says five, which is wrong too.");
        assert_text(r.answer, "<answer>[[B]]</answer>");
        assert_int_equal(r.verdict, VERDICT_B);
        assert_int_equal(r.first, VERDICT_A);
        assert_int_equal(r.trace_tokens, 91);
        assert_int_equal(r.completion_tokens, 41);
        assert_string_equal(told(&r), "teacher 0 A, cue 1 B, teacher 1 B, answer teacher 1 B");
        buf_free(&came); /* the answer points into it */
    }
    close_project();
}

static void a_thought_is_closed_and_its_answer_asked_for(void **state)
{
    (void)state;
    static const enum continuation all[] = {CONTINUATION_TURN, CONTINUATION_TRAILING,
                                            CONTINUATION_FLAG, CONTINUATION_PREFIX};
    open_project("reflection: {mode: none}\n");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct judging j = going_on(ASK_CLOSE, all[i]);
        const struct trace cut = {.thought = S("Two and two make four, so"),
                                  .answer = S(""),
                                  .unclosed = true,
                                  .finish = FINISH_LENGTH};
        struct request_shape shape;
        history_begin(&j.history, &cut, FORMAT_VERDICT, 50);
        history_settle(&j.history, 0, VERDICT_TRUNCATED);
        render(&j, &shape);
        struct teacher_answer a = answer_of("<answer>[[A]]</answer>");
        struct call_result r = result_of(&j, &a, 0);
        assert_text(r.thought, "Two and two make four, so");
        assert_text(r.answer, "<answer>[[A]]</answer>");
        assert_int_equal(r.verdict, VERDICT_A);
        assert_int_equal(r.first, VERDICT_TRUNCATED);
        assert_string_equal(told(&r), "teacher 0 truncated, answer teacher 1 A");
    }
    close_project();
}

static bool any_mentions(const struct chat *chat, struct slice text)
{
    for (size_t i = 0; i < chat->n; i++)
        if (slice_find(chat->messages[i].content, text) != SIZE_MAX)
            return true;
    return false;
}

static void a_hinted_judgment_is_judged_again_without_the_hint(void **state)
{
    (void)state;
    open_project("reflection: {mode: none}\n");
    struct judging plain = judging_of(FORMAT_VERDICT, ASK_JUDGE), hinted = plain;
    struct request_shape shape;
    hinted.task.hint = 'A';
    struct chat without = render(&plain, &shape), with = render(&hinted, &shape);
    assert_false(chat_eq(&without, &with));
    struct judging again = going_on(ASK_RECHECK, CONTINUATION_FLAG);
    again.task.hint = 'A'; /* whoever sends it */
    struct chat rechecked = render(&again, &shape);
    assert_int_equal(rechecked.n, without.n + 1);
    for (size_t i = 0; i < without.n; i++)
        assert_true(any_mentions(&rechecked, without.messages[i].content));
    struct teacher_answer a = answer_of("<answer>[[B]]</answer>");
    struct call_result r = result_of(&again, &a, 0);
    assert_int_equal(r.verdict, VERDICT_B);
    assert_int_equal(r.first, VERDICT_A);
    close_project();
}

static void a_review_is_of_the_critique_and_stands_for_itself(void **state)
{
    (void)state;
    open_project("checker: {claims: true}\n");
    struct judging j = judging_of(FORMAT_VERDICT, ASK_CHECK);
    struct request_shape shape;
    j.history = history_of();
    struct chat chat = render(&j, &shape);
    assert_true(contains(last_of(&chat), "Two and two make four"));
    assert_false(contains(last_of(&chat), "Answer A is better"));
    struct teacher_answer a = answer_of(
        "<think>it holds</think><claims>true</claims><answer>[[A]]</answer>");
    struct call_result r = result_of(&j, &a, 0);
    assert_int_equal(r.verdict, VERDICT_A);
    assert_int_equal(r.first, VERDICT_A);
    assert_text(r.thought, "it holds");
    assert_int_equal(r.trace_tokens, 41);
    assert_int_equal(r.segments.n, 0);
    a = answer_of("<think>t</think><claims>false</claims><answer>[[A]]</answer>");
    assert_int_equal(result_of(&j, &a, 0).verdict, VERDICT_DISPUTED);
    close_project();
}

static void a_trace_over_the_memory_of_a_call_is_an_error(void **state)
{
    (void)state;
    open_project("reflection: {mode: none}\n");
    struct judging j = going_on(ASK_CONTINUE, CONTINUATION_FLAG);
    struct request_shape shape;
    render(&j, &shape);
    struct teacher_answer a = answer_of(" on.</think><answer>[[B]]</answer>");
    for (size_t max = 0; max < 4000; max += 40) {
        struct arena small;
        struct call_result r;
        struct err e = {0};
        arena_init(&small, max);
        if (!judging_result(&j, &a, 0, &r, &small, &e)) {
            assert_true(e.code == ERR_LIMIT || e.code == ERR_NOMEM);
            assert_true(e.text[0] != '\0');
        } else {
            assert_int_equal(r.verdict, VERDICT_B);
        }
        arena_free(&small);
    }
    close_project();
}

static void the_request_depends_on_the_call_alone(void **state)
{
    (void)state;
    open_project("");
    for (int ask = 0; ask < ASK_COUNT; ask++) {
        struct request_shape shapes[2];
        struct chat chats[2];
        for (size_t i = 0; i < 2; i++) {
            struct judging j = going_on((enum ask)ask, CONTINUATION_PREFIX);
            chats[i] = render(&j, &shapes[i]);
        }
        assert_true(chat_eq(&chats[0], &chats[1]));
        assert_int_equal(shapes[0].how, shapes[1].how);
        assert_int_equal(judging_needs_request((enum ask)ask),
                         shapes[0].how == CONTINUATION_PREFIX);
    }
    close_project();
}

/* ---- generators ---- */

static struct judging writing_of(enum ask ask, int k)
{
    struct judging j = judging_of(FORMAT_VERDICT, ask);
    j.k = (uint8_t)k;
    j.task.answer_b = (struct chat){0};
    if (ask == ASK_ANSWER)
        j.task.answer_a = (struct chat){0};
    return j;
}

static void a_samples_temperature_is_its_own(void **state)
{
    (void)state;
    struct request_shape shape;
    open_project("build: {temperatures: [\"0.25\", \"1.5\"], max_tokens: 77}\n"
                 "generation: {max_tokens: 5000, temperature: 0.5}\n");
    for (int k = 0; k < 5; k++) {
        struct judging j = writing_of(ASK_ANSWER, k);
        render(&j, &shape);
        assert_true(shape.temperature_given && shape.temperature == (k % 2 ? 1.5 : 0.25));
        assert_int_equal(shape.max_tokens, 77);
        assert_int_equal(shape.seed, 7);
        j = writing_of(ASK_MODIFY, k);
        render(&j, &shape);
        assert_true(shape.temperature_given && shape.temperature == (k % 2 ? 1.5 : 0.25));
    }
    struct judging j = judging_of(FORMAT_VERDICT, ASK_JUDGE);
    render(&j, &shape);
    assert_true(!shape.temperature_given && shape.max_tokens == 0);
    close_project();
    open_project("build: {temperatures: []}\n");
    j = writing_of(ASK_ANSWER, 3);
    render(&j, &shape);
    assert_true(!shape.temperature_given && shape.max_tokens == 0);
    close_project();
}

static void a_generator_is_asked_the_prompt_and_what_the_grant_says(void **state)
{
    (void)state;
    struct err e = {0};
    struct chat chat;
    struct request_shape shape;
    open_project("");
    struct judging j = writing_of(ASK_ANSWER, 0);
    j.cue = S("Box it.");
    chat = render(&j, &shape);
    assert_int_equal(chat.n, 1);
    assert_text(chat.messages[0].content, "What is 2+2?\n\nBox it.");
    j.cue = S("");
    chat = render(&j, &shape);
    assert_text(chat.messages[0].content, "What is 2+2?");
    j = writing_of(ASK_MODIFY, 0);
    chat = render(&j, &shape);
    assert_true(slice_find(chat.messages[0].content, S("It is four.")) != SIZE_MAX);
    j.task.answer_a = (struct chat){0};
    assert_false(judging_render(&j, 7, 1, &chat, &shape, &w.arena, &e));
    assert_int_equal(e.code, ERR_PROTOCOL);
    close_project();
}

static void what_a_generator_writes_is_kept_and_not_judged(void **state)
{
    (void)state;
    static const struct teacher_choice more[] = {
        {{"<think>hm</think>\\boxed{5}", 26}, {NULL, 0}, THOUGHT_ABSENT, FINISH_STOP},
        {{"<think>never ends", 17}, {NULL, 0}, THOUGHT_ABSENT, FINISH_LENGTH},
        {{"", 0}, {NULL, 0}, THOUGHT_ABSENT, FINISH_CONTENT_FILTER},
    };
    open_project("filters: [{length: {min_thought: 1000}}]\n");
    struct judging j = writing_of(ASK_ANSWER, 0);
    struct teacher_answer a = answer_of("<answer>[[A]]</answer>");
    a.more = more;
    a.n_more = 3;
    struct call_result r = result_of(&j, &a, 0);
    assert_int_equal(r.verdict, VERDICT_NONE); /* words of an answer, not a verdict */
    assert_int_equal(r.first, VERDICT_NONE);
    assert_int_equal(r.ask, ASK_ANSWER);
    assert_text(r.answer, "<answer>[[A]]</answer>");
    assert_int_equal(r.filter.n, 0);
    assert_int_equal(r.score_a, SCORE_NONE);
    r = result_of(&j, &a, 1);
    assert_text(r.answer, "\\boxed{5}");
    assert_text(r.thought, "hm");
    assert_int_equal(r.thought_field, THOUGHT_THINK_TAG);
    r = result_of(&j, &a, 2);
    assert_int_equal(r.verdict, VERDICT_UNCLOSED);
    assert_int_equal(r.finish, FINISH_LENGTH);
    r = result_of(&j, &a, 3);
    assert_int_equal(r.finish, FINISH_CONTENT_FILTER);
    assert_int_equal(r.answer.n, 0);
    assert_false(judging_needs_request(ASK_ANSWER) || judging_needs_request(ASK_MODIFY));
    close_project();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_asked_for_and_read),
        cmocka_unit_test(a_result_carries_what_the_exchange_was),
        cmocka_unit_test(choices_share_the_tokens_and_are_judged_each),
        cmocka_unit_test(the_nonce_is_asked_for_and_counts_alone),
        cmocka_unit_test(only_verdicts_that_could_be_kept_are_filtered),
        cmocka_unit_test(a_judgment_is_gone_on_with_however_the_server_does_it),
        cmocka_unit_test(a_thought_is_closed_and_its_answer_asked_for),
        cmocka_unit_test(a_hinted_judgment_is_judged_again_without_the_hint),
        cmocka_unit_test(a_review_is_of_the_critique_and_stands_for_itself),
        cmocka_unit_test(a_trace_over_the_memory_of_a_call_is_an_error),
        cmocka_unit_test(the_request_depends_on_the_call_alone),
        cmocka_unit_test(a_samples_temperature_is_its_own),
        cmocka_unit_test(a_generator_is_asked_the_prompt_and_what_the_grant_says),
        cmocka_unit_test(what_a_generator_writes_is_kept_and_not_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
