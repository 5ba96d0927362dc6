/* Builder: how many samples of a seed are asked for, when it ends, in whatever order they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coordinator/builder.h"

static struct project project;
static struct building b;

static void begin(bool known, int samples, int right, int wrong)
{
    const struct builder_seed seed = {.row = 7, .known = known};
    project = (struct project){0};
    project.build.samples = samples;
    project.build.right = right;
    project.build.wrong = wrong;
    project.build.modifications = 3;
    builder_begin(&b, &seed);
}

/* The next sample asked for: its k; -1: none. */
static int next(enum lane lane)
{
    enum lane got;
    int k;
    if (!builder_next(&project, &b, &got, &k))
        return -1;
    assert_int_equal(got, lane);
    assert_true(builder_is_out(&b, lane, k));
    return k;
}

static void come(enum lane lane, int k, enum sample_mark mark)
{
    assert_true(builder_done(&b, lane, k));
    assert_false(builder_is_out(&b, lane, k));
    assert_true(builder_checked(&b, lane, k, mark));
}

static bool is_over(void)
{
    return builder_is_over(&project, &b);
}

static void a_seed_is_told_from_a_pair_by_its_row(void **state)
{
    (void)state;
    begin(true, 8, 1, 1);
    assert_true(b.row == (7 | CALL_SEED));
    assert_true(b.known);
    assert_false(is_over());
}

static void no_more_are_out_than_can_be_needed(void **state)
{
    (void)state;
    begin(true, 8, 1, 1);
    assert_int_equal(next(LANE_ANSWER), 0);
    assert_int_equal(next(LANE_ANSWER), 1);
    assert_int_equal(next(LANE_ANSWER), -1);
    come(LANE_ANSWER, 0, MARK_RIGHT); /* the other may be the wrong one */
    assert_int_equal(next(LANE_ANSWER), -1);
    come(LANE_ANSWER, 1, MARK_RIGHT);
    assert_int_equal(next(LANE_ANSWER), 2);
    assert_int_equal(next(LANE_ANSWER), -1);
    come(LANE_ANSWER, 2, MARK_UNSURE);
    assert_false(is_over());
    assert_int_equal(next(LANE_ANSWER), 3);
    come(LANE_ANSWER, 3, MARK_WRONG);
    assert_true(is_over());
    assert_int_equal(next(LANE_ANSWER), -1);
}

static void it_ends_when_all_samples_are_used_up(void **state)
{
    (void)state;
    begin(true, 4, 1, 1);
    for (int k = 0; k < 2; k++)
        assert_int_equal(next(LANE_ANSWER), k);
    for (int k = 0; k < 4; k++) {
        assert_false(is_over());
        come(LANE_ANSWER, k, k == 3 ? MARK_RIGHT : MARK_NO_ANSWER);
        assert_int_equal(next(LANE_ANSWER), k < 2 ? k + 2 : -1);
    }
    assert_true(is_over());
}

static void a_sample_whose_check_takes_time_is_waited_for(void **state)
{
    (void)state;
    begin(true, 2, 1, 1);
    assert_int_equal(next(LANE_ANSWER), 0);
    assert_int_equal(next(LANE_ANSWER), 1);
    assert_true(builder_done(&b, LANE_ANSWER, 0));
    assert_true(builder_done(&b, LANE_ANSWER, 1));
    assert_false(builder_checked(&b, LANE_ANSWER, 0, MARK_UNCHECKED));
    assert_false(is_over());
    assert_true(builder_checked(&b, LANE_ANSWER, 1, MARK_RIGHT));
    assert_false(is_over());
    assert_true(builder_checked(&b, LANE_ANSWER, 0, MARK_WRONG));
    assert_true(is_over());
}

static void what_comes_twice_counts_once(void **state)
{
    (void)state;
    begin(true, 8, 2, 1);
    next(LANE_ANSWER);
    come(LANE_ANSWER, 0, MARK_RIGHT);
    assert_false(builder_done(&b, LANE_ANSWER, 0));
    assert_false(builder_checked(&b, LANE_ANSWER, 0, MARK_RIGHT));
    assert_false(builder_checked(&b, LANE_ANSWER, 5, MARK_RIGHT)); /* is not there */
    assert_int_equal(b.right, 1);
}

static void one_that_was_not_asked_for_counts_too(void **state)
{
    (void)state;
    begin(true, 8, 1, 1);
    come(LANE_ANSWER, 5, MARK_WRONG); /* out of an old spool, say */
    assert_int_equal(next(LANE_ANSWER), 0);
    assert_int_equal(next(LANE_ANSWER), -1);
    come(LANE_ANSWER, 0, MARK_RIGHT);
    assert_true(is_over());
}

static void what_is_stored_is_recalled(void **state)
{
    (void)state;
    begin(true, 4, 1, 1);
    builder_recall(&b, LANE_ANSWER, 0, MARK_RIGHT, true);
    builder_recall(&b, LANE_ANSWER, 1, MARK_UNCHECKED, true);
    assert_int_equal(next(LANE_ANSWER), -1); /* it may be the wrong one */
    assert_false(is_over());
    assert_true(builder_checked(&b, LANE_ANSWER, 1, MARK_RIGHT));
    assert_int_equal(next(LANE_ANSWER), 2);
    assert_false(builder_done(&b, LANE_ANSWER, 0));
}

static void samples_of_other_recipes_count_but_take_no_place(void **state)
{
    (void)state;
    begin(true, 2, 1, 1);
    builder_recall(&b, LANE_ANSWER, 0, MARK_RIGHT, false);
    builder_recall(&b, LANE_ANSWER, 1, MARK_UNCHECKED, false); /* nobody will tell */
    assert_false(is_over());
    assert_int_equal(next(LANE_ANSWER), 0);
    assert_int_equal(next(LANE_ANSWER), -1);
    come(LANE_ANSWER, 0, MARK_WRONG);
    assert_true(is_over());
}

static void only_what_belongs_here_is_adopted(void **state)
{
    (void)state;
    begin(true, 8, 1, 1);
    assert_true(builder_adopt(&project, &b, LANE_ANSWER, 7));
    assert_true(builder_adopt(&project, &b, LANE_ANSWER, 7)); /* it is out already */
    assert_false(builder_adopt(&project, &b, LANE_ANSWER, 8));
    assert_false(builder_adopt(&project, &b, LANE_ANSWER, 64));
    assert_false(builder_adopt(&project, &b, LANE_ANSWER, 255));
    assert_false(builder_adopt(&project, &b, LANE_MODIFIED, 0));
    assert_int_equal(next(LANE_ANSWER), 0);
    assert_int_equal(next(LANE_ANSWER), -1);
    come(LANE_ANSWER, 7, MARK_RIGHT);
    assert_false(builder_adopt(&project, &b, LANE_ANSWER, 7));
    assert_false(builder_done(&b, LANE_ANSWER, 64));
    assert_false(builder_done(&b, LANE_ANSWER, 255));
    assert_false(builder_checked(&b, LANE_ANSWER, 255, MARK_RIGHT));
    assert_false(builder_is_out(&b, LANE_ANSWER, 255));
}

/* More are out than are needed when workers name theirs from before a restart. */
static void enough_is_enough_whatever_else_is_out(void **state)
{
    (void)state;
    begin(true, 8, 1, 1);
    for (int k = 0; k < 4; k++)
        assert_true(builder_adopt(&project, &b, LANE_ANSWER, k));
    assert_int_equal(next(LANE_ANSWER), -1);
    come(LANE_ANSWER, 3, MARK_WRONG);
    assert_false(is_over());
    come(LANE_ANSWER, 1, MARK_RIGHT);
    assert_true(is_over());
}

static void an_open_prompt_gets_its_baseline_first(void **state)
{
    (void)state;
    begin(false, 8, 1, 1);
    assert_int_equal(next(LANE_ANSWER), 0);
    assert_int_equal(next(LANE_ANSWER), -1);
    come(LANE_ANSWER, 0, MARK_EMPTY);
    assert_int_equal(next(LANE_ANSWER), 1);
    come(LANE_ANSWER, 1, MARK_USABLE);
    assert_false(is_over());
    assert_int_equal(next(LANE_MODIFIED), 0);
    assert_int_equal(next(LANE_MODIFIED), -1);
    come(LANE_MODIFIED, 0, MARK_UNREADABLE);
    assert_int_equal(next(LANE_MODIFIED), 1);
    come(LANE_MODIFIED, 1, MARK_USABLE);
    assert_true(is_over());
}

static void an_open_prompt_ends_without_a_baseline_or_a_changed_prompt(void **state)
{
    (void)state;
    begin(false, 8, 1, 1);
    for (int k = 0; k < BUILDER_BASELINES; k++) {
        assert_false(is_over());
        assert_int_equal(next(LANE_ANSWER), k);
        come(LANE_ANSWER, k, MARK_TRUNCATED);
    }
    assert_true(is_over());
    assert_int_equal(next(LANE_ANSWER), -1);

    begin(false, 8, 1, 1);
    next(LANE_ANSWER);
    come(LANE_ANSWER, 0, MARK_USABLE);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(next(LANE_MODIFIED), k);
        come(LANE_MODIFIED, k, MARK_TOO_CLOSE);
    }
    assert_true(is_over());
}

static void sixty_four_samples_are_the_most_there_are(void **state)
{
    (void)state;
    begin(true, CALL_MAX_K, 1, 63);
    for (int k = 0; k < CALL_MAX_K; k++)
        assert_int_equal(next(LANE_ANSWER), k);
    assert_int_equal(next(LANE_ANSWER), -1);
    for (int k = CALL_MAX_K - 1; k >= 0; k--) {
        assert_false(is_over());
        come(LANE_ANSWER, k, MARK_WRONG);
    }
    assert_true(is_over());
    assert_int_equal(next(LANE_ANSWER), -1);
}

/* ---- any order of events ---- */

/* What sample k is worth is fixed; how it comes about is drawn. */
struct story {
    struct rng rng;
    bool known;
    enum sample_mark marks[BUILDER_LANES][CALL_MAX_K];
    uint64_t out[BUILDER_LANES], unchecked[BUILDER_LANES];
    int came[BUILDER_LANES], asked;
};

static void draw_story(struct story *s, uint64_t number)
{
    static const enum sample_mark of_known[] = {MARK_RIGHT, MARK_WRONG, MARK_UNSURE, MARK_EMPTY};
    static const enum sample_mark of_open[] = {MARK_USABLE, MARK_EMPTY, MARK_TRUNCATED};
    *s = (struct story){.known = number % 3 != 0};
    rng_init(&s->rng, number);
    for (int at = 0; at < BUILDER_LANES; at++)
        for (int k = 0; k < CALL_MAX_K; k++)
            s->marks[at][k] = s->known ? of_known[rng_below(&s->rng, 4)]
                                       : of_open[rng_below(&s->rng, 3)];
    int right = 1 + (int)rng_below(&s->rng, 4), wrong = 1 + (int)rng_below(&s->rng, 4);
    begin(s->known, right + wrong + (int)rng_below(&s->rng, 10), right, wrong);
}

static int pick_bit(struct rng *r, uint64_t bits)
{
    int n = (int)rng_below(r, (uint64_t)__builtin_popcountll(bits));
    while (n-- > 0)
        bits &= bits - 1;
    return __builtin_ctzll(bits);
}

static int still_needed(void)
{
    int right = (int)project.build.right - b.right, wrong = (int)project.build.wrong - b.wrong;
    return (right > 0 ? right : 0) + (wrong > 0 ? wrong : 0);
}

static void ask_all(struct story *s)
{
    enum lane lane;
    int k;
    while (builder_next(&project, &b, &lane, &k)) {
        int at = (int)lane - (int)LANE_ANSWER;
        assert_false(s->out[at] >> k & 1);
        s->out[at] |= (uint64_t)1 << k;
        s->asked++;
    }
    int waits = __builtin_popcountll(s->out[0] | s->unchecked[0]);
    assert_true(!s->known || is_over() || waits <= still_needed());
}

/* A sample comes, or what one is worth is told; false: nothing can happen. */
static bool happen(struct story *s)
{
    int at = (int)rng_below(&s->rng, BUILDER_LANES);
    if (!(s->out[at] | s->unchecked[at]))
        at = 1 - at;
    uint64_t any = s->out[at] | s->unchecked[at];
    if (!any)
        return false;
    int k = pick_bit(&s->rng, any);
    uint64_t bit = (uint64_t)1 << k;
    enum lane lane = (enum lane)((int)LANE_ANSWER + at);
    if (s->out[at] & bit) {
        assert_true(builder_done(&b, lane, k));
        s->out[at] &= ~bit;
        s->unchecked[at] |= bit;
        s->came[at]++;
        if (rng_below(&s->rng, 2))
            return true;
    }
    assert_true(builder_checked(&b, lane, k, s->marks[at][k]));
    s->unchecked[at] &= ~bit;
    return true;
}

static void live(struct story *s)
{
    for (int events = 0; !is_over(); events++) {
        assert_true(events < 1000);
        ask_all(s);
        assert_true(is_over() || happen(s)); /* an undecided seed with nothing out has a next one */
    }
}

static void every_story_ends_with_enough_or_with_all(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= 3000; number++) {
        struct story s;
        draw_story(&s, number);
        live(&s);
        assert_true(s.came[0] <= (s.known ? (int)project.build.samples : BUILDER_BASELINES));
        assert_true(s.came[1] <= (s.known ? 0 : (int)project.build.modifications));
        bool enough = s.known ? still_needed() == 0 : b.usable[0] && b.usable[1];
        bool all = s.known       ? s.came[0] == project.build.samples
                   : b.usable[0] ? s.came[1] == project.build.modifications
                                 : s.came[0] == BUILDER_BASELINES;
        assert_true(enough || all);
    }
}

/* The samples are asked for in order, and never one too many: however they come back, the same
 * ones are drawn. */
static void the_order_of_events_does_not_matter(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= 500; number++) {
        uint64_t done[BUILDER_LANES] = {0};
        for (uint64_t order = 0; order < 6; order++) {
            struct story s;
            draw_story(&s, number);
            rng_init(&s.rng, order);
            live(&s);
            for (int at = 0; at < BUILDER_LANES; at++) {
                assert_true(order == 0 || done[at] == b.done[at]);
                done[at] = b.done[at];
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_is_told_from_a_pair_by_its_row),
        cmocka_unit_test(no_more_are_out_than_can_be_needed),
        cmocka_unit_test(it_ends_when_all_samples_are_used_up),
        cmocka_unit_test(a_sample_whose_check_takes_time_is_waited_for),
        cmocka_unit_test(what_comes_twice_counts_once),
        cmocka_unit_test(one_that_was_not_asked_for_counts_too),
        cmocka_unit_test(what_is_stored_is_recalled),
        cmocka_unit_test(samples_of_other_recipes_count_but_take_no_place),
        cmocka_unit_test(only_what_belongs_here_is_adopted),
        cmocka_unit_test(enough_is_enough_whatever_else_is_out),
        cmocka_unit_test(an_open_prompt_gets_its_baseline_first),
        cmocka_unit_test(an_open_prompt_ends_without_a_baseline_or_a_changed_prompt),
        cmocka_unit_test(sixty_four_samples_are_the_most_there_are),
        cmocka_unit_test(every_story_ends_with_enough_or_with_all),
        cmocka_unit_test(the_order_of_events_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
