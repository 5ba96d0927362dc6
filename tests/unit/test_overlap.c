/* Overlap: the share of words that two texts have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "filters/overlap.h"

#define ARENA_MAX (64u << 20)

static struct arena arena;

static double overlap(struct slice a, struct slice b)
{
    double v = overlap_words(a, b, &arena);
    double other = overlap_words(b, a, &arena);
    assert_true(v == other);
    arena_reset(&arena);
    return v;
}

static void shares_are_of_the_different_words_of_both(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        double share;
    } cases[] = {
        {"one two three", "one two three", 1},
        {"one two three", "THREE two\nOne", 1},
        {"one one one two", "two one", 1},
        {"one two", "three four", 0},
        {"one two three", "two three four", 0.5},
        {"one", "one two three four", 0.25},
        {"", "one", 0},
        {"", "", 0},
        {" \n\t", "one", 0},
    };
    arena_init(&arena, ARENA_MAX);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(overlap(slice_of(cases[i].a), slice_of(cases[i].b)) == cases[i].share);
    arena_free(&arena);
}

static void languages_without_spaces_count_their_characters(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_MAX);
    double v = overlap(S("今天天气很好"), S("今天天气不好"));
    assert_true(v > 0.5 && v < 1);
    arena_free(&arena);
}

/* What follows the first words of a very long text changes nothing. */
static void a_long_text_is_looked_at_as_far_as_the_limit(void **state)
{
    (void)state;
    struct buf b;
    size_t words = OVERLAP_MOST_WORDS;
    arena_init(&arena, ARENA_MAX);
    buf_init(&b, 16 << 20);
    for (size_t i = 0; i < words; i++)
        buf_addf(&b, "w%zu ", i);
    size_t part = b.n;
    for (size_t i = 0; i < 4 * words; i++)
        buf_addf(&b, "x%zu ", i);
    assert_true(buf_ok(&b, "a text", &(struct err){0}));
    struct slice whole = buf_view(&b);
    assert_true(overlap(whole, slice_sub(whole, 0, part)) == 1);
    buf_free(&b);
    arena_free(&arena);
}

static void without_room_there_is_no_share(void **state)
{
    (void)state;
    arena_init(&arena, 1000);
    assert_true(overlap_words(S("one"), S("one"), &arena) == -1);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_of_the_different_words_of_both),
        cmocka_unit_test(languages_without_spaces_count_their_characters),
        cmocka_unit_test(a_long_text_is_looked_at_as_far_as_the_limit),
        cmocka_unit_test(without_room_there_is_no_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
