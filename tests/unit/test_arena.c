#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/rng.h"

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    struct rng r;
    rng_init(&r, 1);
    unsigned char *pieces[200];
    size_t sizes[200];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 200; i++) {
            sizes[i] = (size_t)rng_below(&r, 3000);
            pieces[i] = arena_alloc(&a, sizes[i]);
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(pieces[i][k], 0);
            memset(pieces[i], (int)i + 1, sizes[i]);
        }
        for (size_t i = 0; i < 200; i++)
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(pieces[i][k], (unsigned char)(i + 1));
        arena_reset(&a); /* the kept block is dirty: the next round must see zeros */
        assert_int_equal(a.used, 0);
    }
    arena_free(&a);
}

static void the_maximum_holds_and_is_given_back(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100);
    assert_non_null(arena_alloc(&a, 60));
    assert_null(arena_alloc(&a, 41));
    assert_non_null(arena_alloc(&a, 40));
    assert_null(arena_alloc(&a, 1));
    assert_null(arena_alloc(&a, SIZE_MAX));
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 100));
    arena_free(&a);
    assert_non_null(arena_alloc(&a, 100));
    arena_free(&a);
    arena_reset(&a); /* an empty one may be reset */
}

static void copies_end_in_nul(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 8);
    struct slice s = arena_dup(&a, S("ab\0c"));
    assert_true(slice_eq(s, S("ab\0c")));
    assert_int_equal(s.p[4], '\0');
    struct slice empty = arena_dup(&a, slice_of(NULL));
    assert_non_null(empty.p);
    assert_int_equal(empty.n, 0);
    assert_null(arena_dup(&a, S("xy")).p);
    assert_string_equal(arena_str(&a, S("x")), "x");
    assert_null(arena_str(&a, S("")));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(the_maximum_holds_and_is_given_back),
        cmocka_unit_test(copies_end_in_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
