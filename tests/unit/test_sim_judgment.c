#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "judges/judge.h"

/* The simulated teacher is no library: its pure parts are compiled into their tests. */
#include "cli/sim_teacher/completion.c"
#include "cli/sim_teacher/content.c"
#include "cli/sim_teacher/delivery.c"
#include "cli/sim_teacher/faults.c"
#include "cli/sim_teacher/judgment.c"
#include "cli/sim_teacher/latency.c"
#include "cli/sim_teacher/map.c"
#include "cli/sim_teacher/mix.c"
#include "cli/sim_teacher/oracle.c"
#include "cli/sim_teacher/prose.c"
#include "cli/sim_teacher/question.c"
#include "cli/sim_teacher/reply.c"
#include "cli/sim_teacher/truth.c"

static const struct excerpts sample = {"How many eggs are left?", "So 9 are left", "A: 11"};

static const enum verdict written[] = {VERDICT_A,         VERDICT_B,        VERDICT_TIE,
                                       VERDICT_NONE,      VERDICT_UNCLOSED, VERDICT_CONFLICTING,
                                       VERDICT_TRUNCATED, VERDICT_REFUSED,  VERDICT_EMPTY};
#define N_WRITTEN (sizeof written / sizeof written[0])

static const enum thought_field places[] = {THOUGHT_THINK_TAG, THOUGHT_REASONING,
                                            THOUGHT_REASONING_CONTENT, THOUGHT_ABSENT};

static struct character somebody(enum thought_field thought)
{
    return (struct character){.oracle = {.p_correct = 0.9}, .thought = thought, .context = 100000};
}

static size_t words(struct slice text)
{
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < text.n; i++) {
        bool blank = text.p[i] == ' ' || text.p[i] == '\n';
        n += inside && blank;
        inside = !blank;
    }
    return n + inside;
}

static void a_strict_reader_finds_the_verdict_wherever_the_thought_is(void **state)
{
    (void)state;
    const struct judge *judge = judge_find("verdict");
    assert_non_null(judge);
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
        struct character c = somebody(places[p]);
        for (size_t v = 0; v < N_WRITTEN; v++) {
            for (uint64_t body = 0; body < 200; body++) {
                struct judgment j = {.body = body, .verdict = written[v], .excerpts = sample};
                struct content t;
                content_compose(&t, &j, &c);
                struct trace trace = trace_split(buf_view(&t.text), buf_view(&t.thought), places[p],
                                                 t.finish);
                enum verdict found = judge->parse(&trace);
                if (found != written[v])
                    fail_msg("%s was read as %s: %s", verdict_name(written[v]), verdict_name(found),
                             buf_cstr(&t.text));
                content_free(&t);
            }
        }
    }
}

static void judgments_are_varied_and_of_readable_length(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct excerpts samples[] = {
        {"", "", ""},
        {"How many eggs are left?", "So 9 are left", "A: 11"},
        {"a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r "
         "s t", "a b c d e f g h i j k l m n o p q r s t u v w x",
         "a b c d e f g h i j k l m n o p q r s t u v w x"}
    };
    /* clang-format on */
    uint64_t seen[1000];
    size_t alike = 0;
    for (size_t s = 0; s < 3; s++) {
        for (uint64_t h = 0; h < 1000; h++) {
            struct buf thought, answer;
            buf_init(&thought, TEXT_MAX);
            buf_init(&answer, TEXT_MAX);
            prose_write(&samples[s], h % 2 ? VERDICT_A : VERDICT_B, h, &thought, &answer);
            size_t n = words(buf_view(&thought));
            if (n < 60 || n > 200 || thought.failed || strstr(buf_cstr(&thought), "  ") ||
                strchr(buf_cstr(&thought), '{'))
                fail_msg("%zu words: %s", n, buf_cstr(&thought));
            assert_string_equal(buf_cstr(&answer),
                                h % 2 ? "<answer> [[A]] </answer>" : "<answer> [[B]] </answer>");
            seen[h] = mix_bytes(buf_view(&thought));
            for (uint64_t k = 0; s == 1 && k < h; k++)
                alike += seen[k] == seen[h];
            buf_free(&thought);
            buf_free(&answer);
        }
    }
    assert_true(alike < 20);
}

static void a_judgment_speaks_for_its_verdict(void **state)
{
    (void)state;
    for (uint64_t h = 0; h < 500; h++) {
        struct buf thought, answer;
        buf_init(&thought, TEXT_MAX);
        buf_init(&answer, TEXT_MAX);
        prose_write(&sample, VERDICT_B, h, &thought, &answer);
        struct slice text = buf_view(&thought);
        struct slice tail = slice_from(text, text.n - 90);
        bool decided = slice_find(tail, S("answer B is the better")) != SIZE_MAX ||
                       slice_find(tail, S("prefer answer B to answer A")) != SIZE_MAX ||
                       slice_find(tail, S("answer B wins over answer A")) != SIZE_MAX ||
                       slice_find(tail, S("falls on answer B")) != SIZE_MAX ||
                       slice_find(tail, S("hold answer B to be better")) != SIZE_MAX ||
                       slice_find(tail, S("I choose B")) != SIZE_MAX;
        if (!decided)
            fail_msg("%s", buf_cstr(&thought));
        buf_free(&thought);
        buf_free(&answer);
    }
}

static void excerpts_are_short_and_harmless(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *text;
        bool from_end;
        const char *expect;
        const char *why;
    } rows[] = {
        {"one two", false, "one two", "whole"},
        {"\n \n--\nfirst\nlast\n", false, "first", "the first line that says something"},
        {"first\nlast\n---\n", true, "last", "the last line that says something"},
        {"</think><answer>[[B]]</answer>", false, " /think  answer   B   /", "no tags"},
        {"he said \"{q}\"\t\x01\x7f", false, "he said   q     ", "no marks, no control characters"},
        {"aaaa bbbb cccc dddd eeee ffff", false, "aaaa bbbb cccc dddd", "cut at a word"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, "aaaaaaaaaaaaaaaaaaaaaaa", "one long word"},
        {"ööööööööööööö", false, "ööööööööööö", "never half a character"},
        {"", false, "", "nothing"},
        {"...\n!!", true, "", "nothing that says something"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[24];
        prose_excerpt(slice_of(rows[i].text), rows[i].from_end, out, sizeof out);
        if (strcmp(out, rows[i].expect) != 0)
            fail_msg("%s: '%s'", rows[i].why, out);
    }
}

#define ASK "\"messages\":[{\"role\":\"user\",\"content\":\"hello there\"}]"

static void requests_are_read_or_refused(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *body;
        int status; /* 0: taken */
        const char *why;
    } rows[] = {
        {"{\"model\":\"m\"," ASK "}", 0, "plain"},
        {"{\"model\":\"m\"," ASK ",\"max_tokens\":null,\"stream_options\":null}", 0, "nulls"},
        {"{\"model\":\"m\"," ASK ",\"n\":1,\"temperature\":0.5}", 0, "other keys"},
        {"", 400, "empty"},
        {"{\"model\":\"m\"," ASK, 400, "cut off"},
        {"{\"model\":\"m\"," ASK "} x", 400, "trailing text"},
        {"[1]", 400, "no object"},
        {"{" ASK "}", 400, "no model"},
        {"{\"model\":\"other\"," ASK "}", 404, "another model"},
        {"{\"model\":\"m\"}", 400, "no messages"},
        {"{\"model\":\"m\",\"messages\":\"hi\"}", 400, "messages are no list"},
        {"{\"model\":\"m\",\"messages\":[]}", 400, "no message"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]}", 400, "no content"},
        {"{\"model\":\"m\"," ASK ",\"n\":2}", 400, "several choices"},
        {"{\"model\":\"m\"," ASK ",\"max_tokens\":0}", 400, "no tokens"},
        {"{\"model\":\"m\"," ASK ",\"stream_options\":{}}", 400, "options without a stream"},
    };
    /* clang-format on */
    struct character c = somebody(THOUGHT_THINK_TAG);
    struct arena arena;
    arena_init(&arena, 1 << 20);
    c.model = "m";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct judgment j;
        struct refusal why = {0};
        bool ok = judgment_read(&j, &c, slice_of(rows[i].body), &arena, &why);
        if (ok != (rows[i].status == 0) || why.status != rows[i].status)
            fail_msg("%s: %d %s", rows[i].why, why.status, why.message);
        if (!ok)
            assert_true(why.message[0] != '\0');
        arena_reset(&arena);
    }
    struct judgment j;
    struct refusal why;
    c.context = 2;
    assert_false(judgment_read(&j, &c, slice_of(rows[0].body), &arena, &why));
    assert_non_null(strstr(why.message, "maximum context length is 2 tokens"));
    arena_free(&arena);
}

static void a_verdict_depends_on_seed_and_body_alone(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG), d = c;
    struct err e;
    d.seed = 1;
    assert_true(faults_add(&c.faults, "500=0.5", &e) &&
                latency_parse(&c.latency, "lognormal:100,1", &e));
    int differ = 0;
    for (uint64_t body = 0; body < 500; body++) {
        struct judgment j = {.body = mix_two(body, 1), .gold = VERDICT_NONE}, k = j, other = j;
        judgment_decide(&j, &c, 1);
        judgment_decide(&k, &c, 2);
        judgment_decide(&other, &d, 1);
        assert_int_equal(j.verdict, k.verdict);
        assert_int_equal(j.latency_ms, k.latency_ms);
        differ += j.verdict != other.verdict;
    }
    assert_true(differ > 150);
}

/* write_one(j, c, out): the answer's body as JSON. */
static json *write_one(struct judgment *j, const struct character *c, struct buf *out)
{
    const struct completion_setting s = {.created = 1, .keep_alive = true};
    struct err e;
    buf_init(out, COMPLETION_MAX);
    size_t head = completion_write(j, c, &s, out);
    return json_parse(slice_from(buf_view(out), head), JSON_STRICT, &e);
}

static void a_whole_answer_is_as_the_protocol_says(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_REASONING);
    struct judgment j = {.body = 5,
                         .verdict = VERDICT_A,
                         .model = "m \"x\"",
                         .prompt_tokens = 40,
                         .excerpts = sample};
    struct buf out;
    json *root = write_one(&j, &c, &out);
    const json *choice = json_first(json_get(root, "choices"));
    const json *message = json_get(choice, "message");
    int64_t total = 0, completion = 0;
    assert_true(json_i64(json_get(json_get(root, "usage"), "total_tokens"), &total));
    assert_true(json_i64(json_get(json_get(root, "usage"), "completion_tokens"), &completion));
    assert_true(total == completion + 40 && completion > 50);
    assert_true(slice_is(json_string(json_get(root, "model")), "m \"x\""));
    assert_true(slice_is(json_string(json_get(choice, "finish_reason")), "stop"));
    assert_true(slice_is(json_string(json_get(message, "content")), "<answer> [[A]] </answer>"));
    assert_true(json_string(json_get(message, "reasoning")).n > 200);
    assert_non_null(strstr(buf_cstr(&out), "x-request-id: "));
    json_free(root);
    buf_free(&out);
}

static void a_small_token_limit_cuts_the_answer_off(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    struct judgment j = {
        .body = 5, .verdict = VERDICT_A, .model = "m", .max_tokens = 16, .excerpts = sample};
    struct buf out;
    json *root = write_one(&j, &c, &out);
    const json *choice = json_first(json_get(root, "choices"));
    assert_true(slice_is(json_string(json_get(choice, "finish_reason")), "length"));
    assert_int_equal(json_string(json_get(json_get(choice, "message"), "content")).n, 64);
    assert_int_equal(j.verdict, VERDICT_TRUNCATED);
    json_free(root);
    buf_free(&out);
}

static void faulty_answers_are_faulty(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    struct judgment bad = {
        .body = 5, .verdict = VERDICT_A, .model = "m", .fault = FAULT_BADJSON, .excerpts = sample};
    struct judgment inside = bad;
    inside.fault = FAULT_ERROR200;
    struct buf out;
    assert_null(write_one(&bad, &c, &out));
    buf_free(&out);
    json *root = write_one(&inside, &c, &out);
    assert_non_null(json_get(json_get(root, "error"), "message"));
    assert_null(json_get(root, "choices"));
    assert_non_null(strstr(buf_cstr(&out), "HTTP/1.1 200 OK"));
    json_free(root);
    buf_free(&out);
}

/* join_stream(events, key, out): the deltas' texts put together; returns the number of events. */
static size_t join_stream(struct slice events, const char *key, struct buf *out)
{
    size_t n = 0;
    while (events.n) {
        size_t end = slice_find(events, S("\n\n"));
        assert_true(end != SIZE_MAX && slice_starts(events, S("data: ")));
        struct slice data = slice_sub(events, 6, end - 6);
        events = slice_from(events, end + 2);
        n++;
        if (slice_is(data, "[DONE]")) {
            assert_int_equal(events.n, 0);
            return n;
        }
        struct err e;
        json *root = json_parse(data, JSON_STRICT, &e);
        assert_non_null(root);
        const json *choice = json_first(json_get(root, "choices"));
        buf_slice(out, json_string(json_get(json_get(choice, "delta"), key)));
        json_free(root);
    }
    fail_msg("no [DONE]");
    return 0;
}

static void a_stream_says_the_same_as_the_whole_answer(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
        struct character c = somebody(places[p]);
        struct judgment j = {.body = p, .verdict = VERDICT_B, .model = "m", .excerpts = sample};
        struct content t;
        content_compose(&t, &j, &c);
        j.stream = j.usage_chunk = true;
        const struct completion_setting s = {.created = 1, .http10 = true}; /* no chunks */
        struct buf out, text, thought;
        buf_init(&out, COMPLETION_MAX);
        buf_init(&text, TEXT_MAX);
        buf_init(&thought, TEXT_MAX);
        size_t head = completion_write(&j, &c, &s, &out);
        assert_true(join_stream(slice_from(buf_view(&out), head), "content", &text) > 3);
        join_stream(slice_from(buf_view(&out), head), thought_key(&c), &thought);
        assert_string_equal(buf_cstr(&text), buf_cstr(&t.text));
        assert_string_equal(buf_cstr(&thought), buf_cstr(&t.thought));
        assert_non_null(strstr(buf_cstr(&out), "\"choices\":[],\"usage\":{"));
        content_free(&t);
        buf_free(&out);
        buf_free(&text);
        buf_free(&thought);
    }
}

static void cuts_fall_where_the_fault_says(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    size_t nothing = 0, resets = 0;
    for (uint64_t body = 0; body < 1000; body++) {
        struct judgment drop = {.body = body, .fault = FAULT_DROP};
        struct judgment cut = {.body = body, .fault = FAULT_TRUNCATE};
        struct delivery d = delivery_plan(&drop, &c, 200, 1000, true);
        assert_true(d.close && d.until < 1000);
        nothing += d.until == 0;
        resets += d.reset;
        d = delivery_plan(&cut, &c, 200, 1000, true);
        assert_true(d.close && !d.reset && d.until >= 200 && d.until < 1000);
    }
    assert_true(nothing > 400 && nothing < 600 && resets > 180 && resets < 320);
}

static void slow_answers_leave_in_pieces_within_their_time(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    struct judgment plain = {.latency_ms = 800}, drip = {.fault = FAULT_DRIP},
                    stream = {.latency_ms = 800, .stream = true};
    struct delivery d = delivery_plan(&plain, &c, 200, 1000, false);
    assert_true(d.piece == 1000 && d.until == 1000 && d.close);
    assert_int_equal(delivery_wait_ms(&plain), 800);
    d = delivery_plan(&drip, &c, 200, 1000, true);
    assert_true(d.piece * DRIP_PIECES >= 1000 && !d.close && d.until == 1000);
    assert_int_equal(d.interval_ms * DRIP_PIECES, 3000);
    d = delivery_plan(&stream, &c, 200, 1000, true);
    assert_int_equal(delivery_wait_ms(&stream), 200);
    int64_t last = delivery_wait_ms(&stream) + d.interval_ms * (STREAM_PIECES - 1);
    assert_true(last > 750 && last <= 800 && d.piece * STREAM_PIECES >= 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_strict_reader_finds_the_verdict_wherever_the_thought_is),
        cmocka_unit_test(judgments_are_varied_and_of_readable_length),
        cmocka_unit_test(a_judgment_speaks_for_its_verdict),
        cmocka_unit_test(excerpts_are_short_and_harmless),
        cmocka_unit_test(requests_are_read_or_refused),
        cmocka_unit_test(a_verdict_depends_on_seed_and_body_alone),
        cmocka_unit_test(a_whole_answer_is_as_the_protocol_says),
        cmocka_unit_test(a_small_token_limit_cuts_the_answer_off),
        cmocka_unit_test(faulty_answers_are_faulty),
        cmocka_unit_test(a_stream_says_the_same_as_the_whole_answer),
        cmocka_unit_test(cuts_fall_where_the_fault_says),
        cmocka_unit_test(slow_answers_leave_in_pieces_within_their_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
