/* The probe: what is concluded from answers, what a project is refused for, and what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fake_teacher.h"

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/probe.c"
#include "cli/probe_reading.c"
#include "cli/probe_settle.c"
#include "cli/questions.c"

/* ---- readings ---- */

static void an_answer_goes_on_only_when_it_begins_with_the_rest_of_the_word(void **state)
{
    (void)state;
    static const struct {
        const char *content, *reasoning;
        bool goes_on, echoes;
        const char *why;
    } rows[] = {
        {"ee, four, five", "", true, false, "vLLM, SGLang, DeepSeek: the rest alone"},
        {"Row 7Q: one, two, three, four", "", true, true, "llama.cpp: the beginning once more"},
        {"ee", "", true, false, "and no more"},
        {"", "ee, four", true, false, "taken for a thought"},
        {"three, four", "", false, false, "a new answer that goes on with the row"},
        {"four, five", "", false, false, "likewise"},
        {"ees are good", "", false, false, "another word"},
        {"one, two, three", "", false, false, "a fresh answer"},
        {"Row 7Q: three, four", "", false, true, "a fresh answer that takes up the label"},
        {"Row 7Q: one, two, thr", "", false, true, "nothing but the beginning"},
        {" ee, four", "", false, false, "doubtful"},
        {"", "", false, false, "nothing"},
        {"#### 7", "Let me count: one, two, three", false, false, "a weak model"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool echoes = false;
        const struct teacher_answer a = {.ok = true,
                                         .content = slice_of(rows[i].content),
                                         .reasoning = slice_of(rows[i].reasoning)};
        bool goes_on = probe_reading_continues(&a, &echoes);
        if (goes_on != rows[i].goes_on || (goes_on && echoes != rows[i].echoes))
            fail_msg("%s", rows[i].why);
    }
}

static void a_seed_is_honoured_when_it_alone_makes_the_difference(void **state)
{
    (void)state;
    assert_int_equal(probe_reading_seed(S("a"), S("a"), S("b")), YES);
    assert_int_equal(probe_reading_seed(S("a"), S("b"), S("c")), NO);
    assert_int_equal(probe_reading_seed(S("a"), S("b"), S("a")), NO);
    assert_int_equal(probe_reading_seed(S("a"), S("a"), S("a")), UNKNOWN);
}

static void usage_of_two_choices_is_told_by_answers_of_known_length(void **state)
{
    (void)state;
    static const struct {
        enum finish first, second;
        size_t more;
        uint32_t tokens;
        enum known expect;
        const char *why;
    } rows[] = {
        {FINISH_LENGTH, FINISH_LENGTH, 1, 16, YES, "both counted"},
        {FINISH_LENGTH, FINISH_LENGTH, 1, 8, NO, "llama.cpp: one counted"},
        {FINISH_LENGTH, FINISH_LENGTH, 1, 11, UNKNOWN, "neither"},
        {FINISH_STOP, FINISH_LENGTH, 1, 16, UNKNOWN, "the first ended by itself"},
        {FINISH_LENGTH, FINISH_STOP, 1, 8, UNKNOWN, "the second did"},
        {FINISH_LENGTH, FINISH_LENGTH, 0, 8, UNKNOWN, "one choice only"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct teacher_choice more = {.finish = rows[i].second};
        const struct teacher_answer a = {.ok = true,
                                         .finish = rows[i].first,
                                         .more = &more,
                                         .n_more = rows[i].more,
                                         .completion_tokens = rows[i].tokens};
        if (probe_reading_counts_all(&a, 8) != rows[i].expect)
            fail_msg("%s", rows[i].why);
    }
}

static void logprobs_are_there_or_not_or_not_known(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum known expect;
    } rows[] = {
        {"{\"choices\":[{\"logprobs\":{\"content\":[{\"token\":\"a\"}]}}]}", YES},
        {"{\"choices\":[{\"logprobs\":null}]}", NO},
        {"{\"choices\":[{\"message\":{}}]}", NO},
        {"{\"error\":{}}", UNKNOWN},
        {"<html>", UNKNOWN},
        {"", UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (probe_reading_logprobs(slice_of(rows[i].body)) != rows[i].expect)
            fail_msg("%s", rows[i].body);
}

static void the_context_is_found_wherever_a_server_names_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t expect;
    } messages[] = {
        {"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
         4096},
        {"request (5000 tokens) exceeds the available context size (2048 tokens), try increasing "
         "it",
         2048},
        {"the request is too long: 5000 tokens", 0},
        {"context length exceeded in step 7 of 32768 tokens", 32768},
        {"context 99999999999999999999999", 0},
        {"context", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (probe_reading_context(slice_of(messages[i].text)) != messages[i].expect)
            fail_msg("%s", messages[i].text);
    assert_int_equal(
        probe_reading_props(S("{\"default_generation_settings\":{\"n_ctx\":1024},\"n_ctx\":9}")),
        1024);
    assert_int_equal(probe_reading_props(S("{\"n_ctx\":512}")), 512);
    assert_int_equal(probe_reading_props(S("{\"default_generation_settings\":{}}")), 0);
    assert_int_equal(probe_reading_props(S("no")), 0);
}

/* ---- what a project is refused for ---- */

static struct arena arena;

static void load(struct project *p, const char *yaml)
{
    struct err e;
    arena_reset(&arena);
    if (!project_from_text(p, &arena, "gavel.yaml", slice_of(yaml), &e))
        fail_msg("%s", e.text);
}

#define TWO                                                                                       \
    "endpoints:\n- {url: \"http://a/v1\", model: m, continuation: %s}\n- {url: \"http://b/v1\", " \
    "model: m}\ngeneration: {max_tokens: 1000}\n"

static void what_is_not_known_becomes_a_further_turn(void **state)
{
    (void)state;
    static const struct {
        const char *said;
        enum continuation found, settled;
    } rows[] = {
        {"auto", CONTINUATION_AUTO, CONTINUATION_TURN},
        {"auto", CONTINUATION_TURN, CONTINUATION_TURN},
        {"auto", CONTINUATION_TRAILING, CONTINUATION_TRAILING},
        {"auto", CONTINUATION_FLAG, CONTINUATION_FLAG},
        {"auto", CONTINUATION_PREFIX, CONTINUATION_PREFIX},
        {"flag", CONTINUATION_TURN, CONTINUATION_FLAG}, /* the owner knows better */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct project p;
        struct err e;
        struct probe probes[2] = {{.ok = true}, {.ok = false}};
        char yaml[400];
        snprintf(yaml, sizeof yaml, TWO, rows[i].said);
        load(&p, yaml);
        probes[0].ability.continuation = rows[i].found;
        assert_true(probe_settle(&p, probes, &e));
        const struct project_endpoint *all = p.endpoints.items;
        assert_int_equal(all[0].continuation, rows[i].settled);
        assert_int_equal(all[1].continuation, CONTINUATION_TURN); /* it did not answer */
    }
}

static void what_an_endpoint_cannot_serve_is_refused_with_what_to_change(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        struct probe probe;
        const char *expect; /* NULL: it can be served */
    } rows[] = {
        {"", {.ok = true, .ability = {.context = 1001}}, NULL},
        {"", {.ok = true, .ability = {.context = 1000}}, "generation.max_tokens"},
        {"", {.ok = true}, NULL},
        {"generation: {max_tokens: 9, per_request: 4}\n",
         {.ok = true, .one_only = true},
         "generation.per_request"},
        {"generation: {max_tokens: 9, per_request: 4}\n",
         {.ok = true, .one_only = true, .ability = {.n_choices = 1}},
         "it sends one"},
        {"generation: {max_tokens: 9, per_request: 4}\n",
         {.ok = true, .ability = {.n_choices = 2}},
         NULL},
        {"generation: {max_tokens: 9, per_request: 4}\n", {.ok = false}, NULL},
        {"", {.ok = true, .one_only = true}, NULL},
        {"budget: {tokens: 5}\ngeneration: {max_tokens: 9}\n",
         {.ok = true, .ability = {.usage = NO}},
         "budget.tokens"},
        {"budget: {tokens: 5}\ngeneration: {max_tokens: 9, stream: true}\n",
         {.ok = true, .ability = {.usage = YES, .stream_usage = NO}},
         "budget.tokens"},
        {"budget: {tokens: 5}\ngeneration: {max_tokens: 9}\n",
         {.ok = true, .ability = {.usage = YES, .stream_usage = NO}},
         NULL},
        {"budget: {tokens: 5}\ngeneration: {max_tokens: 9}\n", {.ok = true}, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct project p;
        struct err e;
        char yaml[400];
        bool own = strstr(rows[i].yaml, "generation") != NULL;
        snprintf(yaml, sizeof yaml, "endpoints: [{url: \"http://a/v1\", model: m}]\n%s%s",
                 own ? "" : "generation: {max_tokens: 1000}\n", rows[i].yaml);
        load(&p, yaml);
        bool ok = probe_settle(&p, &rows[i].probe, &e);
        if (ok != !rows[i].expect)
            fail_msg("row %d: %s", (int)i, ok ? "taken" : e.text);
        if (ok)
            continue;
        assert_int_equal(e.code, ERR_USAGE);
        if (!strstr(e.text, rows[i].expect) || !strstr(e.text, "endpoints[0] (http://a/v1)") ||
            !strstr(e.text, "set "))
            fail_msg("row %d: %s", (int)i, e.text);
    }
}

static void only_what_was_asked_is_told(void **state)
{
    (void)state;
    struct project p;
    struct buf out;
    char yaml[400];
    struct probe probes[2] = {{0}, {.asked = true, .ok = true, .ability = {.answers = true}}};
    snprintf(yaml, sizeof yaml, TWO, "auto");
    load(&p, yaml);
    buf_init(&out, 1 << 16);
    probe_abilities(&p, probes, &out);
    assert_non_null(strstr(buf_cstr(&out), "http://b/v1"));
    assert_null(strstr(buf_cstr(&out), "http://a/v1"));
    struct err e;
    json *list = json_parse(buf_view(&out), JSON_STRICT, &e);
    assert_non_null(list);
    assert_int_equal(json_count(list), 1);
    json_free(list);
    buf_clear(&out);
    probes[1].asked = false;
    probe_abilities(&p, probes, &out);
    assert_int_equal(out.n, 0);
    buf_free(&out);
}

/* ---- what it costs ---- */

#define ANSWER(body) "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " body
#define READY                                                                                    \
    "{\"choices\":[{\"message\":{\"content\":\"ready\"},\"finish_reason\":\"stop\"}],\"usage\":" \
    "{\"completion_tokens\":1}}"
#define REFUSED "{\"error\":{\"message\":\"no such thing\",\"type\":\"x\",\"code\":400}}"

static const struct fake_script scripts[] = {
    {"ready", {{FAKE_SEND, ANSWER("100\r\n\r\n") READY, 0}, {FAKE_END, NULL, 0}}},
    {"refuses",
     {{FAKE_SEND,
       "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: "
       "59\r\n\r\n" REFUSED,
       0},
      {FAKE_END, NULL, 0}}},
    {"dead", {{FAKE_RESET, NULL, 0}}},
    {"busy",
     {{FAKE_SEND, "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n", 0},
      {FAKE_END, NULL, 0}}},
};

static struct project project;

static struct fake_teacher *serve(const char *name, const char *yaml)
{
    struct fake_teacher *f = fake_teacher_start(scripts, sizeof scripts / sizeof scripts[0]);
    char text[600];
    snprintf(text, sizeof text,
             "endpoints: [{url: \"http://127.0.0.1:%d/%s/v1\", model: m}]\n"
             "deadlines: {connect: 20, first_byte: 20, idle: 20, total: 20}\n%s",
             fake_teacher_port(f), name, yaml);
    load(&project, text);
    return f;
}

static void an_endpoint_that_does_not_answer_costs_one_call(void **state)
{
    (void)state;
    static const char *const names[] = {"dead", "busy"};
    for (size_t i = 0; i < 2; i++) {
        struct fake_teacher *f = serve(names[i], "");
        struct probe probe;
        struct err e;
        assert_true(probe_all(&project, &probe, &e));
        assert_false(probe.ok);
        assert_true(probe.asked);
        assert_true(probe.message[0] != '\0');
        /* A connection that breaks before any answer is tried once more by the client itself. */
        assert_true(fake_teacher_counts(f).requests <= 2);
        assert_true(probe_settle(&project, &probe, &e));
        fake_teacher_stop(f);
    }
}

static void an_endpoint_that_answers_costs_at_most_ten(void **state)
{
    (void)state;
    struct fake_teacher *f = serve("ready", "");
    struct probe probe;
    struct err e;
    assert_true(probe_all(&project, &probe, &e));
    assert_true(probe.ok);
    assert_true(probe.ability.answers);
    assert_int_equal(probe.ability.continuation, CONTINUATION_TURN);
    assert_int_equal(probe.ability.seed, UNKNOWN); /* it always says the same */
    assert_int_equal(probe.ability.n_choices, 1);
    assert_true(probe.one_only);
    assert_int_equal(probe.ability.usage, YES);
    assert_int_equal(probe.ability.logprobs, NO);
    assert_int_equal(probe.ability.context, 0);
    assert_int_equal(fake_teacher_counts(f).requests, 12); /* two are no completions */
    fake_teacher_stop(f);
}

static void at_temperature_0_a_seed_is_not_asked_for(void **state)
{
    (void)state;
    static const char *const settings[] = {"generation: {temperature: 0}\n",
                                           "generation: {send_seed: false}\n"};
    for (size_t i = 0; i < 2; i++) {
        struct fake_teacher *f = serve("ready", settings[i]);
        struct probe probe;
        struct err e;
        assert_true(probe_all(&project, &probe, &e));
        assert_int_equal(probe.ability.seed, UNKNOWN);
        assert_int_equal(fake_teacher_counts(f).requests, 12 - 3);
        fake_teacher_stop(f);
    }
}

static void a_run_asks_only_what_its_settings_depend_on(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        size_t requests;
        const char *why;
    } rows[] = {
        {"reflection: {mode: none}\n", 0, "nothing"},
        {"reflection: {mode: natural}\n", 0, "nothing is gone on with"},
        {"reflection: {mode: mixed}\n", 3 + 2, "three ways, and two lists"},
        {"reflection: {mode: none, max_tokens: 100}\n", 3 + 2, "thoughts are closed"},
        {"reflection: {mode: none}\nhint: {share: 0.1}\n", 3 + 2, "thoughts are judged again"},
        {"reflection: {mode: none}\nbudget: {tokens: 9}\n", 1 + 2, "one answer"},
        {"reflection: {mode: none}\ngeneration: {per_request: 2}\n", 1 + 2, "two choices"},
        {"reflection: {mode: wait}\ngeneration: {per_request: 2}\n", 4 + 2, "both"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake_teacher *f = serve("ready", rows[i].yaml);
        struct probe probe;
        struct err e;
        assert_true(probe_needed(&project, &probe, &e));
        size_t requests = fake_teacher_counts(f).requests;
        if (requests != rows[i].requests || probe.asked != (requests > 0))
            fail_msg("%s: %d", rows[i].why, (int)requests);
        fake_teacher_stop(f);
    }
}

static void a_server_that_refuses_is_there(void **state)
{
    (void)state;
    struct fake_teacher *f = serve("refuses", "generation: {per_request: 2}\n");
    struct probe probe;
    struct err e;
    assert_true(probe_needed(&project, &probe, &e));
    assert_false(probe.ok);
    assert_int_equal(probe.http_status, 400);
    assert_true(probe.one_only);
    assert_false(probe_settle(&project, &probe, &e));
    assert_non_null(strstr(e.text, "refuses a request for two choices"));
    fake_teacher_stop(f);
}

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    arena_init(&arena, 16 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_goes_on_only_when_it_begins_with_the_rest_of_the_word),
        cmocka_unit_test(a_seed_is_honoured_when_it_alone_makes_the_difference),
        cmocka_unit_test(usage_of_two_choices_is_told_by_answers_of_known_length),
        cmocka_unit_test(logprobs_are_there_or_not_or_not_known),
        cmocka_unit_test(the_context_is_found_wherever_a_server_names_it),
        cmocka_unit_test(what_is_not_known_becomes_a_further_turn),
        cmocka_unit_test(what_an_endpoint_cannot_serve_is_refused_with_what_to_change),
        cmocka_unit_test(only_what_was_asked_is_told),
        cmocka_unit_test(an_endpoint_that_does_not_answer_costs_one_call),
        cmocka_unit_test(an_endpoint_that_answers_costs_at_most_ten),
        cmocka_unit_test(at_temperature_0_a_seed_is_not_asked_for),
        cmocka_unit_test(a_run_asks_only_what_its_settings_depend_on),
        cmocka_unit_test(a_server_that_refuses_is_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
