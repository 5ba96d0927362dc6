/*
 * Every allocation of the store's own code fails in turn, once and then from there on: what is read
 * comes out right or not at all, with an error that blames memory; a run that could not begin has
 * left nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coordinator/blind.h"
#include "coordinator/store/pair_sample.h"
#include "coordinator/store/release_view.h"
#include "coordinator/store/rollouts.h"
#include "tests/lib/fault_alloc.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

enum { ROOM = 1 << 24, ALLOCATIONS_MAX = 20000, PAIRS = 3, KEPT = 3 };

static struct ledger_fixture f;
static char path[512];

static void torture(void (*act)(void))
{
    for (int repeat = 0; repeat < 2; repeat++) {
        bool failed = true;
        for (int64_t at = 1; failed; at++) {
            assert_true(at < ALLOCATIONS_MAX);
            fault_alloc_arm(at, repeat);
            act();
            failed = fault_alloc_disarm();
        }
    }
}

/* The row of its recipe. */
static int64_t generator(void)
{
    return f.run.recipes[seats_generator(&f.seats)];
}

/* or_memory(ok, e): it is right, or memory was wanting. */
static bool or_memory(bool ok, const struct err *e)
{
    if (!ok && (e->code != ERR_NOMEM || !e->text[0]))
        fail_msg("%s: %s", err_name(e->code), e->text);
    return ok;
}

static void read_texts(void)
{
    struct err e;
    struct arena arena;
    struct ledger_task task;
    struct ledger_text_row rows[64];
    struct history h;
    size_t n;
    int64_t recipe = f.run.recipes[0];
    arena_init(&arena, ROOM);
    if (or_memory(ledger_task(f.store, 1, &task, &arena, &e), &e))
        assert_true(slice_is(task.reference, "the truth"));
    if (or_memory(ledger_text_rows(f.store, 0, rows, 64, &n, &arena, &e), &e))
        assert_true(n > PAIRS * KEPT && slice_is(rows[0].reference, "the truth"));
    if (or_memory(ledger_history(f.store, 1, recipe, LANE_CHOSEN_FIRST, 3, -1, &h, &arena, &e), &e))
        assert_true(h.n == 2 && slice_is(h.thought, "abc") && slice_is(h.answer, "de"));
    arena_free(&arena);
}

static void read_what_is_kept(void)
{
    struct err e;
    struct arena arena;
    struct ledger_item item;
    struct ledger_seats seats;
    arena_init(&arena, ROOM);
    if (or_memory(ledger_kept(f.store, 1, f.run.recipes[0], &item, &arena, &e), &e))
        assert_true(item.n[0] == KEPT + 1 && item.n[1] == KEPT && slice_is(item.evidence, "{}"));
    if (or_memory(ledger_seats(f.store, f.run.run, f.run.recipes[0], &seats, &e), &e))
        assert_true(seats.n == 3 && seats.kinds[1] == SEAT_STUDENT);
    arena_free(&arena);
}

/* Seeds under way: what is read of them, and their end in a transaction that is given up. */
static void read_samples(void)
{
    struct err e;
    struct arena arena;
    struct builder_seed seeds[4];
    struct samples_sample all[8];
    struct samples_task task;
    size_t n;
    arena_init(&arena, ROOM);
    if (or_memory(samples_open_seeds(f.store, &f.project, 0, seeds, 4, &n, &e), &e)) {
        assert_true(n == 1 && seeds[0].known);
        if (or_memory(samples_task(f.store, seeds[0].row, &task, &arena, &e), &e))
            assert_true(slice_is(task.answer, "4"));
        if (or_memory(
                samples_read(f.store, seeds[0].row, NULL, generator(), all, 8, &n, &arena, &e), &e))
            assert_true(n == 2 && all[0].mark == MARK_RIGHT && slice_is(all[1].final, "5"));
    }
    arena_free(&arena);
}

static void end_a_seed(void)
{
    struct err e;
    struct arena arena;
    struct builder_seed seed;
    size_t n;
    arena_init(&arena, ROOM);
    if (or_memory(samples_open_seeds(f.store, &f.project, 0, &seed, 1, &n, &e), &e) &&
        or_memory(store_begin(f.store, &e), &e)) {
        const struct samples_end end = {.project = &f.project,
                                        .seats = &f.seats,
                                        .run = &f.run,
                                        .wall_ms = 1,
                                        .seed = seed.row,
                                        .id = seed.id,
                                        .known = true,
                                        .recipe = generator(),
                                        .detail = ""};
        struct samples_made made = {0};
        struct ledger_pair pairs[4];
        bool open;
        if (or_memory(samples_end(f.store, &end, &made, &arena, &e), &e) &&
            or_memory(samples_open_seed(f.store, seed.row, &seed.id, &seed, &open, &e), &e) &&
            or_memory(ledger_open_pairs(f.store, PAIRS, pairs, 4, &n, &e), &e))
            assert_true(!open && made.pairs == 1 && n == 1 && pairs[0].trust == TRUST_VERIFIED);
        store_rollback(f.store);
    }
    arena_free(&arena);
}

static void read_for_an_export(void)
{
    struct err e;
    struct release_pair p;
    int got, pairs = 0;
    struct release_view *v = release_view_open(f.store, &e);
    if (!or_memory(v != NULL, &e))
        return;
    while ((got = release_view_next(v, &p, &e)) == 1) {
        pairs++;
        assert_true(p.n_rollouts >= 2 * KEPT && slice_is(p.reference, "the truth"));
    }
    if (or_memory(got == 0, &e))
        assert_int_equal(pairs, PAIRS);
    release_view_close(v);
}

static enum pair_sample_go take(void *context, const struct pair_sample_pair *pair, struct err *e)
{
    const struct blind_pair taken = {pair->family, pair->prompt, pair->chosen, pair->rejected};
    assert_true(slice_is(pair->chosen, "good"));
    return blind_add(context, &taken, e) == BLIND_ADDED ? PAIR_SAMPLE_ON : PAIR_SAMPLE_FAILED;
}

static void measure_blind(void)
{
    struct err e;
    struct blind_result result;
    struct blind *b = blind_new(1, &e);
    struct pair_sample *p = or_memory(b != NULL, &e) ? pair_sample_draw(f.store, &e) : NULL;
    if (b && or_memory(p != NULL, &e) && or_memory(pair_sample_read(p, 0, take, b, &e), &e) &&
        or_memory(blind_measure(b, &result, &e), &e))
        assert_int_equal(result.pairs, PAIRS);
    pair_sample_free(p);
    blind_free(b);
}

static void open_to_read(void)
{
    struct err e;
    struct store *s = store_open(path, STORE_READ, &e);
    if (or_memory(s != NULL, &e))
        assert_int_equal(store_counter(s, "pairs.total"), PAIRS);
    store_close(s);
}

static void begin_a_run(void)
{
    struct err e;
    struct ledger_run run;
    if (or_memory(ledger_begin_run(f.store, &f.project, &f.seats, S("{}"), &run, &e), &e))
        assert_true(run.recipes[1] == f.run.recipes[1] && run.run > f.run.run);
    ledger_free_run(&run);
}

/* A seed with a right and a wrong answer, checked under the rules of no id. */
static void add_samples(void)
{
    struct err e;
    static const char *const finals[] = {"4", "5"};
    const struct id rules = {{0}};
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    for (int k = 0; k < 2; k++) {
        const struct wire_call call = {.attempt = 1,
                                       .key = {.row = row, .lane = LANE_ANSWER, .k = (uint8_t)k}};
        const struct call_result r = {.answer = slice_of(finals[k])};
        const struct samples_check check = {.mark = k ? MARK_WRONG : MARK_RIGHT,
                                            .final = slice_of(finals[k]),
                                            .prompt_overlap = -1,
                                            .answer_overlap = -1};
        fixture_must(samples_add(f.store, generator(), &call, &r, f.endpoint, 0, 1, &e), &e);
        fixture_must(samples_set_check(f.store, generator(), call.key, &rules, &check, &e), &e);
    }
}

static int set_up(void **state)
{
    struct err e;
    if (scratch_setup(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s", scratch_path("alloc.db"));
    fixture_open(&f, path,
                 "endpoints:\n"
                 "  - {url: \"http://127.0.0.1:1/v1\", model: teacher-1}\n"
                 "  - {role: student, url: \"http://127.0.0.1:4/v1\", model: s}\n");
    fixture_must(store_begin(f.store, &e), &e);
    for (int i = 0; i < PAIRS; i++)
        fixture_judge(&f, fixture_add_pair(&f, &(struct fixture_pair){.reference = "the truth"}),
                      "AAA BBB");
    fixture_add_rollout(
        &f, 1,
        &(struct fixture_rollout){
            .k = 3,
            .thought = "abc",
            .answer = "de",
            .segments = "[{\"origin\":\"teacher\",\"step\":0,\"part\":\"thought\",\"bytes\":3,"
                        "\"verdict\":\"A\"},{\"origin\":\"teacher\",\"step\":0,"
                        "\"part\":\"answer\",\"bytes\":2,\"verdict\":\"A\"}]"});
    add_samples();
    fixture_must(store_commit(f.store, &e), &e);
    fault_alloc_install();
    return 0;
}

static int tear_down(void **state)
{
    fixture_close(&f);
    return scratch_teardown(state);
}

#define TORTURE(act)                     \
    static void test_##act(void **state) \
    {                                    \
        (void)state;                     \
        torture(act);                    \
    }
TORTURE(read_texts)
TORTURE(read_what_is_kept)
TORTURE(read_samples)
TORTURE(end_a_seed)
TORTURE(read_for_an_export)
TORTURE(measure_blind)
TORTURE(open_to_read)
TORTURE(begin_a_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_texts),         cmocka_unit_test(test_read_what_is_kept),
        cmocka_unit_test(test_read_for_an_export), cmocka_unit_test(test_read_samples),
        cmocka_unit_test(test_end_a_seed),         cmocka_unit_test(test_measure_blind),
        cmocka_unit_test(test_open_to_read),       cmocka_unit_test(test_begin_a_run),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
