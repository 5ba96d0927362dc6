/* Decisions: how many pairs of which kind are accepted, whatever happens to pairs and labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/rng.h"
#include "coordinator/store/rollouts.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

enum { PAIRS = 14 };

static struct ledger_fixture f;
static char path[512];

static void must(bool ok, const struct err *e)
{
    fixture_must(ok, e);
}

static void open_store(const char *name)
{
    snprintf(path, sizeof path, "%s", scratch_path(name));
    fixture_open(&f, path, "");
}

static int add_row(void *text, int n, char **values, char **names)
{
    (void)names;
    for (int i = 0; i < n; i++)
        buf_addf(text, "%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
    buf_char(text, '\n');
    return 0;
}

static void rows_of(const char *sql, struct buf *text)
{
    sqlite3 *db;
    buf_init(text, 65536);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, add_row, text, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void assert_same_rows(const char *a, const char *b, uint64_t seed)
{
    struct buf got, expect;
    rows_of(a, &got);
    rows_of(b, &expect);
    if (!slice_eq(buf_view(&got), buf_view(&expect)))
        fail_msg("seed %llu: the store has\n%sinstead of\n%s", (unsigned long long)seed,
                 buf_cstr(&got), buf_cstr(&expect));
    buf_free(&got);
    buf_free(&expect);
}

/* The table beside a count of the pairs themselves. */
static void assert_counted(uint64_t seed)
{
    assert_same_rows("SELECT * FROM accepted WHERE pairs <> 0 ORDER BY 1, 2, 3, 4, 5",
                     "SELECT p.trust, s.domain, s.source, d.correct, d.finished, count(*)"
                     " FROM pairs p JOIN seeds s ON s.seed = p.seed"
                     " JOIN decisions d ON d.decision = p.decision WHERE p.state = 1"
                     " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
                     seed);
}

static const char *const domains[] = {"", "math", "code"};
static const char *const sources[] = {"", "web"};

static struct fixture_pair random_labels(int row, struct rng *r)
{
    static char prompts[PAIRS + 1][32];
    snprintf(prompts[row], sizeof prompts[row], "question %d", row);
    return (struct fixture_pair){.prompt = prompts[row],
                                 .domain = domains[rng_below(r, 3)],
                                 .source = sources[rng_below(r, 2)],
                                 .trust = (enum trust)rng_below(r, TRUST_COUNT)};
}

/* The seed file is read again, with corrected labels. */
static void read_again(struct rng *r)
{
    struct err e;
    must(seeds_scan_begin(f.store, &f.file, &e), &e);
    for (int row = 1; row <= (int)f.pairs; row++) {
        struct id id;
        const struct fixture_pair spec = random_labels(row, r);
        assert_int_equal(fixture_import(&f, &spec, row, &id), SEEDS_KNOWN);
    }
}

static void random_step(struct rng *r)
{
    struct err e;
    int64_t n;
    uint64_t row = 1 + rng_below(r, f.pairs ? f.pairs : 1), what = rng_below(r, 100);
    if (f.pairs < PAIRS && (what < 20 || !f.pairs)) {
        const struct fixture_pair spec = random_labels((int)f.pairs + 1, r);
        fixture_add_pair(&f, &spec);
    } else if (what < 50) {
        struct fixture_rollout spec = {.lane = (enum lane)rng_below(r, 2),
                                       .k = (int)rng_below(r, CALL_MAX_K),
                                       .verdict = (enum verdict)rng_below(r, 3),
                                       .filter = rng_below(r, 5) ? "" : "length"};
        const struct call_key key = {.row = row, .lane = (uint8_t)spec.lane, .k = (uint8_t)spec.k};
        if (!ledger_has_call(f.store, f.run.recipes[0], key))
            fixture_add_rollout(&f, row, &spec);
    } else if (what < 94) {
        enum pair_state state = (enum pair_state)rng_below(r, STATE_COUNT);
        fixture_decide(&f, row, state, state == STATE_ACCEPTED ? REASON_ACCEPTED : REASON_FAILED);
    } else if (what < 96) {
        read_again(r);
    } else if (what < 98) {
        must(ledger_reopen_deferred(f.store, &n, &e), &e);
    } else {
        must(ledger_reopen_redrawn(f.store, f.run.recipes[0], &n, &e), &e);
    }
}

static void accepted_pairs_are_counted_by_kind_whatever_happens(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct rng r;
        struct err e;
        char name[32];
        rng_init(&r, seed);
        snprintf(name, sizeof name, "accepted-%d.db", (int)seed);
        open_store(name);
        for (int round = 0; round < 24; round++) {
            if (round % 8 == 7) {
                snprintf(name, sizeof name, "recipe %d", round);
                fixture_run(&f, name);
            }
            uint64_t pairs = f.pairs;
            struct seeds_file file = f.file;
            int64_t line = f.line;
            must(store_begin(f.store, &e), &e);
            for (uint64_t i = rng_below(&r, 16); i > 0; i--)
                random_step(&r);
            if (rng_below(&r, 5) == 0) { /* nothing of it happened */
                store_rollback(f.store);
                f.pairs = pairs;
                f.file = file;
                f.line = line;
            } else {
                must(store_commit(f.store, &e), &e);
            }
            assert_counted(seed);
        }
        fixture_close(&f);
    }
}

static void a_decision_keeps_how_the_pair_stood(void **state)
{
    (void)state;
    struct err e;
    open_store("stood.db");
    must(store_begin(f.store, &e), &e);
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, pair, "AAaB BB-");
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    fixture_judge(&f, fixture_add_pair(&f, &(struct fixture_pair){0}), "A");
    fixture_decide(&f, 2, STATE_DEFERRED, REASON_OUT_OF_TRIES);
    must(store_commit(f.store, &e), &e);
    struct buf rows;
    rows_of("SELECT correct, finished FROM decisions ORDER BY decision", &rows);
    assert_string_equal(buf_cstr(&rows), "4|7\n1|1\n");
    buf_free(&rows);
    fixture_close(&f);
}

struct heard {
    struct ledger_accepted all[8];
    size_t n;
};

static void hear(void *context, const struct ledger_accepted *a)
{
    struct heard *h = context;
    assert_true(h->n < 8);
    h->all[h->n++] = *a;
}

static void a_quota_hears_trust_names_and_share_of_correct_rollouts(void **state)
{
    (void)state;
    struct err e;
    struct heard heard = {.n = 0};
    open_store("quota.db");
    must(store_begin(f.store, &e), &e);
    for (int i = 0; i < 3; i++) {
        const struct fixture_pair spec = {
            .domain = i < 2 ? "math" : "", .source = "web", .trust = TRUST_HUMAN};
        fixture_judge(&f, fixture_add_pair(&f, &spec), i < 2 ? "AB BB" : "");
        fixture_decide(&f, f.pairs, STATE_ACCEPTED, REASON_ACCEPTED);
    }
    must(store_commit(f.store, &e), &e);
    must(ledger_accepted(f.store, hear, &heard, &e), &e);
    assert_int_equal(heard.n, 2);
    assert_true(heard.all[0].domain == 0 && heard.all[0].n == 1 && heard.all[0].pass == 0.0);
    assert_true(heard.all[1].domain == ledger_name(S("math")) && heard.all[1].n == 2);
    assert_true(heard.all[1].source == ledger_name(S("web")) && heard.all[1].pass == 0.75);
    assert_true(heard.all[1].trust == TRUST_HUMAN);
    fixture_close(&f);
}

/* What a pair is called reaches the planner by every way it can come. */
static void a_pair_comes_with_trust_and_names_from_everywhere(void **state)
{
    (void)state;
    struct err e;
    struct ledger_pair open[4], recent[4], one;
    struct ledger_decided judged[4];
    size_t n;
    open_store("names.db");
    must(store_begin(f.store, &e), &e);
    const struct fixture_pair spec = {
        .domain = "math", .source = "web", .trust = TRUST_VERIFIED, .language = "de"};
    fixture_judge(&f, fixture_add_pair(&f, &spec), "A");
    must(store_commit(f.store, &e), &e);
    must(ledger_open_pairs(f.store, 0, open, 4, &n, &e), &e);
    assert_int_equal(n, 1);
    must(ledger_judged_after(f.store, f.run.recipes[0], 0, judged, 4, &n, &e), &e);
    assert_true(n == 1 && judged[0].state == STATE_OPEN && judged[0].run == 0);
    assert_true(ledger_is_open(f.store, open[0].row, &open[0].id, &one));
    must(store_begin(f.store, &e), &e);
    fixture_decide(&f, 1, STATE_REJECTED, REASON_FAILED);
    must(store_commit(f.store, &e), &e);
    assert_false(ledger_is_open(f.store, open[0].row, &open[0].id, &recent[1]));
    must(ledger_recent_pairs(f.store, recent, 4, &n, &e), &e);
    assert_int_equal(n, 1);
    const struct ledger_pair *const all[] = {&open[0], &judged[0].pair, &one, &recent[0]};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_true(all[i]->trust == TRUST_VERIFIED && all[i]->row == 1);
        assert_true(all[i]->domain == ledger_name(S("math")));
        assert_true(all[i]->source == ledger_name(S("web")));
    }
    must(ledger_judged_after(f.store, f.run.recipes[0], 0, judged, 4, &n, &e), &e);
    assert_true(n == 1 && judged[0].state == STATE_REJECTED && judged[0].run == f.run.run);
    assert_true(judged[0].reason == REASON_FAILED && judged[0].recipe == f.run.recipes[0]);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_pairs_are_counted_by_kind_whatever_happens),
        cmocka_unit_test(a_decision_keeps_how_the_pair_stood),
        cmocka_unit_test(a_quota_hears_trust_names_and_share_of_correct_rollouts),
        cmocka_unit_test(a_pair_comes_with_trust_and_names_from_everywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
