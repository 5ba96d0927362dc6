/* What `gavel preview` asks and makes of the answers: the same calls that a run would begin with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/fake_teacher.h"

/* The command is no library: its parts are compiled into their tests. */
#include "cli/questions.c"
#include "cli/rehearsal.c"

#define HEAD(more) "HTTP/1.1 200 OK\r\nConnection: close\r\n" more "\r\n"
#define SAYS(content)                                                               \
    HEAD("")                                                                        \
    "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"" content \
    "\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7}}"
#define ALWAYS(name, text)        \
    {                             \
        name,                     \
        {                         \
            {FAKE_SEND, text, 0}, \
            {                     \
                .act = FAKE_CLOSE \
            }                     \
        }                         \
    }

static const struct fake_script scripts[] = {
    ALWAYS("a", SAYS("<think>Four it is.</think><answer>[[A]]</answer>")),
    ALWAYS("seven", SAYS("<think>Good.</think><score>7</score>")),
    ALWAYS("out", "HTTP/1.1 503 x\r\nConnection: close\r\n\r\nbusy"),
};

static struct {
    struct fake_teacher *fake;
    struct arena arena;
    struct project project;
    struct chain chain;
    struct seats seats;
    struct rehearsal rehearsal;
} w;

static struct message question = {{"user", 4}, {"What is 2+2?", 12}};
static struct message good = {{"assistant", 9}, {"It is four.", 11}};
static struct message bad = {{"assistant", 9}, {"It is five.", 11}};

static void rehearse(const char *script, const char *more)
{
    struct err e = {0};
    char text[1000];
    static struct first_pair pairs[2];
    arena_init(&w.arena, 64 << 20);
    w.fake = fake_teacher_start(scripts, sizeof scripts / sizeof scripts[0]);
    snprintf(text, sizeof text,
             "name: t\nstore: t.db\nseeds: [{path: s.jsonl}]\nfilters: []\n"
             "endpoints: [{role: teacher, url: \"http://127.0.0.1:%d/%s/v1\", model: m}]\n%s",
             fake_teacher_port(w.fake), script, more);
    for (size_t i = 0; i < 2; i++)
        pairs[i] = (struct first_pair){.file = "s.jsonl",
                                       .line = (int64_t)i + 1,
                                       .id = {{(unsigned char)(i + 1)}},
                                       .prompt = {&question, 1},
                                       .chosen = {&good, 1},
                                       .rejected = {&bad, 1}};
    if (!project_from_text(&w.project, &w.arena, "t.yaml", slice_of(text), &e) ||
        !chain_build(&w.chain, &w.project, &e) || !seats_build(&w.seats, &w.project, &e))
        fail_msg("%s", e.text);
    w.rehearsal = (struct rehearsal){.project = &w.project, .seats = &w.seats, .chain = &w.chain};
    if (!rehearsal_make(&w.rehearsal, pairs, 2, &w.arena, &e))
        fail_msg("%s", e.text);
    assert_int_equal(w.rehearsal.n, 4);
}

static void end(void)
{
    fake_teacher_stop(w.fake);
    arena_free(&w.arena);
}

static const struct call_result *last_of_rollout(const struct rehearsal_rollout *o)
{
    assert_true(o->n_calls > 0);
    return &o->calls[o->n_calls - 1].result;
}

static void each_pair_is_judged_once_in_each_order(void **state)
{
    (void)state;
    rehearse("a", "reflection: {mode: none}\n");
    for (size_t i = 0; i < 4; i++) {
        const struct rehearsal_rollout *o = &w.rehearsal.rollouts[i];
        const struct call_key key = {.lane = (uint8_t)(i % 2)};
        const struct id id = call_id(&o->pair->id, &w.seats.all[0].recipe, key);
        assert_int_equal(o->lane, i % 2 ? LANE_REJECTED_FIRST : LANE_CHOSEN_FIRST);
        assert_int_equal(o->n_calls, 1);
        assert_true(o->answered);
        assert_int_equal(o->outcome, i % 2 ? OUTCOME_INCORRECT : OUTCOME_CORRECT);
        assert_int_equal(o->calls[0].seed, call_seed(&id, (uint64_t)w.project.rng_seed));
        assert_true(slice_is(last_of_rollout(o)->thought, "Four it is."));
    }
    assert_int_equal(w.rehearsal.answers, 4);
    end();
}

static void a_rollout_goes_on_as_the_reflector_says(void **state)
{
    (void)state;
    rehearse("a", "reflection: {mode: wait, rounds: 2, cues: [\"Wait, once more.\"]}\n");
    for (size_t i = 0; i < 4; i++) {
        const struct rehearsal_rollout *o = &w.rehearsal.rollouts[i];
        const struct call_result *r = last_of_rollout(o);
        assert_int_equal(o->n_calls, 3);
        assert_int_equal(o->calls[1].ask, ASK_CONTINUE);
        assert_int_not_equal(o->calls[0].seed, o->calls[1].seed);
        assert_int_equal(r->first, VERDICT_A);
        assert_int_equal(r->trace_tokens, 21);
        assert_true(slice_find(r->thought, S("Wait, once more.")) != SIZE_MAX);
        assert_true(slice_find(r->segments, S("\"cue\"")) != SIZE_MAX);
        assert_int_equal(o->request.n, 2); /* the one that was asked first is shown */
    }
    assert_int_equal(w.rehearsal.answers, 12);
    end();
}

static void both_halves_of_a_pointwise_judgment_are_one(void **state)
{
    (void)state;
    rehearse("seven", "judge: {format: pointwise}\nreflection: {mode: none}\n");
    for (size_t i = 0; i < 4; i++) {
        const struct rehearsal_rollout *o = &w.rehearsal.rollouts[i];
        assert_int_equal(o->lane, i % 2 ? LANE_REJECTED_ONLY : LANE_CHOSEN_ONLY);
        assert_int_equal(last_of_rollout(o)->score_a, 700);
        assert_int_equal(o->judging.task.answer_b.n, 0);
        assert_true(
            chat_eq(&o->judging.task.answer_a, i % 2 ? &o->pair->rejected : &o->pair->chosen));
        assert_int_equal(o->outcome, OUTCOME_TIE);
    }
    end();
}

static void a_call_that_fails_is_told_and_ends_its_rollout(void **state)
{
    (void)state;
    rehearse("out", "reflection: {mode: wait}\n");
    for (size_t i = 0; i < 4; i++) {
        const struct rehearsal_rollout *o = &w.rehearsal.rollouts[i];
        assert_int_equal(o->n_calls, 1);
        assert_false(o->answered);
        assert_int_equal(o->calls[0].failure, FAILURE_OVERLOADED);
        assert_int_equal(o->calls[0].http_status, 503);
        assert_non_null(o->calls[0].message);
    }
    assert_int_equal(w.rehearsal.answers, 0);
    end();
}

static void a_nonce_is_that_of_the_pair(void **state)
{
    (void)state;
    rehearse("a", "judge: {nonce: true}\nreflection: {mode: none}\n");
    const struct rehearsal_rollout *all = w.rehearsal.rollouts;
    assert_int_equal(all[0].judging.task.nonce.n, NONCE_BYTES);
    assert_true(slice_eq(all[0].judging.task.nonce, all[1].judging.task.nonce));
    assert_false(slice_eq(all[0].judging.task.nonce, all[2].judging.task.nonce));
    assert_int_equal(all[0].outcome, OUTCOME_NO_VERDICT); /* the answer's tags lack it */
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pair_is_judged_once_in_each_order),
        cmocka_unit_test(a_rollout_goes_on_as_the_reflector_says),
        cmocka_unit_test(both_halves_of_a_pointwise_judgment_are_one),
        cmocka_unit_test(a_call_that_fails_is_told_and_ends_its_rollout),
        cmocka_unit_test(a_nonce_is_that_of_the_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
