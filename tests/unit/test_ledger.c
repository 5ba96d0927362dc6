/* The store: counters that are always right, readers beside a writer, locks and versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "coordinator/store/rollouts.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

static const char *fresh_store(void)
{
    static int n;
    char name[32];
    snprintf(name, sizeof name, "ledger-%d.db", n++);
    return scratch_path(name);
}

static void begin(struct ledger_fixture *f)
{
    struct err e;
    fixture_must(store_begin(f->store, &e), &e);
}

static void commit(struct ledger_fixture *f)
{
    struct err e;
    fixture_must(store_commit(f->store, &e), &e);
}

/* A model of what the store should say of itself. */

enum { PAIRS = 12, MOST_K = 4 };

struct model {
    int pairs;
    enum pair_state state[PAIRS + 1];
    enum reason reason[PAIRS + 1];
    bool stored[PAIRS + 1][2][MOST_K];
    enum verdict verdict[PAIRS + 1][2][MOST_K];
    bool filtered[PAIRS + 1][2][MOST_K];
};

static int64_t counter(struct ledger_fixture *f, const char *kind, const char *name)
{
    char text[64];
    snprintf(text, sizeof text, "%s.%s", kind, name);
    return store_counter(f->store, text);
}

static void check_counters(struct ledger_fixture *f, const struct model *m)
{
    int64_t states[STATE_COUNT] = {0}, outcomes[OUTCOME_COUNT] = {0}, calls = 0, filtered = 0,
            verdicts[2][VERDICT_COUNT] = {{0}}, reasons[REASON_COUNT] = {0};
    for (int row = 1; row <= m->pairs; row++) {
        states[m->state[row]]++;
        if (m->state[row] == STATE_REJECTED)
            reasons[m->reason[row]]++;
        for (int lane = 0; lane < 2; lane++) {
            for (int k = 0; k < MOST_K; k++) {
                if (!m->stored[row][lane][k])
                    continue;
                enum verdict v = m->verdict[row][lane][k];
                calls++;
                outcomes[outcome_of(v, (enum lane)lane)]++;
                verdicts[lane][v]++;
                filtered += m->filtered[row][lane][k];
            }
        }
    }
    assert_int_equal(counter(f, "pairs", "total"), m->pairs);
    for (int i = 0; i < STATE_COUNT; i++)
        assert_int_equal(counter(f, "pairs", state_name((enum pair_state)i)), states[i]);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_int_equal(counter(f, "rollouts", outcome_name((enum outcome)i)), outcomes[i]);
    for (int i = 1; i < REASON_COUNT; i++)
        assert_int_equal(counter(f, "reason.rejected", reason_name((enum reason)i)), reasons[i]);
    for (int lane = 0; lane < 2; lane++)
        for (int i = 0; i < VERDICT_COUNT; i++) {
            char kind[48];
            snprintf(kind, sizeof kind, "verdict.%s", lane_name((enum lane)lane));
            assert_int_equal(counter(f, kind, verdict_name((enum verdict)i)), verdicts[lane][i]);
        }
    assert_int_equal(counter(f, "calls", "done"), calls);
    assert_int_equal(counter(f, "rollouts", "total"), calls);
    assert_int_equal(counter(f, "filter", "length"), filtered);
}

static void check_rows(struct ledger_fixture *f, const struct model *m)
{
    struct err e;
    struct ledger_pair open[PAIRS];
    size_t n, expect = 0;
    fixture_must(ledger_open_pairs(f->store, 0, open, PAIRS, &n, &e), &e);
    for (int row = 1; row <= m->pairs; row++) {
        struct ledger_rollout got[2 * MOST_K];
        size_t rollouts, stored = 0;
        if (m->state[row] == STATE_OPEN)
            assert_int_equal(open[expect++].row, row);
        fixture_must(ledger_rollouts(f->store, (uint64_t)row, f->run.recipe.row, got, 2 * MOST_K,
                                     &rollouts, &e),
                     &e);
        for (size_t i = 0; i < rollouts; i++) {
            assert_true(m->stored[row][got[i].lane][got[i].k]);
            assert_int_equal(got[i].verdict, m->verdict[row][got[i].lane][got[i].k]);
            assert_int_equal(got[i].filtered, m->filtered[row][got[i].lane][got[i].k]);
        }
        for (int i = 0; i < 2 * MOST_K; i++)
            stored += m->stored[row][i % 2][i / 2];
        assert_int_equal(rollouts, stored);
    }
    assert_int_equal(n, expect);
}

static void add_rollout(struct ledger_fixture *f, struct model *m, int row, struct rng *r)
{
    int lane = (int)rng_below(r, 2), k = (int)rng_below(r, MOST_K);
    struct call_key key = {.row = (uint64_t)row, .lane = (uint8_t)lane, .k = (uint8_t)k};
    assert_int_equal(ledger_has_call(f->store, f->run.recipe.row, key), m->stored[row][lane][k]);
    if (m->stored[row][lane][k])
        return;
    struct fixture_rollout spec = {
        .lane = (enum lane)lane, .k = k, .verdict = (enum verdict)rng_below(r, VERDICT_COUNT)};
    spec.filter = spec.verdict <= VERDICT_B && rng_below(r, 4) == 0 ? "length" : "";
    fixture_add_rollout(f, (uint64_t)row, &spec);
    m->stored[row][lane][k] = true;
    m->verdict[row][lane][k] = spec.verdict;
    m->filtered[row][lane][k] = spec.filter[0] != '\0';
}

static void decide(struct ledger_fixture *f, struct model *m, int row, struct rng *r)
{
    static const struct {
        enum pair_state state;
        enum reason reason;
    } fates[] = {
        {STATE_ACCEPTED, REASON_ACCEPTED},      {STATE_REJECTED, REASON_INCONSISTENT},
        {STATE_REJECTED, REASON_FAILED_BOTH},   {STATE_DEFERRED, REASON_OUT_OF_TRIES},
        {STATE_REJECTED, REASON_CORPUS_FILTER}, {STATE_OPEN, REASON_NONE},
    };
    size_t i = (size_t)rng_below(r, sizeof fates / sizeof fates[0]);
    fixture_decide(f, (uint64_t)row, fates[i].state, fates[i].reason);
    m->state[row] = fates[i].state;
    m->reason[row] = fates[i].reason;
}

static void reopen(struct ledger_fixture *f, struct model *m)
{
    struct err e;
    int64_t n, expect = 0;
    for (int row = 1; row <= m->pairs; row++) {
        expect += m->state[row] == STATE_DEFERRED;
        if (m->state[row] == STATE_DEFERRED)
            m->state[row] = STATE_OPEN;
    }
    fixture_must(ledger_reopen_deferred(f->store, &n, &e), &e);
    assert_int_equal(n, expect);
}

static void random_step(struct ledger_fixture *f, struct model *m, struct rng *r)
{
    int row = m->pairs ? 1 + (int)rng_below(r, (uint64_t)m->pairs) : 0;
    uint64_t what = rng_below(r, 10);
    if (m->pairs < PAIRS && (what < 2 || !row)) {
        fixture_add_pair(f, &(struct fixture_pair){0});
        m->pairs++;
        m->state[m->pairs] = STATE_OPEN;
    } else if (what < 7) {
        add_rollout(f, m, row, r);
    } else if (what < 9) {
        decide(f, m, row, r);
    } else {
        reopen(f, m);
    }
}

static void counters_equal_the_counts_after_any_transactions(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct ledger_fixture f;
        struct model m = {0};
        struct rng r;
        char path[300];
        rng_init(&r, seed);
        snprintf(path, sizeof path, "%s", fresh_store());
        fixture_open(&f, path, "");
        for (int round = 0; round < 25; round++) {
            struct model before = m;
            uint64_t pairs_before = f.pairs;
            int64_t line_before = f.line;
            begin(&f);
            for (uint64_t i = rng_below(&r, 12); i > 0; i--)
                random_step(&f, &m, &r);
            if (rng_below(&r, 4) == 0) { /* nothing of it happened */
                store_rollback(f.store);
                m = before;
                f.pairs = pairs_before;
                f.line = line_before;
            } else {
                commit(&f);
            }
            check_counters(&f, &m);
            check_rows(&f, &m);
        }
        struct err e;
        store_close(f.store);
        f.store = store_open(path, STORE_WRITE, &e);
        fixture_must(f.store != NULL, &e);
        check_counters(&f, &m);
        fixture_close(&f);
    }
}

static void a_changed_filter_moves_its_counter(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct ledger_text_row rows[4];
    struct err e;
    size_t n;
    fixture_open(&f, fresh_store(), "");
    begin(&f);
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, pair, "aA");
    commit(&f);
    fixture_must(ledger_text_rows(f.store, 0, rows, 4, &n, &f.arena, &e), &e);
    assert_int_equal(n, 2);
    assert_true(slice_is(rows[0].filter, "length") && slice_is(rows[1].filter, ""));
    begin(&f);
    fixture_must(ledger_set_filter(f.store, &rows[0], "repetition", &e), &e);
    fixture_must(ledger_set_filter(f.store, &rows[1], "repetition", &e), &e);
    commit(&f);
    assert_int_equal(store_counter(f.store, "filter.length"), 0);
    assert_int_equal(store_counter(f.store, "filter.repetition"), 2);
    begin(&f);
    rows[0].filter = S("repetition");
    fixture_must(ledger_set_filter(f.store, &rows[0], "", &e), &e);
    commit(&f);
    assert_int_equal(store_counter(f.store, "filter.repetition"), 1);
    fixture_close(&f);
}

static void deferred_pairs_are_open_again_with_their_rollouts(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    int64_t n;
    fixture_open(&f, fresh_store(), "");
    begin(&f);
    uint64_t a = fixture_add_pair(&f, &(struct fixture_pair){0});
    uint64_t b = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, a, "A");
    fixture_decide(&f, a, STATE_DEFERRED, REASON_OUT_OF_TRIES);
    fixture_decide(&f, b, STATE_DEFERRED, REASON_REQUEST_REFUSED);
    commit(&f);
    begin(&f);
    fixture_must(ledger_reopen_deferred(f.store, &n, &e), &e);
    commit(&f);
    assert_int_equal(n, 2);
    assert_int_equal(store_counter(f.store, "pairs.deferred"), 0);
    assert_int_equal(store_counter(f.store, "pairs.open"), 2);
    assert_int_equal(store_counter(f.store, "reason.deferred.out_of_tries"), 0);
    struct ledger_rollout known[4];
    size_t rollouts;
    fixture_must(ledger_rollouts(f.store, a, f.run.recipe.row, known, 4, &rollouts, &e), &e);
    assert_int_equal(rollouts, 1);
    begin(&f);
    fixture_must(ledger_reopen_deferred(f.store, &n, &e), &e);
    commit(&f);
    assert_int_equal(n, 0);
    fixture_close(&f);
}

static void only_pairs_of_another_recipe_are_drawn_again(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    int64_t n;
    fixture_open(&f, fresh_store(), "");
    begin(&f);
    uint64_t a = fixture_add_pair(&f, &(struct fixture_pair){0});
    uint64_t b = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_decide(&f, a, STATE_ACCEPTED, REASON_ACCEPTED);
    commit(&f);
    fixture_run(&f, "another");
    begin(&f);
    fixture_decide(&f, b, STATE_REJECTED, REASON_FAILED_BOTH);
    commit(&f);
    begin(&f);
    fixture_must(ledger_reopen_redrawn(f.store, f.run.recipe.row, &n, &e), &e);
    commit(&f);
    assert_int_equal(n, 1);
    struct ledger_pair open[4];
    size_t n_open;
    fixture_must(ledger_open_pairs(f.store, 0, open, 4, &n_open, &e), &e);
    assert_int_equal(n_open, 1);
    assert_int_equal(open[0].row, a);
    assert_int_equal(store_counter(f.store, "pairs.rejected"), 1);
    fixture_close(&f);
}

static void the_same_call_cannot_be_stored_twice(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    fixture_open(&f, fresh_store(), "");
    begin(&f);
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, pair, "A");
    commit(&f);
    begin(&f);
    struct wire_call call = {.attempt = 2, .key = {.row = pair}};
    struct call_result result = {.http_status = 200,
                                 .model = S("m"),
                                 .request_id = S(""),
                                 .thought = S(""),
                                 .answer = S(""),
                                 .filter = S("")};
    assert_false(ledger_add_call(f.store, f.run.recipe.row, SEAT_TEACHER, &call, &result, true,
                                 f.endpoint, 0, 1, &e));
    assert_false(store_commit(f.store, &e)); /* a failure inside spoils the whole transaction */
    assert_int_equal(store_counter(f.store, "calls.done"), 1);
    fixture_close(&f);
}

static void texts_come_back_byte_for_byte(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "'; DROP TABLE calls; --", "\xf0\x9f\x98\x80\n\r\t",
                                        "<think>a</think>"};
    struct ledger_fixture f;
    struct ledger_text_row rows[8];
    struct err e;
    size_t n;
    fixture_open(&f, fresh_store(), "");
    begin(&f);
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){.prompt = texts[1]});
    for (int k = 0; k < 4; k++) {
        struct fixture_rollout r = {.k = k, .thought = texts[k], .answer = texts[3 - k]};
        fixture_add_rollout(&f, pair, &r);
    }
    commit(&f);
    fixture_must(ledger_text_rows(f.store, 0, rows, 8, &n, &f.arena, &e), &e);
    assert_int_equal(n, 4);
    for (int k = 0; k < 4; k++) {
        assert_true(slice_is(rows[k].thought, texts[k]));
        assert_true(slice_is(rows[k].answer, texts[3 - k]));
    }
    struct ledger_task task;
    fixture_must(ledger_task(f.store, pair, &task, &f.arena, &e), &e);
    assert_non_null(strstr(task.prompt.p, "DROP TABLE"));
    assert_false(ledger_task(f.store, 99, &task, &f.arena, &e));
    fixture_close(&f);
}

static void a_reader_sees_what_is_committed_and_blocks_nobody(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    char path[300];
    snprintf(path, sizeof path, "%s", fresh_store());
    fixture_open(&f, path, "");
    struct store *reader = store_open(path, STORE_READ, &e);
    fixture_must(reader != NULL, &e);
    begin(&f);
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, pair, "AB");
    assert_int_equal(store_counter(reader, "pairs.total"), 0);
    commit(&f);
    assert_int_equal(store_counter(reader, "pairs.total"), 1);
    assert_int_equal(store_counter(reader, "calls.done"), 2);
    begin(&f);
    fixture_judge(&f, fixture_add_pair(&f, &(struct fixture_pair){0}), "A");
    store_rollback(f.store);
    assert_int_equal(store_counter(reader, "pairs.total"), 1);
    store_close(reader);
    fixture_close(&f);
}

static void a_second_writer_is_told_who_holds_the_store(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    char path[300], holder[256], mine[64];
    snprintf(path, sizeof path, "%s", fresh_store());
    assert_false(store_holder(path, holder, sizeof holder));
    fixture_open(&f, path, "");
    snprintf(mine, sizeof mine, "process %ld", (long)getpid());
    assert_null(store_open(path, STORE_WRITE, &e));
    assert_int_equal(e.code, ERR_BUSY);
    assert_non_null(strstr(e.text, mine));
    assert_non_null(strstr(e.text, path));
    assert_true(store_holder(path, holder, sizeof holder));
    assert_non_null(strstr(holder, mine));
    fixture_close(&f);
    assert_false(store_holder(path, holder, sizeof holder));
}

static void a_killed_writer_leaves_its_commits_and_no_lock(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s", fresh_store());
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct ledger_fixture f;
        fixture_open(&f, path, "");
        begin(&f);
        fixture_judge(&f, fixture_add_pair(&f, &(struct fixture_pair){0}), "AAA");
        commit(&f);
        begin(&f);
        fixture_judge(&f, fixture_add_pair(&f, &(struct fixture_pair){0}), "AAA");
        kill(getpid(), SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    struct err e;
    struct store *s = store_open(path, STORE_WRITE, &e);
    fixture_must(s != NULL, &e);
    assert_int_equal(store_counter(s, "pairs.total"), 1);
    assert_int_equal(store_counter(s, "calls.done"), 3);
    store_close(s);
}

static void a_store_of_a_newer_version_is_refused_by_both_sides(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    char path[300];
    snprintf(path, sizeof path, "%s", fresh_store());
    fixture_open(&f, path, "");
    fixture_close(&f);
    /* SQLite keeps user_version in bytes 60 to 63 of the file, the highest byte first. */
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "\0\0\3\347", 4, 60), 4);
    close(fd);
    assert_null(store_open(path, STORE_WRITE, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.text, "written by a newer gavel (store version 999"));
    assert_null(store_open(path, STORE_READ, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.text, "999"));
}

static void what_is_no_store_is_refused(void **state)
{
    (void)state;
    struct err e;
    assert_null(store_open(scratch_path("nothing.db"), STORE_READ, &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
    const char *text = scratch_write("text.db", S("this is a text and no data base at all\n"));
    assert_null(store_open(text, STORE_READ, &e));
    assert_int_equal(e.code, ERR_CORRUPT);
    assert_null(store_open(text, STORE_WRITE, &e));
    assert_int_equal(e.code, ERR_CORRUPT);
}

static void a_run_knows_the_one_before_it(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    fixture_open(&f, fresh_store(), "");
    assert_false(f.run.resumed);
    int64_t first = f.run.run;
    fixture_run(&f, "first");
    assert_true(f.run.run > first); /* also the epoch of attempts */
    assert_true(f.run.resumed && f.run.unfinished);
    assert_true(id_eq(&f.run.recipe.id, &f.run.last_recipe.id));
    fixture_must(ledger_end_run(f.store, f.run.run, 0, "complete", &e), &e);
    fixture_run(&f, "another");
    assert_true(f.run.resumed);
    assert_false(f.run.unfinished);
    assert_false(id_eq(&f.run.recipe.id, &f.run.last_recipe.id));
    assert_true(slice_eq(buf_view(&f.run.last_recipe.text), buf_view(&f.run.recipe.text)));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_equal_the_counts_after_any_transactions),
        cmocka_unit_test(a_changed_filter_moves_its_counter),
        cmocka_unit_test(deferred_pairs_are_open_again_with_their_rollouts),
        cmocka_unit_test(only_pairs_of_another_recipe_are_drawn_again),
        cmocka_unit_test(the_same_call_cannot_be_stored_twice),
        cmocka_unit_test(texts_come_back_byte_for_byte),
        cmocka_unit_test(a_reader_sees_what_is_committed_and_blocks_nobody),
        cmocka_unit_test(a_second_writer_is_told_who_holds_the_store),
        cmocka_unit_test(a_killed_writer_leaves_its_commits_and_no_lock),
        cmocka_unit_test(a_store_of_a_newer_version_is_refused_by_both_sides),
        cmocka_unit_test(what_is_no_store_is_refused),
        cmocka_unit_test(a_run_knows_the_one_before_it),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
