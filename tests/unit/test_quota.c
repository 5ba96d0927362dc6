#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "coordinator/quota.h"

/* A project with these quotas. */
struct given {
    struct project project;
    struct project_quota quotas[4];
    struct quota quota;
};

static void give(struct given *g, const struct project_quota *quotas, size_t n)
{
    *g = (struct given){.project = {.name = "test"}};
    memcpy(g->quotas, quotas, n * sizeof(*quotas));
    g->project.quotas = (struct conf_list){g->quotas, n};
    quota_init(&g->quota, &g->project);
}

static struct subject pair(const char *domain, const char *source, enum trust trust)
{
    return (struct subject){.trust = trust,
                            .domain = quota_name(slice_of(domain)),
                            .source = quota_name(slice_of(source))};
}

/* Rollouts of one order; bit i of right is rollout i. */
static void draw(struct subject *s, int seat, int lane, int n, uint64_t right)
{
    struct contest *c = &s->contests[seat];
    c->done[lane] = c->taken[lane] = ((uint64_t)1 << n) - 1;
    c->right[lane] = right;
}

static void names_differ_and_none_is_zero(void **state)
{
    (void)state;
    assert_int_equal(quota_name(S("")), 0);
    assert_true(quota_name(S("math")) != 0);
    assert_true(quota_name(S("math")) != quota_name(S("maths")));
    assert_true(quota_name(S("math")) == quota_name(slice_of("math")));
}

static void a_kind_is_what_all_named_keys_fit(void **state)
{
    (void)state;
    static const struct {
        struct project_quota quota;
        bool falls;
        const char *reason;
    } cases[] = {
        {{"", "", "", 0, 1, 1}, true, "a quota for all pairs"},
        {{"math", "", "", 0, 1, 1}, true, "its domain"},
        {{"code", "", "", 0, 1, 1}, false, "another domain"},
        {{"", "gsm", "", 0, 1, 1}, true, "its source"},
        {{"", "web", "", 0, 1, 1}, false, "another source"},
        {{"", "", "verified", 0, 1, 1}, true, "its trust"},
        {{"", "", "synthetic", 0, 1, 1}, false, "the trust whose number is 0"},
        {{"math", "gsm", "verified", 0, 1, 1}, true, "all three"},
        {{"math", "web", "verified", 0, 1, 1}, false, "two of three"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct given g;
        give(&g, &cases[i].quota, 1);
        struct subject s = pair("math", "gsm", TRUST_VERIFIED);
        assert_true(quota_take(&g.quota, &s));
        if (g.quota.accepted[0] != cases[i].falls || quota_full(&g.quota, &s) != cases[i].falls ||
            quota_take(&g.quota, &s) == cases[i].falls)
            fail_msg("%s", cases[i].reason);
    }
}

static void a_pair_without_a_domain_is_of_no_named_one(void **state)
{
    (void)state;
    struct given g;
    give(&g, &(struct project_quota){"math", "", "", 0, 1, 1}, 1);
    struct subject none = pair("", "", TRUST_SYNTHETIC);
    for (int i = 0; i < 3; i++)
        assert_true(quota_take(&g.quota, &none));
    assert_int_equal(g.quota.accepted[0], 0);
}

static void fills_up_and_then_refuses(void **state)
{
    (void)state;
    struct given g;
    give(&g, &(struct project_quota){"math", "", "", 0, 1, 3}, 1);
    struct subject math = pair("math", "", TRUST_HUMAN), code = pair("code", "", TRUST_HUMAN);
    for (int i = 0; i < 3; i++) {
        assert_false(quota_full(&g.quota, &math));
        assert_true(quota_take(&g.quota, &math));
    }
    assert_true(quota_full(&g.quota, &math));
    assert_false(quota_take(&g.quota, &math));
    assert_int_equal(g.quota.accepted[0], 3);
    assert_false(quota_full(&g.quota, &code));
    assert_true(quota_take(&g.quota, &code));
}

static void what_one_quota_refuses_no_other_counts(void **state)
{
    (void)state;
    struct given g;
    static const struct project_quota two[] = {{"math", "", "", 0, 1, 10}, {"", "", "", 0, 1, 1}};
    give(&g, two, 2);
    struct subject math = pair("math", "", TRUST_HUMAN);
    assert_true(quota_take(&g.quota, &math));
    assert_false(quota_take(&g.quota, &math));
    assert_int_equal(g.quota.accepted[0], 1);
    assert_int_equal(g.quota.accepted[1], 1);
}

static void windows_side_by_side_share_no_pair(void **state)
{
    (void)state;
    static const struct project_quota windows[] = {
        {"", "", "", 0, 0.5, 9}, {"", "", "", 0.5, 0.75, 9}, {"", "", "", 0.75, 1, 9}};
    static const struct {
        uint64_t right0, right1; /* of four in each order */
        int window;
        const char *reason;
    } cases[] = {
        {0x0, 0x0, 0, "none"},
        {0x7, 0x0, 0, "3 of 8"},
        {0x3, 0x3, 1, "4 of 8: on the border, it belongs to the upper window"},
        {0xf, 0x1, 1, "5 of 8"},
        {0x7, 0x7, 2, "6 of 8: on the border"},
        {0xf, 0xf, 2, "all of them: 1 belongs to the last"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct given g;
        give(&g, windows, 3);
        struct subject s = pair("", "", TRUST_HUMAN);
        draw(&s, 0, 0, 4, cases[i].right0);
        draw(&s, 0, 1, 4, cases[i].right1);
        draw(&s, 1, 0, 4, 0); /* another seat's rollouts are not looked at */
        assert_true(quota_take(&g.quota, &s));
        for (int j = 0; j < 3; j++)
            if (g.quota.accepted[j] != (j == cases[i].window))
                fail_msg("%s: window %d", cases[i].reason, j);
    }
}

static void a_window_of_one_point_holds_it(void **state)
{
    (void)state;
    struct given g;
    give(&g, &(struct project_quota){"", "", "", 0.5, 0.5, 1}, 1);
    struct subject s = pair("", "", TRUST_HUMAN);
    draw(&s, 0, 0, 4, 0x3);
    draw(&s, 0, 1, 4, 0x3);
    assert_true(quota_take(&g.quota, &s));
    assert_int_equal(g.quota.accepted[0], 1);
}

static void a_full_window_stops_no_pair_before_it_is_judged(void **state)
{
    (void)state;
    struct given g;
    give(&g, &(struct project_quota){"", "", "", 0.75, 1, 1}, 1);
    struct subject s = pair("", "", TRUST_HUMAN);
    draw(&s, 0, 0, 4, 0xf);
    draw(&s, 0, 1, 4, 0xf);
    assert_true(quota_take(&g.quota, &s));
    assert_false(quota_full(&g.quota, &s));
    assert_false(quota_take(&g.quota, &s));
    draw(&s, 0, 1, 4, 0x0);
    assert_true(quota_take(&g.quota, &s));
}

static void rollouts_beyond_n_do_not_count(void **state)
{
    (void)state;
    struct given g;
    give(&g, &(struct project_quota){"", "", "", 1, 1, 5}, 1);
    struct subject s = pair("", "", TRUST_HUMAN);
    draw(&s, 0, 0, 5, 0x0f);
    draw(&s, 0, 1, 4, 0x0f);
    s.contests[0].beyond[0] = 0x10;
    assert_true(quota_take(&g.quota, &s));
    assert_int_equal(g.quota.accepted[0], 1);
}

/* Pointwise, one judgment is two scores of the same index: the chosen one's must be the higher. */
static void pointwise_counts_matched_scores(void **state)
{
    (void)state;
    static const struct {
        int16_t chosen[4], rejected[4];
        uint64_t scored; /* of the rejected answers; the chosen ones all have a score */
        int in_ten;
        const char *reason;
    } cases[] = {
        {{800, 800, 800, 800}, {300, 300, 300, 300}, 0xf, 10, "all higher"},
        {{800, 800, 800, 800}, {300, 800, 900, 300}, 0xf, 5, "one tie, one lower"},
        {{800, 800, 800, 800}, {300, 300, 0, 0}, 0x3, 5, "two answers without a score"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct given g;
        double rate = cases[i].in_ten / 10.0;
        give(&g, &(struct project_quota){"", "", "", rate, rate, 1}, 1);
        struct subject s = pair("", "", TRUST_HUMAN);
        s.pointwise = true;
        draw(&s, 0, 0, 4, 0xf);
        draw(&s, 0, 1, 4, cases[i].scored);
        memcpy(s.contests[0].scores[0], cases[i].chosen, sizeof(cases[i].chosen));
        memcpy(s.contests[0].scores[1], cases[i].rejected, sizeof(cases[i].rejected));
        assert_true(quota_take(&g.quota, &s));
        if (g.quota.accepted[0] != 1)
            fail_msg("%s", cases[i].reason);
    }
}

static void earlier_runs_are_recalled(void **state)
{
    (void)state;
    struct given g;
    static const struct project_quota three[] = {
        {"math", "", "", 0, 1, 100}, {"", "", "verified", 0, 1, 100}, {"", "", "", 0.5, 1, 100}};
    give(&g, three, 3);
    quota_recall(&g.quota, TRUST_VERIFIED, quota_name(S("math")), 0, 0.75, 40);
    quota_recall(&g.quota, TRUST_HUMAN, quota_name(S("math")), 0, 0.25, 60);
    assert_int_equal(g.quota.accepted[0], 100);
    assert_int_equal(g.quota.accepted[1], 40);
    assert_int_equal(g.quota.accepted[2], 40);
    struct subject math = pair("math", "", TRUST_HUMAN);
    assert_true(quota_full(&g.quota, &math));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_differ_and_none_is_zero),
        cmocka_unit_test(a_kind_is_what_all_named_keys_fit),
        cmocka_unit_test(a_pair_without_a_domain_is_of_no_named_one),
        cmocka_unit_test(fills_up_and_then_refuses),
        cmocka_unit_test(what_one_quota_refuses_no_other_counts),
        cmocka_unit_test(windows_side_by_side_share_no_pair),
        cmocka_unit_test(a_window_of_one_point_holds_it),
        cmocka_unit_test(a_full_window_stops_no_pair_before_it_is_judged),
        cmocka_unit_test(rollouts_beyond_n_do_not_count),
        cmocka_unit_test(pointwise_counts_matched_scores),
        cmocka_unit_test(earlier_runs_are_recalled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
