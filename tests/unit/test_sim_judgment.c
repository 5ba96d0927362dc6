#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/lib/sim_fixture.h"

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
        {"{\"model\":\"m\"," ASK ",\"n\":4}", 0, "several choices"},
        {"{\"model\":\"m\"," ASK ",\"n\":5}", 400, "more of them than are given"},
        {"{\"model\":\"m\"," ASK ",\"n\":0}", 400, "no choice"},
        {"{\"model\":\"good\"," ASK "}", 0, "the other model"},
        {"{\"model\":\"m\"," ASK ",\"max_tokens\":0}", 400, "no tokens"},
        {"{\"model\":\"m\"," ASK ",\"stream_options\":{}}", 400, "options without a stream"},
    };
    /* clang-format on */
    struct character c = somebody(THOUGHT_THINK_TAG);
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct err e;
    c.max_choices = 4;
    assert_true(models_add(&c.models, "m", 0.9, &e) && models_add(&c.models, "good=1", 0.9, &e));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct judgment j;
        struct refusal why = {0};
        bool ok = judgment_read(&j, &c, slice_of(rows[i].body), &arena, &why);
        if (ok != (rows[i].status == 0) || why.status != rows[i].status)
            fail_msg("%s: %d %s", rows[i].why, why.status, why.message);
        if (!ok)
            assert_true(why.message[0] != '\0');
        judgment_free(&j);
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
        struct judgment j = judged(mix_two(body, 1), FORMAT_VERDICT, ASK_JUDGE), k = j, other = j;
        judgment_decide(&j, &c, 1);
        judgment_decide(&k, &c, 2);
        judgment_decide(&other, &d, 1);
        assert_int_equal(j.choices[0].verdict, k.choices[0].verdict);
        assert_int_equal(j.latency_ms, k.latency_ms);
        differ += j.choices[0].verdict != other.choices[0].verdict;
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
    struct judgment j = decided(FORMAT_VERDICT, FAULT_NONE, 5, "");
    j.prompt_tokens = 40;
    snprintf(j.model, sizeof j.model, "m \"x\"");
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
    assert_true(slice_is(json_string(json_get(message, "content")),
                         j.choices[0].side == 'A' ? "<answer> [[A]] </answer>"
                                                  : "<answer> [[B]] </answer>"));
    assert_true(json_string(json_get(message, "reasoning")).n > 200);
    assert_non_null(strstr(buf_cstr(&out), "x-request-id: "));
    json_free(root);
    buf_free(&out);
}

static void a_small_token_limit_cuts_the_answer_off(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    struct judgment j = decided(FORMAT_VERDICT, FAULT_NONE, 5, "");
    j.max_tokens = 16;
    struct buf out;
    json *root = write_one(&j, &c, &out);
    const json *choice = json_first(json_get(root, "choices"));
    assert_true(slice_is(json_string(json_get(choice, "finish_reason")), "length"));
    assert_int_equal(json_string(json_get(json_get(choice, "message"), "content")).n, 64);
    assert_int_equal(j.choices[0].verdict, VERDICT_TRUNCATED);
    json_free(root);
    buf_free(&out);
}

static void faulty_answers_are_faulty(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    struct judgment bad = decided(FORMAT_VERDICT, FAULT_NONE, 5, ""), inside = bad;
    bad.fault = FAULT_BADJSON;
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
    for (size_t p = 0; p < N_OF(places); p++) {
        struct character c = somebody(places[p]);
        struct judgment j = decided(FORMAT_SCORES, FAULT_NONE, p, "");
        struct content t;
        content_compose(&t, &j, &c, 0);
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

/* completion_tokens of n choices, as they are counted. */
static int64_t tokens_of(struct judgment *j, const struct character *c)
{
    struct buf out;
    int64_t tokens = 0;
    json *root = write_one(j, c, &out);
    assert_int_equal(json_count(json_get(root, "choices")), j->n);
    assert_true(json_i64(json_get(json_get(root, "usage"), "completion_tokens"), &tokens));
    int64_t expected = 0, index;
    for (const json *choice = json_first(json_get(root, "choices")); choice;
         choice = json_next(choice)) {
        assert_true(json_i64(json_get(choice, "index"), &index) && index == expected++);
        struct slice text = json_string(json_get(json_get(choice, "message"), "content"));
        assert_true(slice_find(text, S("<answer>")) != SIZE_MAX);
    }
    json_free(root);
    buf_free(&out);
    return tokens;
}

static void several_choices_are_several_judgments(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    int a = 0, b = 0;
    for (uint64_t body = 0; body < 40; body++) {
        struct judgment j = judged(body, FORMAT_VERDICT, ASK_JUDGE), one = j;
        j.n = 8;
        judgment_decide(&j, &c, 1);
        judgment_decide(&one, &c, 1);
        assert_int_equal(j.choices[0].verdict, one.choices[0].verdict);
        for (int i = 0; i < 8; i++)
            *(j.choices[i].verdict == VERDICT_A ? &a : &b) += 1;
        int64_t all = tokens_of(&j, &c);
        c.counts_first = true;
        assert_true(all > 6 * tokens_of(&j, &c));
        assert_int_equal(tokens_of(&j, &c), tokens_of(&one, &c));
        c.counts_first = false;
    }
    assert_int_equal(a + b, 320);
    assert_true(a > 110 && b > 110);
}

static void a_stream_brings_all_choices(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    struct judgment j = judged(3, FORMAT_VERDICT, ASK_JUDGE);
    j.n = 3;
    j.stream = true;
    judgment_decide(&j, &c, 1);
    const struct completion_setting s = {.created = 1, .http10 = true};
    struct buf out;
    buf_init(&out, COMPLETION_MAX);
    completion_write(&j, &c, &s, &out);
    size_t stops = 0;
    for (struct slice rest = buf_view(&out);;) {
        size_t at = slice_find(rest, S("\"finish_reason\":\"stop\""));
        if (at == SIZE_MAX)
            break;
        rest = slice_from(rest, at + 1);
        stops++;
    }
    assert_int_equal(stops, 3);
    assert_non_null(strstr(buf_cstr(&out), "\"index\":2"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_choices_are_several_judgments),
        cmocka_unit_test(a_stream_brings_all_choices),
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
