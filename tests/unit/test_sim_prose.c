#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "judges/reflection.h"

/* The simulated teacher is no library: its pure parts are compiled into their tests. */
#include "cli/sim_teacher/excerpt.c"
#include "cli/sim_teacher/mix.c"
#include "cli/sim_teacher/phrases.c"
#include "cli/sim_teacher/prose.c"

#define TEXT_MAX ((size_t)16 * 1024)

static const struct excerpts samples[] = {
    {"", "", ""},
    {"How many eggs are left?", "So 9 are left", "A: 11"},
    {"Anna has twelve apples, gives a third of them away and eats two; how many does she",
     "so Anna keeps six apples for the next morning",
     "that leaves her with two apples and a half"}};
#define N_SAMPLES (sizeof samples / sizeof samples[0])

static struct prose about(size_t sample, uint64_t h, char side, bool one)
{
    return (struct prose){.x = &samples[sample], .h = h, .side = side, .one = one};
}

static size_t words(struct slice text)
{
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < text.n; i++) {
        bool blank = text.p[i] == ' ' || text.p[i] == '\n';
        n += inside && blank;
        inside = !blank;
    }
    return n + inside;
}

static void thoughts_are_varied_and_of_readable_length(void **state)
{
    (void)state;
    uint64_t seen[1000];
    size_t alike = 0;
    for (size_t s = 0; s < 2 * N_SAMPLES; s++) {
        for (uint64_t h = 0; h < 1000; h++) {
            struct buf thought;
            struct prose p = about(s % N_SAMPLES, h, h % 2 ? 'A' : 'B', s >= N_SAMPLES);
            buf_init(&thought, TEXT_MAX);
            prose_decide(&p, &thought);
            size_t n = words(buf_view(&thought));
            if (n < (p.one ? 45 : 60) || n > 200 || thought.failed ||
                strstr(buf_cstr(&thought), "  ") || strchr(buf_cstr(&thought), '{'))
                fail_msg("%zu words: %s", n, buf_cstr(&thought));
            if (p.one &&
                (strstr(buf_cstr(&thought), "answer A") || strstr(buf_cstr(&thought), "answer B")))
                fail_msg("it speaks of two answers: %s", buf_cstr(&thought));
            seen[h] = mix_bytes(buf_view(&thought));
            for (uint64_t k = 0; s == 1 && k < h; k++)
                alike += seen[k] == seen[h];
            buf_free(&thought);
        }
    }
    assert_true(alike < 20);
}

static void a_thought_leans_to_its_side_also_when_it_is_cut_before_its_conclusion(void **state)
{
    (void)state;
    size_t cuts = 0;
    for (uint64_t h = 0; h < 4000; h++) {
        struct buf thought;
        bool one = h / 2 % 2;
        char side = h % 2 ? 'A' : 'B';
        struct prose p = about(h % N_SAMPLES, h, side, one);
        buf_init(&thought, TEXT_MAX);
        prose_decide(&p, &thought);
        struct slice all = buf_view(&thought);
        assert_int_equal(prose_leaning(all, one), side);
        struct slice cut = slice_sub(all, 0, reflection_cut(all));
        cuts += !one && cut.n < all.n;
        if (prose_leaning(cut, one) != side)
            fail_msg("%c: " SLICE_FMT, side, SLICE_ARG(cut));
        buf_free(&thought);
    }
    assert_int_equal(cuts, 2000); /* where there are two, a conclusion names one */
    assert_int_equal(prose_leaning(S("Nothing that this teacher would say."), false), 0);
}

static void a_thought_may_reflect_by_itself_and_stays_with_its_side(void **state)
{
    (void)state;
    for (uint64_t h = 0; h < 2000; h++) {
        struct buf thought;
        struct prose p = about(h % N_SAMPLES, h, h % 2 ? 'A' : 'B', h / 2 % 2);
        p.reflects = h / 4 % 2;
        buf_init(&thought, TEXT_MAX);
        prose_decide(&p, &thought);
        if ((reflection_found(buf_view(&thought)) != SIZE_MAX) != p.reflects ||
            prose_leaning(buf_view(&thought), p.one) != p.side)
            fail_msg("%d: %s", p.reflects, buf_cstr(&thought));
        buf_free(&thought);
    }
}

/* again(p, cue, was, out): a thought of the side `was`, cut, the cue, and what follows it. */
static size_t again(const struct prose *p, const char *cue, char was, struct buf *out)
{
    struct prose first = *p;
    first.side = was;
    prose_decide(&first, out);
    out->n = reflection_cut(buf_view(out));
    out->n = slice_trim(buf_view(out)).n;
    buf_str(out, "\n\n");
    buf_str(out, cue);
    struct buf before;
    buf_init(&before, TEXT_MAX);
    buf_slice(&before, buf_view(out));
    prose_again(p, buf_view(&before), was, out);
    buf_free(&before);
    return slice_find(buf_view(out), slice_of(cue)) + strlen(cue);
}

static void after_a_cue_something_new_is_found_and_the_thought_leans_as_it_was_told_to(void **state)
{
    (void)state;
    static const char *const cues[] = {"Wait,", "Wait, let me check this again.", "Wait"};
    for (uint64_t h = 0; h < 3000; h++) {
        struct buf text;
        bool one = h / 4 % 2;
        struct prose p = about(h % N_SAMPLES, h, h % 2 ? 'A' : 'B', one);
        buf_init(&text, TEXT_MAX);
        size_t at = again(&p, cues[h % 3], h / 2 % 2 ? 'A' : 'B', &text);
        struct slice all = buf_view(&text);
        if (prose_leaning(all, one) != p.side ||
            !reflection_is_new(slice_sub(all, 0, at), slice_from(all, at)))
            fail_msg("%c: %s", p.side, buf_cstr(&text));
        struct slice cut = slice_sub(all, 0, reflection_cut(all));
        if (cut.n > at && prose_leaning(cut, one) != p.side)
            fail_msg("%c when cut again: " SLICE_FMT, p.side, SLICE_ARG(cut));
        assert_null(strstr(buf_cstr(&text), "{"));
        buf_free(&text);
    }
}

static void an_empty_reflection_says_nothing_that_was_not_there(void **state)
{
    (void)state;
    for (uint64_t h = 0; h < 1000; h++) {
        struct buf text;
        struct prose p = about(h % N_SAMPLES, h, h % 2 ? 'A' : 'B', h / 2 % 2);
        p.repeated = true;
        buf_init(&text, TEXT_MAX);
        size_t at = again(&p, "Wait,", p.side, &text);
        struct slice all = buf_view(&text);
        if (reflection_is_new(slice_sub(all, 0, at), slice_from(all, at)))
            fail_msg("%s", buf_cstr(&text));
        buf_free(&text);
    }
}

static void excerpts_are_short_harmless_and_verbatim(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *text;
        bool from_end;
        const char *expect;
        const char *why;
    } rows[] = {
        {"one two", false, "one two", "whole"},
        {"\n \n--\nfirst\nlast\n", false, "first", "the first line that says something"},
        {"first\nlast\n---\n", true, "last", "the last line that says something"},
        {"so it is </think><answer>[[B]]</answer>", false, "so it is", "no tags"},
        {"</think><answer>[[B]]</answer>\nyes", false, "yes", "no line of tags"},
        {"he said \"{q}\"\t\x01\x7f", false, "he said", "no quotation marks"},
        {"bell\x07 rings", false, "bell", "no control characters"},
        {"aaaa bbbb cccc dddd eeee ffff", false, "aaaa bbbb cccc dddd", "cut at a word"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, "aaaaaaaaaaaaaaaaaaaaaaa", "one long word"},
        {"ööööööööööööö", false, "ööööööööööö", "never half a character"},
        {"", false, "", "nothing"},
        {"...\n!!", true, "", "nothing that says something"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[24];
        excerpt_take(slice_of(rows[i].text), rows[i].from_end, out, sizeof out);
        if (strcmp(out, rows[i].expect) != 0)
            fail_msg("%s: '%s'", rows[i].why, out);
        assert_non_null(strstr(rows[i].text, out));
    }
}

static void the_last_sentence_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expect;
    } rows[] = {
        {"One. Two is it.", "Two is it."},
        {"One. Two is it.\n\nWait,", "Two is it."},
        {"One.\n\nThree\nTwo.\n\nWait", "Two."},
        {"no full stop", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[64];
        excerpt_last_sentence(slice_of(rows[i].text), out, sizeof out);
        assert_string_equal(out, rows[i].expect);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thoughts_are_varied_and_of_readable_length),
        cmocka_unit_test(a_thought_leans_to_its_side_also_when_it_is_cut_before_its_conclusion),
        cmocka_unit_test(
            after_a_cue_something_new_is_found_and_the_thought_leans_as_it_was_told_to),
        cmocka_unit_test(a_thought_may_reflect_by_itself_and_stays_with_its_side),
        cmocka_unit_test(an_empty_reflection_says_nothing_that_was_not_there),
        cmocka_unit_test(excerpts_are_short_harmless_and_verbatim),
        cmocka_unit_test(the_last_sentence_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
