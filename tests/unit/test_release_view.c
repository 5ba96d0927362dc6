/* The view of an export: its horizon, its order, and which pairs belong together in a split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coordinator/store/release_view.h"
#include "coordinator/store/split_keys.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

static const char *fresh_store(void)
{
    static int n;
    char name[32];
    snprintf(name, sizeof name, "view-%d.db", n++);
    return scratch_path(name);
}

static const char *fixture_path; /* of the store opened last */

static void open_fixture(struct ledger_fixture *f)
{
    struct err e;
    fixture_path = fresh_store();
    fixture_open(f, fixture_path, "");
    fixture_must(store_begin(f->store, &e), &e);
}

static void commit(struct ledger_fixture *f)
{
    struct err e;
    fixture_must(store_commit(f->store, &e), &e);
}

static void pairs_come_in_the_order_of_rows_over_many_chunks(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    enum { PAIRS = 600 };
    open_fixture(&f);
    for (int i = 0; i < PAIRS; i++)
        fixture_judge(&f, fixture_add_pair(&f, &(struct fixture_pair){0}), "A B");
    commit(&f);
    struct release_view *v = release_view_open(f.store, &e);
    assert_non_null(v);
    struct release_pair p;
    for (int pass = 0; pass < 2; pass++) {
        int64_t row = 0;
        while (release_view_next(v, &p, &e) == 1) {
            assert_int_equal(p.row, ++row);
            assert_int_equal(p.n_rollouts, 2);
            assert_true(slice_is(p.rollouts[1].answer, "<answer> [[B]] </answer>"));
            assert_true(slice_is(p.rollouts[1].model, "teacher-1"));
        }
        assert_int_equal(row, PAIRS);
        release_view_rewind(v);
    }
    release_view_close(v);
    fixture_close(&f);
}

static void what_is_stored_after_the_horizon_is_not_seen(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    open_fixture(&f);
    uint64_t decided = fixture_add_pair(&f, &(struct fixture_pair){0});
    uint64_t open = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, decided, "A B");
    fixture_decide(&f, decided, STATE_ACCEPTED, REASON_ACCEPTED);
    commit(&f);
    struct store *reader = store_open(fixture_path, STORE_READ, &e);
    assert_non_null(reader);
    struct release_view *v = release_view_open(reader, &e);
    assert_non_null(v);

    fixture_must(store_begin(f.store, &e), &e);
    fixture_add_rollout(&f, decided, &(struct fixture_rollout){.k = 1, .verdict = VERDICT_B});
    fixture_decide(&f, decided, STATE_REJECTED, REASON_FAILED_BOTH);
    fixture_judge(&f, open, "A B");
    fixture_decide(&f, open, STATE_ACCEPTED, REASON_ACCEPTED);
    fixture_add_pair(&f, &(struct fixture_pair){0});
    commit(&f);

    struct release_pair p;
    assert_int_equal(release_view_next(v, &p, &e), 1);
    assert_int_equal(p.state, STATE_ACCEPTED);
    assert_int_equal(p.n_rollouts, 2);
    assert_int_equal(release_view_next(v, &p, &e), 1);
    assert_int_equal(p.state, STATE_OPEN);
    assert_int_equal(p.n_rollouts, 0);
    assert_int_equal(release_view_next(v, &p, &e), 0);
    assert_int_equal(release_view_next(v, &p, &e), 0);
    release_view_close(v);
    store_close(reader);
    fixture_close(&f);
}

static void rollouts_are_those_of_the_recipe_that_decided(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    open_fixture(&f);
    uint64_t old = fixture_add_pair(&f, &(struct fixture_pair){0});
    uint64_t undecided = fixture_add_pair(&f, &(struct fixture_pair){0});
    uint64_t deferred = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, old, "AA BB");
    fixture_decide(&f, old, STATE_ACCEPTED, REASON_ACCEPTED);
    fixture_judge(&f, undecided, "AAA ");
    fixture_judge(&f, deferred, "AAA ");
    fixture_decide(&f, deferred, STATE_DEFERRED, REASON_OUT_OF_TRIES);
    commit(&f);
    fixture_run(&f, "another");
    fixture_must(store_begin(f.store, &e), &e);
    fixture_judge(&f, old, "B ");
    fixture_judge(&f, undecided, "B ");
    int64_t reopened;
    fixture_must(ledger_reopen_deferred(f.store, &reopened, &e), &e);
    assert_int_equal(reopened, 1);
    commit(&f);
    struct release_view *v = release_view_open(f.store, &e);
    assert_non_null(v);
    const struct release_terms *terms = release_view_terms(v);
    assert_true(slice_eq(terms->recipe_text, buf_view(&f.run.recipe.text)));
    assert_true(id_eq(&terms->recipe, &f.run.recipe.id));
    static const struct {
        enum pair_state state;
        size_t rollouts;
        const char *why;
    } expect[] = {
        {STATE_ACCEPTED, 4, "the deciding recipe's, not the newest"},
        {STATE_OPEN, 1, "undecided: the newest recipe's"},
        {STATE_OPEN, 0, "its decision was taken back"},
    };
    for (size_t i = 0; i < sizeof expect / sizeof expect[0]; i++) {
        struct release_pair p;
        assert_int_equal(release_view_next(v, &p, &e), 1);
        if (p.state != expect[i].state || p.n_rollouts != expect[i].rollouts)
            fail_msg("pair %zu: %s", i + 1, expect[i].why);
    }
    release_view_close(v);
    fixture_close(&f);
}

static const char everybody[] =
    "endpoints:\n"
    "  - {url: \"http://127.0.0.1:1/v1\", model: teacher-1}\n"
    "  - {role: checker, url: \"http://127.0.0.1:3/v1\", model: checker-1}\n"
    "  - {role: student, url: \"http://127.0.0.1:4/v1\", model: student-1}\n"
    "hint: {share: 0.2}\n";

static int seat_of(const struct ledger_fixture *f, enum seat_kind kind)
{
    for (size_t i = 0; i < f->seats.n; i++)
        if (f->seats.all[i].kind == kind)
            return (int)i;
    fail_msg("nobody is %s", seat_kind_name(kind));
    return 0;
}

static void open_with_everybody(struct ledger_fixture *f)
{
    struct err e;
    fixture_path = fresh_store();
    fixture_open(f, fixture_path, everybody);
    fixture_must(store_begin(f->store, &e), &e);
}

static struct release_view *open_view(struct ledger_fixture *f)
{
    struct err e;
    struct release_view *v = release_view_open(f->store, &e);
    fixture_must(v != NULL, &e);
    return v;
}

static void next(struct release_view *v, struct release_pair *p)
{
    struct err e;
    fixture_must(release_view_next(v, p, &e) == 1, &e);
}

static void a_rollout_says_how_it_came_about(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_pair p;
    open_with_everybody(&f);
    uint64_t pair = fixture_add_pair(
        &f, &(struct fixture_pair){.reference = "ref", .rubric = "rub", .meta = "{\"m\":1}"});
    fixture_add_rollout(&f, pair,
                        &(struct fixture_rollout){.format = FORMAT_SCORES,
                                                  .scored = true,
                                                  .score_a = 1000,
                                                  .score_b = 0,
                                                  .cues = 3,
                                                  .first = VERDICT_TIE,
                                                  .segments = "[1]"});
    fixture_add_rollout(&f, pair, &(struct fixture_rollout){.k = 1, .unfinished = true});
    commit(&f);
    struct release_view *v = open_view(&f);
    next(v, &p);
    assert_true(slice_is(p.reference, "ref") && slice_is(p.rubric, "rub"));
    assert_true(slice_is(p.meta, "{\"m\":1}"));
    assert_int_equal(p.n_rollouts, 1);
    const struct release_rollout *r = p.rollouts;
    assert_true(r->format == FORMAT_SCORES && r->score_a == 1000 && r->score_b == 0);
    assert_true(r->cues == 3 && r->first == VERDICT_TIE && r->verdict == VERDICT_A);
    assert_true(slice_is(r->segments, "[1]") && id_eq(&r->recipe, &f.run.recipe.id));
    assert_true(!r->hinted && r->check == RELEASE_UNCHECKED);
    release_view_close(v);
    fixture_close(&f);
}

static void hinted_rollouts_come_only_with_a_pair_accepted_by_them(void **state)
{
    (void)state;
    static const struct {
        enum pair_state state;
        enum reason reason;
        size_t rollouts;
    } rows[] = {
        {STATE_ACCEPTED, REASON_HINTED, 4},
        {STATE_REJECTED, REASON_FAILED_BOTH, 2},
        {STATE_ACCEPTED, REASON_ACCEPTED, 2},
    };
    struct ledger_fixture f;
    struct release_pair p;
    open_with_everybody(&f);
    int hinted = seat_of(&f, SEAT_HINTED);
    for (size_t i = 0; i < 3; i++) {
        uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
        fixture_judge(&f, pair, "B B");
        for (int lane = 0; lane < 2; lane++)
            fixture_add_rollout(&f, pair,
                                &(struct fixture_rollout){.seat = hinted,
                                                          .lane = (enum lane)lane,
                                                          .verdict = lane ? VERDICT_B : VERDICT_A});
        fixture_decide(&f, pair, rows[i].state, rows[i].reason);
    }
    commit(&f);
    struct release_view *v = open_view(&f);
    for (size_t i = 0; i < 3; i++) {
        next(v, &p);
        assert_int_equal(p.n_rollouts, rows[i].rollouts);
        for (size_t at = 0; at < p.n_rollouts; at++) {
            const struct release_rollout *r = &p.rollouts[at];
            bool second = rows[i].rollouts == 4 && at % 2;
            assert_true(r->hinted == second && r->lane == (enum lane)(at * 2 / p.n_rollouts));
            assert_true(id_eq(&r->recipe, &f.seats.all[second ? hinted : 0].recipe));
        }
    }
    release_view_close(v);
    fixture_close(&f);
}

static void a_check_stands_with_the_rollout_that_was_checked(void **state)
{
    (void)state;
    static const struct {
        enum lane lane;
        int k;
        enum verdict verdict;
        enum release_check expect;
        const char *why;
    } rows[] = {
        {LANE_CHOSEN_FIRST, 0, VERDICT_A, RELEASE_CHECKED, "recovered"},
        {LANE_CHOSEN_FIRST, 1, VERDICT_B, RELEASE_DISPUTED, "speaks for the other one"},
        {LANE_CHOSEN_FIRST, 3, VERDICT_TRUNCATED, RELEASE_UNCHECKED, "the checker was cut off"},
        {LANE_REJECTED_FIRST, 0, VERDICT_B, RELEASE_CHECKED, "recovered, other order"},
        {LANE_REJECTED_FIRST, 2, VERDICT_DISPUTED, RELEASE_DISPUTED, "a claim is wrong"},
        {LANE_REJECTED_FIRST, 3, VERDICT_TIE, RELEASE_DISPUTED, "it speaks for neither"},
    };
    struct ledger_fixture f;
    struct release_pair p;
    open_with_everybody(&f);
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, pair, "AAAA BBBB");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        fixture_add_rollout(&f, pair,
                            &(struct fixture_rollout){.seat = seat_of(&f, SEAT_CHECKER),
                                                      .lane = rows[i].lane,
                                                      .k = rows[i].k,
                                                      .verdict = rows[i].verdict});
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    commit(&f);
    struct release_view *v = open_view(&f);
    next(v, &p);
    assert_int_equal(p.n_rollouts, 8); /* none of the checker's own */
    size_t checked = 0;
    for (size_t at = 0; at < p.n_rollouts; at++) {
        enum release_check expect = RELEASE_UNCHECKED;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (rows[i].lane == p.rollouts[at].lane && rows[i].k == p.rollouts[at].k)
                expect = rows[i].expect;
        assert_int_equal(p.rollouts[at].check, expect);
        checked += expect != RELEASE_UNCHECKED;
    }
    assert_int_equal(checked, 5);
    release_view_close(v);
    fixture_close(&f);
}

static void students_are_counted_by_order_up_to_the_horizon(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_pair p;
    struct err e;
    open_with_everybody(&f);
    int student = seat_of(&f, SEAT_STUDENT);
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_add_pair(&f, &(struct fixture_pair){0});
    for (int k = 0; k < 5; k++)
        fixture_add_rollout(
            &f, pair,
            &(struct fixture_rollout){.seat = student,
                                      .lane = k < 3 ? LANE_CHOSEN_FIRST : LANE_REJECTED_FIRST,
                                      .k = k,
                                      .verdict = k % 2 ? VERDICT_B : VERDICT_A});
    commit(&f);
    struct release_view *v = open_view(&f);
    fixture_must(store_begin(f.store, &e), &e);
    fixture_add_rollout(&f, pair, &(struct fixture_rollout){.seat = student, .k = 9});
    commit(&f);
    next(v, &p);
    assert_true(p.student_n[0] == 3 && p.student_correct[0] == 2);
    assert_true(p.student_n[1] == 2 && p.student_correct[1] == 1);
    assert_int_equal(p.n_rollouts, 0);
    next(v, &p);
    assert_true(p.student_n[0] == 0 && p.student_n[1] == 0);
    release_view_close(v);
    fixture_close(&f);
}

static void a_store_without_runs_and_pairs_gives_nothing(void **state)
{
    (void)state;
    struct err e;
    struct store *s = store_open(fresh_store(), STORE_WRITE, &e);
    assert_non_null(s);
    struct release_view *v = release_view_open(s, &e);
    assert_non_null(v);
    struct release_pair p;
    assert_int_equal(release_view_terms(v)->recipe_text.n, 0);
    assert_int_equal(release_view_next(v, &p, &e), 0);
    release_view_close(v);
    store_close(s);
}

/* ---- split keys ---- */

enum { SEEDS = 400, PROMPTS = 250, GROUPS = 120 };

struct random_seed {
    uint64_t prompt;
    char group[16]; /* "": none */
};

static void draw(struct random_seed *seeds, struct rng *r)
{
    for (int i = 0; i < SEEDS; i++) {
        seeds[i].prompt = 1000 + rng_below(r, PROMPTS);
        seeds[i].group[0] = 0;
        if (rng_below(r, 3) == 0)
            snprintf(seeds[i].group, sizeof seeds[i].group, "g%d", (int)rng_below(r, GROUPS));
    }
}

static bool related(const struct random_seed *a, const struct random_seed *b)
{
    return a->prompt == b->prompt || (a->group[0] && strcmp(a->group, b->group) == 0);
}

/* keys_of(seeds, order, keys): the key of each seed when they are stored in this order. */
static void keys_of(const struct random_seed *seeds, const int *order, uint64_t *keys)
{
    struct err e;
    struct split_keys *k = split_keys_new(&e);
    assert_non_null(k);
    for (int i = 0; i < SEEDS; i++)
        assert_true(split_keys_add(k, 10 + 3 * i, seeds[order[i]].prompt,
                                   slice_of(seeds[order[i]].group), &e));
    assert_true(split_keys_join(k, &e));
    for (int i = 0; i < SEEDS; i++)
        assert_true(split_keys_get(k, 10 + 3 * i, &keys[order[i]]));
    uint64_t ignored;
    assert_false(split_keys_get(k, 11, &ignored));
    assert_false(split_keys_get(k, 0, &ignored));
    assert_false(split_keys_get(k, 10 + 3 * SEEDS, &ignored));
    split_keys_free(k);
}

/* families(seeds, label): the same by brute force: labels spread until nothing changes. */
static void families(const struct random_seed *seeds, int *label)
{
    for (int i = 0; i < SEEDS; i++)
        label[i] = i;
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < SEEDS; i++)
            for (int j = 0; j < SEEDS; j++)
                if (label[j] < label[i] && related(&seeds[i], &seeds[j])) {
                    label[i] = label[j];
                    changed = true;
                }
    }
}

static void keys_are_equal_exactly_within_a_family_in_whatever_order(void **state)
{
    (void)state;
    static struct random_seed seeds[SEEDS];
    static uint64_t keys[SEEDS], shuffled[SEEDS];
    static int order[SEEDS], label[SEEDS];
    for (uint64_t round = 0; round < 5; round++) {
        struct rng r;
        rng_init(&r, round);
        draw(seeds, &r);
        for (int i = 0; i < SEEDS; i++)
            order[i] = i;
        keys_of(seeds, order, keys);
        for (int i = SEEDS - 1; i > 0; i--) {
            int j = (int)rng_below(&r, (uint64_t)i + 1), kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        keys_of(seeds, order, shuffled);
        families(seeds, label);
        for (int i = 0; i < SEEDS; i++) {
            assert_int_equal(keys[i], shuffled[i]);
            for (int j = 0; j < i; j++)
                assert_int_equal(keys[i] == keys[j], label[i] == label[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_come_in_the_order_of_rows_over_many_chunks),
        cmocka_unit_test(what_is_stored_after_the_horizon_is_not_seen),
        cmocka_unit_test(rollouts_are_those_of_the_recipe_that_decided),
        cmocka_unit_test(a_rollout_says_how_it_came_about),
        cmocka_unit_test(hinted_rollouts_come_only_with_a_pair_accepted_by_them),
        cmocka_unit_test(a_check_stands_with_the_rollout_that_was_checked),
        cmocka_unit_test(students_are_counted_by_order_up_to_the_horizon),
        cmocka_unit_test(a_store_without_runs_and_pairs_gives_nothing),
        cmocka_unit_test(keys_are_equal_exactly_within_a_family_in_whatever_order),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
