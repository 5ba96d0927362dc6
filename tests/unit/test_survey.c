/* What `gavel report` measures in a store: who is measured on which pairs, and what it finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/measure.c"
#include "cli/survey.c"
#include "cli/suspects.c"

#define assert_near(a, b) assert_true(fabs((a) - (b)) <= 1e-9)

static struct ledger_fixture f;
static struct arena arena;
static struct survey *survey;

static void begin(const char *yaml)
{
    static int n;
    char name[32];
    snprintf(name, sizeof name, "survey-%d.db", ++n);
    fixture_open(&f, scratch_path(name), yaml);
    struct err e;
    fixture_must(store_begin(f.store, &e), &e);
}

/* Commits what was added, and reads. */
static void take_survey(void)
{
    struct err e;
    struct look_run run;
    fixture_must(store_commit(f.store, &e), &e);
    arena_reset(&arena);
    suspects_free(&survey->suspects);
    fixture_must(look_run(f.store, &run, &arena, &e), &e);
    fixture_must(survey_read(survey, f.store, &run, &arena, &e), &e);
    fixture_must(store_begin(f.store, &e), &e);
}

static uint64_t add(const char *domain, const char *source, const char *eval_set)
{
    return fixture_add_pair(
        &f, &(struct fixture_pair){.domain = domain, .source = source, .eval_set = eval_set});
}

/* Both orders of one seat: "AAB BB-", as fixture_judge, unfiltered. */
static void judge(uint64_t pair, int seat, const char *verdicts)
{
    enum lane lane = LANE_CHOSEN_FIRST;
    int k = 0;
    for (const char *v = verdicts; *v; v++) {
        if (*v == ' ') {
            lane = LANE_REJECTED_FIRST;
            k = 0;
            continue;
        }
        struct fixture_rollout r = {
            .lane = lane,
            .k = k++,
            .seat = seat,
            .verdict = *v == 'A'   ? VERDICT_A
                       : *v == 'B' ? VERDICT_B
                       : *v == '=' ? VERDICT_TIE
                                   : VERDICT_NONE,
        };
        fixture_add_rollout(&f, pair, &r);
    }
}

static const struct survey_set *set_named(size_t seat, const char *name)
{
    for (size_t i = 0; i < survey->n_sets; i++)
        if (survey->sets[i].seat == seat && strcmp(survey->sets[i].name, name) == 0)
            return &survey->sets[i];
    return NULL;
}

#define FULL "accept: {k: 1, n: 2, stop: full}\n"

static void a_store_in_which_nothing_ran_has_nothing_to_measure(void **state)
{
    (void)state;
    struct err e;
    begin(FULL);
    const struct look_run none = {0};
    fixture_must(survey_read(survey, f.store, &none, &arena, &e), &e);
    assert_int_equal(survey->n_sets, 0);
    assert_int_equal(survey->all[0].pairs, 0);
    take_survey(); /* a run, and no judgment yet */
    assert_int_equal(survey->n_sets, 0);
}

static void pairs_are_measured_by_domain_and_by_set(void **state)
{
    (void)state;
    begin(FULL);
    judge(add("law", "forum", ""), 0, "AA BB");
    judge(add("law", "forum", "bench"), 0, "AB BB");
    judge(add("math", "forum", ""), 0, "BB AA");
    judge(add("", "", ""), 0, "=- BB");
    take_survey();
    assert_int_equal(survey->all[0].pairs, 4);
    assert_near(survey->all[0].right[0], 1 + 0.5 + 0 + 0);
    assert_near(survey->all[0].right[1], 1 + 1 + 0 + 1);
    assert_int_equal(survey->n_strata, 3);
    assert_string_equal(survey->strata[0].domain, "law");
    assert_int_equal(survey->strata[0].measure[0].pairs, 2);
    assert_near(survey->strata[0].measure[0].both_right, 1.5);
    assert_string_equal(survey->strata[2].domain, "");
    assert_int_equal(survey->n_sets, 3);
    assert_int_equal(set_named(0, "forum")->measure.pairs, 2);
    assert_true(set_named(0, "bench")->evaluation);
    assert_near(set_named(0, "bench")->measure.flip, 0.5);
    assert_near(set_named(0, "")->measure.any_none, 0.5);
}

static void only_rollouts_that_nobody_chose_are_measured(void **state)
{
    (void)state;
    begin("accept: {k: 1, n: 2}\ncalibration: 0.3\nstudent: {n: 2}\nendpoints:\n"
          "- {url: \"http://h/v1\", model: t}\n"
          "- {url: \"http://h/v1\", model: u}\n"
          "- {url: \"http://h/v1\", model: s, role: student}\n"
          "- {url: \"http://h/v1\", model: c, role: checker}\n");
    int full = 0;
    struct planner *planner = planner_new(&f.project, &f.seats);
    for (int i = 0; i < 60; i++) {
        struct subject subject;
        struct ledger_pair pairs[1];
        struct err e;
        size_t n;
        uint64_t row = add("", "x", "");
        judge(row, 0, "AA BB");
        judge(row, 1, "AA BB"); /* the second teacher, whom only accepted pairs go to */
        judge(row, 3, "BA BA"); /* the student */
        judge(row, 2, "A B");   /* the checker */
        fixture_must(look_pairs(f.store, row - 1, pairs, 1, &n, &e), &e);
        const struct planner_pair pair = {.id = pairs[0].id, .row = row};
        planner_begin(planner, &subject, &pair);
        full += subject.full;
    }
    planner_free(planner);
    take_survey();
    assert_true(full > 5 && full < 55);
    assert_int_equal(survey->n_sets, 2);
    assert_int_equal(set_named(0, "x")->measure.pairs, full); /* the calibration share */
    assert_int_equal(set_named(3, "x")->measure.pairs, 60);   /* the student: all */
    assert_near(set_named(3, "x")->measure.right[0], 30);
    assert_int_equal(survey->all[0].pairs, full);
}

static void a_run_that_only_measures_measures_every_teacher(void **state)
{
    (void)state;
    begin("purpose: evaluate\naccept: {k: 1, n: 2}\nendpoints:\n"
          "- {url: \"http://h/v1\", model: t}\n"
          "- {url: \"http://h/v1\", model: u}\n");
    uint64_t row = add("", "x", "bench");
    judge(row, 0, "AA BB");
    judge(row, 1, "AB AB");
    take_survey();
    assert_int_equal(survey->n_sets, 2);
    assert_near(set_named(0, "bench")->measure.both_right, 1);
    assert_near(set_named(1, "bench")->measure.both_right, 0.25);
    assert_true(slice_is(survey->seats[1].model, "u"));
}

static void rollouts_under_way_count_as_far_as_both_orders_have_them(void **state)
{
    (void)state;
    begin("accept: {k: 1, n: 4, stop: full}\n");
    uint64_t row = add("", "x", "");
    judge(row, 0, "AAA B");
    uint64_t other = add("", "x", "");
    judge(other, 0, "AA ");
    take_survey();
    assert_int_equal(survey->all[0].pairs, 1);
    assert_int_equal(survey->all[0].rollouts, 2);
}

static void scores_are_margins_of_the_chosen_answer(void **state)
{
    (void)state;
    begin(FULL "judge: {format: scores}\n");
    uint64_t row = add("", "x", "");
    static const struct {
        enum lane lane;
        int k, a, b;
        enum verdict verdict;
    } rows[] = {
        {LANE_CHOSEN_FIRST, 0, 800, 300, VERDICT_A},
        {LANE_CHOSEN_FIRST, 1, 400, 600, VERDICT_B},
        {LANE_REJECTED_FIRST, 0, 500, 600, VERDICT_B},
        {LANE_REJECTED_FIRST, 1, 500, 400, VERDICT_A},
    };
    for (size_t i = 0; i < 4; i++) {
        struct fixture_rollout r = {.lane = rows[i].lane,
                                    .k = rows[i].k,
                                    .verdict = rows[i].verdict,
                                    .format = FORMAT_SCORES,
                                    .scored = true,
                                    .score_a = rows[i].a,
                                    .score_b = rows[i].b};
        fixture_add_rollout(&f, row, &r);
    }
    take_survey();
    const struct measure_point *mean = survey->all[0].mean;
    assert_near(mean[0].right[0], 0.5);
    assert_near(mean[1].right[0], 1); /* 500 - 200 */
    assert_near(mean[1].right[1], 0); /* 100 - 100 */
}

static void answers_judged_alone_are_a_set_of_their_own(void **state)
{
    (void)state;
    begin(FULL "judge: {format: pointwise}\n");
    uint64_t row = add("law", "x", "");
    static const int scores[2][2] = {{800, 500}, {300, 700}}; /* chosen, rejected */
    for (int half = 0; half < 2; half++) {
        for (int k = 0; k < 2; k++) {
            struct fixture_rollout r = {.lane = half ? LANE_REJECTED_ONLY : LANE_CHOSEN_ONLY,
                                        .k = k,
                                        .verdict = VERDICT_SCORE,
                                        .format = FORMAT_POINTWISE,
                                        .scored = true,
                                        .score_a = scores[half][k],
                                        .score_b = SCORE_NONE};
            fixture_add_rollout(&f, row, &r);
        }
    }
    take_survey();
    assert_int_equal(survey->all[0].pairs, 0);
    assert_int_equal(survey->all[1].pairs, 1);
    assert_near(survey->all[1].both_right, 0.5);
    assert_near(survey->all[1].mean[1].both, 1); /* 1300 against 1000 */
    assert_true(survey->sets[0].measure.pointwise);
    assert_int_equal(survey->strata[0].measure[1].pairs, 1);
}

static void cues_are_followed_step_by_step(void **state)
{
    (void)state;
    begin(FULL "reflection: {mode: wait, rounds: 2}\n");
    uint64_t row = add("", "x", "");
    struct fixture_rollout fixed = {
        .lane = LANE_CHOSEN_FIRST, .verdict = VERDICT_A, .cues = 2, .first = VERDICT_B};
    struct fixture_rollout kept = {
        .lane = LANE_REJECTED_FIRST, .verdict = VERDICT_B, .cues = 1, .first = VERDICT_B};
    fixture_add_rollout(&f, row, &fixed);
    fixture_add_rollout(&f, row, &kept);
    fixture_decide(&f, row, STATE_ACCEPTED, REASON_ACCEPTED);
    take_survey();
    const struct measure_wait *waits = survey->all[0].waits;
    assert_near(waits[0].now[0], 0);
    assert_near(waits[0].now[1], 1);
    /* The fixture's calls before the last say what the first one did. */
    assert_near(waits[1].now[0], 0);
    assert_near(waits[1].now[1], 1);
    assert_near(waits[2].now[0], 1);
    assert_near(waits[2].before[0], 0);
    assert_int_equal(waits[2].pairs[1], 0);
    const struct flip_counts *flips = &survey->accepted_flips;
    assert_int_equal(flips->cued[OUTCOME_INCORRECT][OUTCOME_CORRECT], 1);
    assert_int_equal(flips->cued[OUTCOME_CORRECT][OUTCOME_CORRECT], 1);
}

static void only_traces_that_can_be_exported_count_among_the_accepted(void **state)
{
    (void)state;
    begin(FULL);
    uint64_t accepted = add("", "x", ""), rejected = add("", "x", "");
    fixture_judge(&f, accepted, "AaB BB");
    fixture_judge(&f, rejected, "AA BB");
    fixture_decide(&f, accepted, STATE_ACCEPTED, REASON_ACCEPTED);
    fixture_decide(&f, rejected, STATE_REJECTED, REASON_INCONSISTENT);
    take_survey();
    assert_int_equal(survey->accepted_flips.plain[OUTCOME_CORRECT], 3);
    assert_int_equal(survey->accepted_flips.plain[OUTCOME_INCORRECT], 0);
    assert_int_equal(survey->plain_seen, 3 + 1 + 4); /* what filters say does not matter here */
}

static void suspects_are_contradicted_more_than_not_and_sorted(void **state)
{
    (void)state;
    begin("accept: {k: 1, n: 4, stop: full}\n");
    for (int i = 0; i < 8; i++)
        judge(add("", "x", ""), 0, "AAAA BBBB");
    uint64_t mild = add("", "x", ""), strong = add("", "x", ""), biased = add("", "x", ""),
             half = add("", "x", "");
    judge(mild, 0, "BBBA AAAB");
    judge(strong, 0, "BBBB AAAA");
    judge(biased, 0, "BBBB BBBB"); /* likes the second place */
    judge(half, 0, "BBBB AABB");   /* as many as not in one order */
    take_survey();
    const struct suspects *s = &survey->suspects;
    assert_int_equal(s->total, 3);
    assert_int_equal(s->n, 3);
    assert_int_equal(s->contradicted, 2);
    assert_int_equal(s->all[0].row, strong);
    assert_int_equal(s->all[1].row, mild);
    assert_int_equal(s->all[2].row, half);
    assert_true(s->all[1].contradicted && !s->all[2].contradicted);
    assert_true(s->all[0].odds > s->all[1].odds);
    assert_true(suspects_chance(&s->all[0]) > 0.5 && suspects_chance(&s->all[0]) < 1);
    assert_int_equal(s->first_correct, 8);
    assert_int_equal(s->first_incorrect, 4);
}

static int close_store(void **state)
{
    (void)state;
    suspects_free(&survey->suspects);
    fixture_close(&f);
    return 0;
}

static int set_up(void **state)
{
    survey = calloc(1, sizeof *survey);
    arena_init(&arena, 256 << 20);
    return survey ? scratch_setup(state) : -1;
}

static int tear_down(void **state)
{
    free(survey);
    arena_free(&arena);
    return scratch_teardown(state);
}

#define test(name) cmocka_unit_test_teardown(name, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_store_in_which_nothing_ran_has_nothing_to_measure),
        test(pairs_are_measured_by_domain_and_by_set),
        test(only_rollouts_that_nobody_chose_are_measured),
        test(a_run_that_only_measures_measures_every_teacher),
        test(rollouts_under_way_count_as_far_as_both_orders_have_them),
        test(scores_are_margins_of_the_chosen_answer),
        test(answers_judged_alone_are_a_set_of_their_own),
        test(cues_are_followed_step_by_step),
        test(only_traces_that_can_be_exported_count_among_the_accepted),
        test(suspects_are_contradicted_more_than_not_and_sorted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
