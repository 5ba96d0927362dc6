/* Pairing: which pairs come of ranked answers, and why none does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "coordinator/imports/answers.h"
#include "coordinator/imports/pairing.h"

struct fixture {
    struct arena arena;
    struct seed_record record;
    struct message messages[SEED_MAX_RESPONSES];
    char texts[SEED_MAX_RESPONSES][16];
    struct project_import how;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    arena_init(&f->arena, 1 << 22);
    f->how = pairing_defaults();
    f->record.kind = "test";
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(&f->arena);
    free(f);
    return 0;
}

/* ranked(f, ranks): answers "0", "1", … of these ranks, one digit each. */
static void ranked(struct fixture *f, const char *ranks)
{
    struct seed_record *r = &f->record;
    r->n_responses = r->n_pairs = r->left_out = 0;
    r->skip = false;
    r->reason = SEED_PAIRED;
    r->label = LABEL_RANKED;
    for (; *ranks; ranks++) {
        size_t i = r->n_responses++;
        snprintf(f->texts[i], sizeof f->texts[i], "%zu", i);
        f->messages[i] = (struct message){S("assistant"), slice_of(f->texts[i])};
        r->responses[i] = (struct seed_response){.chat = {&f->messages[i], 1},
                                                 .rank = *ranks - '0'};
    }
}

/* "0>1 0>2 -1": the pairs, and how many were left out. */
static const char *made(struct fixture *f)
{
    static char text[4096];
    struct err e;
    size_t n = 0;
    if (!pairing_make(&f->record, &f->how, &f->arena, &e))
        fail_msg("%s", e.text);
    text[0] = '\0';
    for (size_t i = 0; i < f->record.n_pairs; i++) {
        const struct seed_pair *p = &f->record.pairs[i];
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%zu>%zu", n ? " " : "", p->chosen,
                              p->rejected);
        json *evidence = json_parse(p->evidence, JSON_STRICT, &e);
        assert_non_null(evidence);
        json_free(evidence);
    }
    if (f->record.left_out)
        snprintf(text + n, sizeof text - n, " -%zu", f->record.left_out);
    return text;
}

static void the_setting_says_which_pairs_of_a_ranking_are_taken(void **state)
{
    static const struct {
        int ranking;
        const char *ranks, *wanted;
    } rows[] = {
        {RANKING_BEST_VS_REST, "012", "0>1 0>2"},
        {RANKING_BEST_VS_REST, "2101", "2>0 2>1 2>3"},
        {RANKING_BEST_VS_REST, "0011", "0>2 0>3 1>2 1>3"},
        {RANKING_BEST_VS_WORST, "012", "0>2"},
        {RANKING_BEST_VS_WORST, "0022", "0>2 0>3 1>2 1>3"},
        {RANKING_ADJACENT, "012", "0>1 1>2"},
        {RANKING_ADJACENT, "035", "0>1 1>2"},
        {RANKING_ADJACENT, "0112", "0>1 0>2 1>3 2>3"},
        {RANKING_ALL, "012", "0>1 0>2 1>2"},
        {RANKING_ALL, "0112", "0>1 0>2 0>3 1>3 2>3"},
        {RANKING_ALL, "01", "0>1"},
        {RANKING_ALL, "10", "1>0"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        f->how.ranking = rows[i].ranking;
        ranked(f, rows[i].ranks);
        assert_string_equal(made(f), rows[i].wanted);
    }
}

static void too_many_pairs_are_thinned_out_evenly_and_counted(void **state)
{
    struct fixture *f = *state;
    f->how.max_pairs = 3;
    ranked(f, "0111111");
    assert_string_equal(made(f), "0>2 0>4 0>6 -3");
    f->how.max_pairs = 256;
    ranked(f, "00000000000000000000000000000000000000000000000000000000000000001111111111");
    made(f);
    assert_int_equal(f->record.n_pairs, SEED_MAX_PAIRS);
    assert_int_equal(f->record.left_out, 64 * 10 - SEED_MAX_PAIRS);
    for (size_t i = 1; i < f->record.n_pairs; i++)
        assert_true(f->record.pairs[i].chosen != f->record.pairs[i - 1].chosen ||
                    f->record.pairs[i].rejected > f->record.pairs[i - 1].rejected);
}

static void pairs_under_the_least_margin_are_left_out(void **state)
{
    static const double scores[] = {9, 8.5, 4};
    struct fixture *f = *state;
    f->how.min_margin = 1;
    ranked(f, "012");
    for (size_t i = 0; i < 3; i++) {
        f->record.responses[i].scored = true;
        f->record.responses[i].score = scores[i];
    }
    assert_string_equal(made(f), "0>2 -1");
    f->how.min_margin = 6;
    ranked(f, "012");
    for (size_t i = 0; i < 3; i++) {
        f->record.responses[i].scored = true;
        f->record.responses[i].score = scores[i];
    }
    assert_string_equal(made(f), "");
    assert_int_equal(f->record.reason, SEED_LOW_MARGIN);
    ranked(f, "01"); /* nobody says by how much */
    assert_string_equal(made(f), "0>1");
    f->record.has_margin = true;
    f->record.margin = -5.9;
    ranked(f, "01");
    assert_string_equal(made(f), "");
    f->record.margin = -6;
    ranked(f, "01");
    assert_string_equal(made(f), "0>1");
}

static void every_record_without_a_pair_has_its_reason(void **state)
{
    static const struct {
        enum seed_label label;
        const char *ranks;
        enum seed_reason reason;
    } rows[] = {
        {LABEL_NONE, "", SEED_PROMPT_ONLY},    {LABEL_NONE, "0", SEED_PROMPT_ONLY},
        {LABEL_TIE, "00", SEED_TIE},           {LABEL_BOTH_BAD, "00", SEED_BOTH_BAD},
        {LABEL_RANKED, "00", SEED_TIE},        {LABEL_CHECKED, "00", SEED_ONE_SIDED},
        {LABEL_CHECKED, "11", SEED_ONE_SIDED},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ranked(f, rows[i].ranks);
        f->record.label = rows[i].label;
        assert_string_equal(made(f), "");
        assert_int_equal(f->record.reason, rows[i].reason);
        assert_false(f->record.skip);
    }
    ranked(f, "01");
    f->texts[1][0] = f->texts[0][0];
    assert_string_equal(made(f), "");
    assert_int_equal(f->record.reason, SEED_IDENTICAL);
    ranked(f, "");
    f->record.label = LABEL_NONE;
    f->record.answer = S("7");
    made(f);
    assert_int_equal(f->record.reason, SEED_ANSWER_ONLY);
}

static void what_is_not_to_be_stored_is_marked(void **state)
{
    struct fixture *f = *state;
    f->how.ties = f->how.both_bad = f->how.moderated = UNPAIRED_SKIP;
    ranked(f, "00");
    f->record.label = LABEL_TIE;
    made(f);
    assert_true(f->record.skip);
    ranked(f, "00");
    f->record.label = LABEL_BOTH_BAD;
    made(f);
    assert_true(f->record.skip);
    ranked(f, "01");
    made(f);
    assert_false(f->record.skip);
    f->record.moderated = true;
    ranked(f, "01");
    assert_string_equal(made(f), "");
    assert_true(f->record.skip && f->record.reason == SEED_MODERATED);
}

static void annotators_must_agree_as_the_setting_says(void **state)
{
    static const struct {
        unsigned first, second, ties;
        bool overall;          /* the data set says itself that the first is better */
        const char *wanted[3]; /* by ANNOTATORS_* */
        enum seed_reason reason;
    } rows[] = {
        {3, 0, 0, false, {"0>1", "0>1", "0>1"}, SEED_PAIRED},
        {2, 1, 0, false, {"0>1", "0>1", ""}, SEED_ANNOTATORS},
        {1, 2, 0, false, {"1>0", "1>0", ""}, SEED_ANNOTATORS},
        {1, 1, 1, false, {"", "", ""}, SEED_ANNOTATORS},
        {1, 1, 0, false, {"", "", ""}, SEED_ANNOTATORS},
        {1, 0, 2, false, {"", "", ""}, SEED_TIE},
        {0, 0, 3, false, {"", "", ""}, SEED_TIE},
        {1, 0, 0, false, {"0>1", "0>1", "0>1"}, SEED_PAIRED},
        {1, 2, 0, true, {"0>1", "", ""}, SEED_ANNOTATORS},
        {2, 1, 0, true, {"0>1", "0>1", ""}, SEED_ANNOTATORS},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int rule = 0; rule < 3; rule++) {
            ranked(f, "01");
            answers_votes(&f->record, rows[i].first, rows[i].second, rows[i].ties);
            f->record.has_overall = rows[i].overall;
            if (rows[i].overall) {
                answers_decide(&f->record, WINNER_FIRST);
                f->record.agreed = rows[i].first;
            }
            f->how.annotators = rule;
            const char *got = made(f);
            if (strcmp(got, rows[i].wanted[rule]) != 0)
                fail_msg("%zu, rule %d: %s", i, rule, got);
            if (!*got)
                assert_int_equal(f->record.reason, rows[i].reason);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_setting_says_which_pairs_of_a_ranking_are_taken),
        TEST(too_many_pairs_are_thinned_out_evenly_and_counted),
        TEST(pairs_under_the_least_margin_are_left_out),
        TEST(every_record_without_a_pair_has_its_reason),
        TEST(what_is_not_to_be_stored_is_marked),
        TEST(annotators_must_agree_as_the_setting_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
