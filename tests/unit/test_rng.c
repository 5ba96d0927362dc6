#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/rng.h"

static void the_sequence_is_the_published_one(void **state)
{
    (void)state;
    /* xoshiro256** from the state 1, 2, 3, 4: the authors' test sequence begins like this. */
    struct rng r = {
        {1, 2, 3, 4}
    };
    static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_true(rng_u64(&r) == expected[i]);
    /* splitmix64 from 0 begins with this word. */
    rng_init(&r, 0);
    assert_true(r.s[0] == UINT64_C(0xE220A8397B1DCDAF));
}

static void the_same_seed_gives_the_same_numbers(void **state)
{
    (void)state;
    struct rng a, b, c;
    rng_init(&a, 42);
    rng_init(&b, 42);
    rng_init(&c, 43);
    int same_as_other_seed = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t v = rng_u64(&a);
        assert_true(v == rng_u64(&b));
        same_as_other_seed += v == rng_u64(&c);
    }
    assert_int_equal(same_as_other_seed, 0);
}

static void below_is_in_range_and_even(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 7);
    int counts[6] = {0};
    for (int i = 0; i < 60000; i++)
        counts[rng_below(&r, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_in_range(counts[i], 9500, 10500);
    assert_true(rng_below(&r, 1) == 0);
    for (int i = 0; i < 100; i++) /* nearly half of all draws must be refused here */
        assert_true(rng_below(&r, (UINT64_C(1) << 63) + 1) <= UINT64_C(1) << 63);
}

static void doubles_and_normals_have_their_moments(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 9);
    double sum = 0, normal_sum = 0, normal_squares = 0;
    const int n = 100000;
    for (int i = 0; i < n; i++) {
        double u = rng_double(&r);
        assert_true(u >= 0 && u < 1);
        sum += u;
        double z = rng_normal(&r);
        assert_true(isfinite(z));
        normal_sum += z;
        normal_squares += z * z;
    }
    assert_true(fabs(sum / n - 0.5) < 0.01);
    assert_true(fabs(normal_sum / n) < 0.02);
    assert_true(fabs(normal_squares / n - 1) < 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sequence_is_the_published_one),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(below_is_in_range_and_even),
        cmocka_unit_test(doubles_and_normals_have_their_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
