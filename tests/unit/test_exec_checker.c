/* A command of the user's as a checker: what it is sent, what it may say, and what it must not
 * see. How it misbehaves in a whole run is in tests/e2e/test_answers.py. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coordinator/exec_checker.h"
#include "coordinator/exec_reply.h"

#define MAX_RESULTS 64

/* Says of every request that it is equal, and why is what CMD writes. */
#define SHELL(cmd)                                                                               \
    "while read -r line; do id=${line#*\\\"id\\\":\\\"}; id=${id%%\\\"*}; why=$(" cmd "); echo " \
    "\"{\\\"id\\\":\\\"$id\\\",\\\"verdict\\\":\\\"equal\\\",\\\"why\\\":\\\"$why\\\"}\"; done"

struct run {
    struct loop *loop;
    struct exec_checker *x;
    struct answer_result results[MAX_RESULTS];
    int times[MAX_RESULTS];
    uint64_t again; /* asked from within `done`, as long as it is above 0 */
};

static void on_done(void *context, uint64_t id, const struct answer_result *r)
{
    struct run *run = context;
    struct err e;
    assert_true(id < MAX_RESULTS);
    run->results[id] = *r;
    run->times[id]++;
    if (run->again && --run->again)
        assert_true(exec_checker_ask(run->x, run->again, S("a"), S("b"), S(""), &e));
}

static struct exec_settings settings(struct run *run, const char *command)
{
    return (struct exec_settings){
        .command = command, .timeout = 60, .workers = 2, .done = on_done, .context = run};
}

static void begin(struct run *run, const struct exec_settings *s)
{
    struct err e;
    run->loop = loop_new(&e);
    run->x = exec_checker_new(run->loop, s, &e);
    assert_non_null(run->x);
}

static void ask(struct run *run, uint64_t id)
{
    struct err e;
    assert_true(exec_checker_ask(run->x, id, S("1"), S("2"), S("p"), &e));
}

static void finish(struct run *run)
{
    struct err e;
    while (exec_checker_open(run->x))
        assert_true(loop_turn(run->loop, 60000, &e));
}

static void end(struct run *run)
{
    exec_checker_free(run->x);
    loop_free(run->loop);
}

static void test_each_is_answered_once(void **state)
{
    struct run run = {0};
    struct exec_settings s = settings(&run, SHELL("echo fine"));
    (void)state;
    begin(&run, &s);
    for (uint64_t i = 0; i < 40; i++)
        ask(&run, i);
    for (int i = 0; i < 40; i++)
        assert_int_equal(run.times[i], 0); /* never within the call */
    finish(&run);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(run.times[i], 1);
        assert_true(answer_is_right(&run.results[i]));
        assert_string_equal(run.results[i].why, "fine");
    }
    end(&run);
}

static void test_secrets_stay_here(void **state)
{
    struct run run = {0};
    struct exec_settings s = settings(&run, SHELL("echo ${TEACHER_KEY-gone} ${TEACHER_KEYS-gone}"));
    (void)state;
    setenv("TEACHER_KEY", "hush", 1);
    setenv("TEACHER_KEYS", "seen", 1);
    s.hidden[s.n_hidden++] = "TEACHER_KEY";
    begin(&run, &s);
    ask(&run, 0);
    finish(&run);
    assert_string_equal(run.results[0].why, "gone seen");
    end(&run);
}

static void test_settings_of_a_project(void **state)
{
    static const char text[] = "endpoints:\n- {url: 'http://a/v1', model: m, api_key_env: FIRST}\n"
                               "- {url: 'http://b/v1', model: m}\n"
                               "- {url: 'http://c/v1', model: m, api_key_env: SECOND}\n"
                               "answers: {kind: exec, exec: ./mine, exec_timeout: 2.5}\n";
    struct project p;
    struct arena arena;
    struct err e;
    (void)state;
    arena_init(&arena, 1 << 22);
    if (!project_from_text(&p, &arena, "p", slice_of(text), &e))
        fail_msg("%s", e.text);
    struct exec_settings s = exec_settings_of(&p, on_done, NULL);
    assert_string_equal(s.command, "./mine");
    assert_true(s.timeout == 2.5 && s.workers == 2 && s.n_hidden == 2);
    assert_string_equal(s.hidden[0], "FIRST");
    assert_string_equal(s.hidden[1], "SECOND");
    arena_free(&arena);
}

static void test_it_runs_in_the_projects_folder(void **state)
{
    struct run run = {0};
    struct exec_settings s = settings(&run, SHELL("pwd"));
    (void)state;
    s.dir = "/";
    begin(&run, &s);
    ask(&run, 0);
    finish(&run);
    assert_string_equal(run.results[0].why, "/");
    end(&run);
}

/* Signals that we block or ignore are as usual for the command. */
static void test_signals_are_as_usual(void **state)
{
    struct run run = {0};
    struct exec_settings s = settings(
        &run, SHELL("grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\n\\t'"));
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    begin(&run, &s);
    ask(&run, 0);
    finish(&run);
    assert_string_equal(run.results[0].why, "SigBlk:0000000000000000SigIgn:0000000000000000");
    end(&run);
}

static void test_asking_from_within_an_answer(void **state)
{
    struct run run = {.again = 20};
    struct exec_settings s = settings(&run, SHELL("echo fine"));
    (void)state;
    begin(&run, &s);
    ask(&run, 0);
    finish(&run);
    for (int i = 0; i < 20; i++)
        assert_int_equal(run.times[i], 1);
    end(&run);
}

/* Also when there is no hope: then each is unknown, one after the other, and nothing recurses. */
static void test_asking_without_hope(void **state)
{
    struct run run = {.again = 60};
    struct exec_settings s = settings(&run, "exit 1");
    (void)state;
    begin(&run, &s);
    ask(&run, 0);
    finish(&run);
    assert_true(exec_checker_hopeless(run.x));
    for (int i = 0; i < 60; i++) {
        assert_int_equal(run.times[i], 1);
        assert_int_equal(run.results[i].lenient, ANSWER_UNKNOWN);
    }
    end(&run);
}

static void test_a_full_queue_says_so(void **state)
{
    struct run run = {0};
    struct exec_settings s = settings(&run, SHELL("echo fine"));
    struct err e;
    (void)state;
    s.queue = 3;
    begin(&run, &s);
    for (uint64_t i = 0; i < 3; i++)
        ask(&run, i);
    assert_false(exec_checker_ask(run.x, 3, S("1"), S("2"), S(""), &e));
    assert_int_equal(e.code, ERR_BUSY);
    finish(&run);
    end(&run);
}

static void test_ending_while_it_works(void **state)
{
    struct run run = {0};
    struct exec_settings s = settings(&run, "sleep 1000");
    struct err e;
    (void)state;
    begin(&run, &s);
    ask(&run, 0);
    ask(&run, 1);
    ask(&run, 2);
    assert_true(loop_turn(run.loop, 60000, &e));
    end(&run);
    assert_int_equal(run.times[0] + run.times[1] + run.times[2], 0);
}

/* A request that fills the pipe of a command that does not read. */
static void test_a_command_that_does_not_read(void **state)
{
    static char long_text[1 << 20];
    struct run run = {0};
    struct exec_settings s = settings(&run, "exec sleep 1000");
    struct err e;
    (void)state;
    memset(long_text, 'x', sizeof long_text);
    s.timeout = 0.2;
    begin(&run, &s);
    assert_true(
        exec_checker_ask(run.x, 0, S("1"), (struct slice){long_text, sizeof long_text}, S(""), &e));
    finish(&run);
    assert_int_equal(run.results[0].verdict, ANSWER_UNKNOWN);
    assert_non_null(strstr(run.results[0].why, "within 0.2 s"));
    end(&run);
}

static void test_replies(void **state)
{
    static const struct {
        const char *line, *why; /* why: of the result, or of the error */
        enum answer_verdict verdict;
        bool ok;
    } rows[] = {
        {"{\"id\":\"7\",\"verdict\":\"equal\"}", "the command says so", ANSWER_EQUAL, true},
        {"{\"id\":7,\"verdict\":\"different\",\"why\":\"x\"}", "x", ANSWER_DIFFERENT, true},
        {"{\"id\":\"7\",\"verdict\":\"unknown\",\"more\":[]}", "the command says so",
         ANSWER_UNKNOWN, true},
        {"{\"id\":\"7\",\"verdict\":\"equal\",\"why\":\"a\\nb\"}", "a\\nb", ANSWER_EQUAL, true},
        {"{\"id\":\"8\",\"verdict\":\"equal\"}", "without the id", 0, false},
        {"{\"id\":\"07\",\"verdict\":\"equal\"}", "without the id", 0, false},
        {"{\"verdict\":\"equal\"}", "without the id", 0, false},
        {"{\"id\":\"7\",\"verdict\":\"EQUAL\"}", "verdict other than", 0, false},
        {"{\"id\":\"7\",\"verdict\":true}", "verdict other than", 0, false},
        {"[7]", "without the id", 0, false},
        {"", "no JSON", 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct answer_result r = {0};
        struct err e = {0};
        bool ok = exec_reply_read(slice_of(rows[i].line), 7, &r, &e);
        if (ok != rows[i].ok || !strstr(ok ? r.why : e.text, rows[i].why))
            fail_msg("%s: %s", rows[i].line, ok ? r.why : e.text);
        assert_true(!ok || (r.verdict == rows[i].verdict && r.strict == r.lenient));
    }
}

/* A reason is cut between characters. */
static void test_a_long_reason(void **state)
{
    char text[2000];
    struct answer_result r;
    (void)state;
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 4);
    exec_reply_reason(&r, slice_of(text));
    size_t n = strlen(r.why);
    assert_true(n > 100 && n < sizeof r.why && n % 3 == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_answered_once),
        cmocka_unit_test(test_secrets_stay_here),
        cmocka_unit_test(test_settings_of_a_project),
        cmocka_unit_test(test_it_runs_in_the_projects_folder),
        cmocka_unit_test(test_signals_are_as_usual),
        cmocka_unit_test(test_asking_from_within_an_answer),
        cmocka_unit_test(test_asking_without_hope),
        cmocka_unit_test(test_a_full_queue_says_so),
        cmocka_unit_test(test_ending_while_it_works),
        cmocka_unit_test(test_a_command_that_does_not_read),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_a_long_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
