/* Which traces of a pair leave, and what their rows say of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/release_fixture.h"
#include "tests/lib/released_rows.h"

#define CHECKED_BY                                             \
    "endpoints:\n"                                             \
    "  - {url: \"http://127.0.0.1:1/v1\", model: teacher-1}\n" \
    "  - {url: \"http://127.0.0.1:2/v1\", model: checker-1, role: checker}\n"

#define NATURAL                                                                                   \
    "The first answer says that 17 times 3 is 41. It looks complete.\n\nWait, 17 times 3 is 51, " \
    "since 10 times 3 is 30 and 7 times 3 is 21. So the first answer is wrong."

static struct released_rows rows;

static void export_rows(struct ledger_fixture *f, const char *format)
{
    struct release_report report;
    commit(f);
    export_or_die(f, out, &report);
    released_load(&rows, out, format);
    if (!verifies(out))
        fail_msg("the release does not stand up to its own check");
}

static void end(struct ledger_fixture *f)
{
    released_free(&rows);
    fixture_close(f);
}

static void expect_row(size_t i, const char *path, const char *value)
{
    released_expect(&rows, i, path, value);
}

static int seat_of(const struct ledger_fixture *f, enum seat_kind kind)
{
    for (size_t i = 0; i < f->seats.n; i++)
        if (f->seats.all[i].kind == kind)
            return (int)i;
    fail_msg("the project has no %s", seat_kind_name(kind));
    return 0;
}

/* add(f, pair, seat, lane, k, verdict): one rollout of one call. */
static void add(struct ledger_fixture *f, uint64_t pair, int seat, enum lane lane, int k,
                enum verdict verdict)
{
    fixture_add_rollout(
        f, pair, &(struct fixture_rollout){.seat = seat, .lane = lane, .k = k, .verdict = verdict});
}

static void of_a_pair_accepted_with_a_hint_the_second_pass_leaves(void **state)
{
    (void)state;
    struct ledger_fixture f;
    begin(&f,
          "accept: {k: 2, n: 2}\nhint: {share: 0.5, k: 1, n: 2}\nexport: {split: {train: 1}}\n");
    int hinted = seat_of(&f, SEAT_HINTED);
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, pair, "AB AA");
    add(&f, pair, hinted, LANE_CHOSEN_FIRST, 0, VERDICT_B);
    add(&f, pair, hinted, LANE_CHOSEN_FIRST, 1, VERDICT_A);
    add(&f, pair, hinted, LANE_REJECTED_FIRST, 0, VERDICT_B);
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_HINTED);
    uint64_t plain = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, plain, "AA BB");
    fixture_decide(&f, plain, STATE_ACCEPTED, REASON_ACCEPTED);
    export_rows(&f, "sft");
    static const struct {
        const char *rollout, *hinted, *correct, *n;
    } expect[] = {
        {"1", "true", "1", "2"}, /* the counts are those of the first pass */
        {"0", "true", "0", "2"},
        {"*", "false", "2", "2"},
        {"*", "false", "2", "2"},
    };
    assert_int_equal(rows.n, 4);
    for (size_t i = 0; i < rows.n; i++) {
        if (expect[i].rollout[0] != '*')
            expect_row(i, "rollout", expect[i].rollout);
        expect_row(i, "hinted", expect[i].hinted);
        expect_row(i, "n_correct", expect[i].correct);
        expect_row(i, "n_rollouts", expect[i].n);
        expect_row(i, "accepted", "true");
    }
    released_free(&rows);
    released_load(&rows, out, "dpo");
    assert_int_equal(rows.n, 2);
    expect_row(0, "hinted", "true");
    expect_row(0, "chosen_rollout", "1");
    expect_row(0, "rejected_rollout", "1"); /* of the first pass */
    assert_true(holds(within(out, "manifest.json"), "\"sft\":{\"rows\":4,\"hinted\":2,"));
    end(&f);
}

static void when_a_checker_has_spoken_only_what_stood_leaves(void **state)
{
    (void)state;
    struct ledger_fixture f;
    begin(&f, CHECKED_BY "accept: {k: 1, n: 3, keep: first, keep_per_order: 3}\n"
                         "export: {split: {train: 1}}\n");
    int checker = seat_of(&f, SEAT_CHECKER);
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, pair, "AAA BB");
    add(&f, pair, checker, LANE_CHOSEN_FIRST, 0, VERDICT_DISPUTED);
    add(&f, pair, checker, LANE_CHOSEN_FIRST, 1, VERDICT_A); /* 2: not reviewed */
    add(&f, pair, checker, LANE_REJECTED_FIRST, 0, VERDICT_A);
    add(&f, pair, checker, LANE_REJECTED_FIRST, 1, VERDICT_B);
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    uint64_t before = fixture_add_pair(&f, &(struct fixture_pair){0}); /* there was a checker */
    fixture_judge(&f, before, "A B");
    fixture_decide(&f, before, STATE_ACCEPTED, REASON_ACCEPTED);
    uint64_t lost = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, lost, "A B");
    add(&f, lost, checker, LANE_CHOSEN_FIRST, 0, VERDICT_DISPUTED);
    fixture_decide(&f, lost, STATE_ACCEPTED, REASON_ACCEPTED);
    export_rows(&f, "sft");
    assert_int_equal(rows.n, 4);
    for (size_t i = 0; i < 4; i++) {
        expect_row(i, "rollout", i < 2 ? "1" : "0");
        expect_row(i, "checked", i < 2 ? "passed" : "");
    }
    expect_row(0, "n_correct", "3"); /* the checker does not measure how hard a pair is */
    assert_true(holds(within(out, "manifest.json"), "\"accepted_without_traces\":1"));
    end(&f);
}

static void a_trace_that_lost_a_right_verdict_on_the_way_stays(void **state)
{
    (void)state;
    struct ledger_fixture f;
    begin(&f, "accept: {k: 1, n: 4, keep_per_order: 4}\nreflection: {rounds: 2}\n"
              "export: {split: {train: 1}}\n");
    static const char segments[] =
        "[{\"origin\":\"teacher\",\"step\":0,\"part\":\"thought\",\"bytes\":3,\"verdict\":\"A\"},"
        "{\"origin\":\"cue\",\"step\":1,\"part\":\"thought\",\"bytes\":1,\"verdict\":\"%c\"},"
        "{\"origin\":\"teacher\",\"step\":1,\"part\":\"thought\",\"bytes\":3,\"verdict\":\"%c\"},"
        "{\"origin\":\"cue\",\"step\":2,\"part\":\"thought\",\"bytes\":1,\"verdict\":\"A\"},"
        "{\"origin\":\"teacher\",\"step\":2,\"part\":\"thought\",\"bytes\":3,\"verdict\":\"A\"},"
        "{\"origin\":\"teacher\",\"step\":2,\"part\":\"answer\",\"bytes\":1,\"verdict\":\"A\"}]";
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    for (int k = 0; k < 2; k++) {
        char text[sizeof segments + 8], middle = k ? 'A' : 'B';
        snprintf(text, sizeof text, segments, middle, middle);
        fixture_add_rollout(&f, pair,
                            &(struct fixture_rollout){.k = k,
                                                      .verdict = VERDICT_A,
                                                      .first = VERDICT_A,
                                                      .cues = 2,
                                                      .thought = "one,two,six",
                                                      .answer = "A",
                                                      .segments = text});
    }
    fixture_judge(&f, pair, " B");
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    export_rows(&f, "sft");
    assert_int_equal(rows.n, 2);
    expect_row(0, "rollout", "1");
    expect_row(0, "reflection", "right_to_right");
    expect_row(0, "cues", "2");
    expect_row(0, "segments.1.origin", "cue");
    expect_row(0, "segments.1.text", ",");
    expect_row(1, "reflection", "");
    end(&f);
}

/* Every order of every pair has a correct trace of each kind. */
static void add_kinds(struct ledger_fixture *f, int pairs)
{
    for (int i = 0; i < pairs; i++) {
        uint64_t pair = fixture_add_pair(f, &(struct fixture_pair){0});
        for (int lane = 0; lane < 2; lane++) {
            enum verdict right = lane_gold((enum lane)lane);
            enum verdict wrong = right == VERDICT_A ? VERDICT_B : VERDICT_A;
            const struct fixture_rollout all[] = {
                {.verdict = right, .k = 0},
                {.verdict = right, .k = 1, .thought = NATURAL},
                {.verdict = right, .k = 2, .first = right, .cues = 1},
                {.verdict = right, .k = 3, .first = wrong, .cues = 1},
            };
            for (size_t k = 0; k < 4; k++) {
                struct fixture_rollout r = all[k];
                r.lane = (enum lane)lane;
                fixture_add_rollout(f, pair, &r);
            }
        }
        fixture_decide(f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    }
}

static void the_traces_kept_follow_the_proportions(void **state)
{
    (void)state;
    enum { PAIRS = 60 };
    static const struct {
        const char *yaml;
        int per_order, plain, natural, kept, fixed;
        const char *why;
    } cases[] = {
        {"{natural: 0.25, right_to_right: 0.25, wrong_to_right: 0.25}", 1, 30, 30, 30, 30,
         "the rest is without reflection"},
        {"{right_to_right: 1}", 1, 0, 0, 120, 0, "all of one kind"},
        {"{natural: 0.1, right_to_right: 0.6, wrong_to_right: 0.3}", 1, 0, 12, 72, 36,
         "nothing is left for those without"},
        {"{right_to_right: 0.5, wrong_to_right: 0.5}", 2, 0, 0, 120, 120, "two of each order"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct ledger_fixture f;
        struct release_report again;
        char yaml[300], second[600];
        int found[4] = {0};
        snprintf(yaml, sizeof yaml,
                 "accept: {k: 1, n: 4, keep_per_order: %d}\nreflection: {proportions: %s}\n"
                 "export: {formats: [sft], split: {train: 1}}\n",
                 cases[c].per_order, cases[c].yaml);
        begin(&f, yaml);
        add_kinds(&f, PAIRS);
        export_rows(&f, "sft");
        static const char *const names[] = {"", "natural", "right_to_right", "wrong_to_right"};
        for (size_t i = 0; i < rows.n; i++)
            for (int k = 0; k < 4; k++)
                found[k] += slice_is(released_text(&rows, i, "reflection"), names[k]);
        const int expect[] = {cases[c].plain, cases[c].natural, cases[c].kept, cases[c].fixed};
        for (int k = 0; k < 4; k++)
            if (abs(found[k] - expect[k]) > 1)
                fail_msg("%s: %d rows '%s', not %d (%s)", cases[c].yaml, found[k], names[k],
                         expect[k], cases[c].why);
        snprintf(second, sizeof second, "%s-second", out);
        export_or_die(&f, second, &again);
        assert_true(same_file(within(out, "manifest.json"), within(second, "manifest.json")));
        end(&f);
    }
}

static void without_proportions_kinds_do_not_matter(void **state)
{
    (void)state;
    struct ledger_fixture f;
    begin(&f, "accept: {k: 1, n: 4, keep: first}\nexport: {formats: [sft], split: {train: 1}}\n");
    add_kinds(&f, 3);
    export_rows(&f, "sft");
    assert_int_equal(rows.n, 6);
    for (size_t i = 0; i < rows.n; i++)
        expect_row(i, "rollout", "0");
    end(&f);
}

static void orders_not_drawn_in_full_are_marked(void **state)
{
    (void)state;
    static const struct {
        enum trust trust;
        const char *verdicts, *first, *second, *why;
    } cases[] = {
        {TRUST_SYNTHETIC, "AA BBB", "true", "false", "3 are allowed"},
        {TRUST_VERIFIED, "AA BBB", "false", "false", "2 are allowed, and a third was made"},
        {TRUST_VERIFIED, "A ", "true", "true", "none is not all"},
        {TRUST_SYNTHETIC, "AAb BB-", "false", "false", "right or wrong, they were drawn"},
    };
    struct ledger_fixture f;
    begin(&f, "accept: {k: 1, n: 3, verified: {k: 1, n: 2}}\n"
              "export: {formats: [rl], split: {train: 1}}\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        fixture_judge(&f, fixture_add_pair(&f, &(struct fixture_pair){.trust = cases[i].trust}),
                      cases[i].verdicts);
    export_rows(&f, "rl");
    assert_int_equal(rows.n, 2 * sizeof cases / sizeof cases[0]);
    for (size_t i = 0; i < rows.n; i++) {
        const char *expect = i % 2 ? cases[i / 2].second : cases[i / 2].first;
        if (!slice_is(released_text(&rows, i, "stopped"), expect))
            fail_msg("row %zu is not %s: %s", i, expect, cases[i / 2].why);
        expect_row(i, "extra_info.stopped", expect);
    }
    assert_true(holds(within(out, "manifest.json"), "\"orders\":{\"total\":8,\"stopped\":3}"));
    assert_true(holds(within(out, "README.md"), "Of 8 orders, 3 are marked `stopped`"));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_pair_accepted_with_a_hint_the_second_pass_leaves),
        cmocka_unit_test(when_a_checker_has_spoken_only_what_stood_leaves),
        cmocka_unit_test(a_trace_that_lost_a_right_verdict_on_the_way_stays),
        cmocka_unit_test(the_traces_kept_follow_the_proportions),
        cmocka_unit_test(without_proportions_kinds_do_not_matter),
        cmocka_unit_test(orders_not_drawn_in_full_are_marked),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
