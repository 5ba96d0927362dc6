/* Sentences and quotations: where they begin and end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/rng.h"
#include "judges/sentence.h"

static void expect_pieces(const char *text, const char *const *expect, const char *why)
{
    struct sentences all = sentences_of(slice_of(text));
    struct slice s;
    size_t n = 0;
    for (; sentences_next(&all, &s); n++) {
        if (!expect[n] || !slice_is(s, expect[n]))
            fail_msg("%s: piece %zu is '" SLICE_FMT "'", why, n, SLICE_ARG(s));
        assert_ptr_equal(text + sentences_at(&all, s), s.p);
    }
    if (expect[n])
        fail_msg("%s: '%s' is lacking", why, expect[n]);
}

static void texts_are_parted_into_sentences(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pieces[5], *why;
    } rows[] = {
        {"", {NULL}, "nothing"},
        {" \n\t ", {NULL}, "white space"},
        {"One. Two! Three?", {"One.", "Two!", "Three?"}, "three stops"},
        {"a\nb\n\n c", {"a", "b", "c"}, "lines"},
        {"It is 3.5 m. So?", {"It is 3.5 m.", "So?"}, "a decimal point"},
        {"1. One. 2. Two.", {"1. One.", "2. Two."}, "numbers of a list"},
        {"E.g. e.g. this, i.e. that.", {"E.g.", "e.g. this, i.e. that."}, "abbreviations"},
        {"He said \"no. Never.\" Then he left.",
         {"He said \"no. Never.\"", "Then he left."},
         "a quotation is not parted and may end a sentence"},
        {"The line \"a. b\" is wrong. Yes.",
         {"The line \"a. b\" is wrong.", "Yes."},
         "a quotation within"},
        {"It is 6\" and 7\" long. Yes.", {"It is 6\" and 7\" long.", "Yes."}, "inches"},
        {"(Yes.) **No.** x", {"(Yes.)", "**No.**", "x"}, "closing marks belong to it"},
        {"好。不！"
         "A",
         {"好。", "不！", "A"},
         "Chinese stops need no space"},
        {"...", {"..."}, "stops alone"},
        {"v1.2.x is fine", {"v1.2.x is fine"}, "dots in a name"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_pieces(rows[i].text, rows[i].pieces, rows[i].why);
}

static void quotations_are_found_in_all_their_marks(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pieces[4], *why;
    } rows[] = {
        {"say \"yes\" and \"no\"", {"yes", "no"}, "plain"},
        {"“yes” „no“", {"yes", "no"}, "typographic"},
        {"« oui »", {" oui "}, "French"},
        {"「好」", {"好"}, "Chinese"},
        {"`x = 1` it's fine, isn't it", {"x = 1"}, "code; apostrophes are none"},
        {"\"\" \"a\"", {"a"}, "an empty one"},
        {"\"open\nline\"", {NULL}, "plain ones end within their line"},
        {"“two\nlines”", {"two\nlines"}, "typographic ones need not"},
        {"5\" board and 7\" nail", {NULL}, "inches"},
        {"\"", {NULL}, "a mark alone"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct quotations all = quotations_of(slice_of(rows[i].text));
        struct quotation q;
        size_t n = 0;
        for (; quotations_next(&all, &q); n++)
            if (!rows[i].pieces[n] || !slice_is(q.inside, rows[i].pieces[n]))
                fail_msg("%s: '" SLICE_FMT "'", rows[i].why, SLICE_ARG(q.inside));
        if (rows[i].pieces[n])
            fail_msg("%s: '%s' is lacking", rows[i].why, rows[i].pieces[n]);
    }
}

/* Any bytes: sentences come in order, do not overlap, and leave out white space alone. */
static void nothing_but_white_space_is_left_out(void **state)
{
    (void)state;
    static const char *const units[] = {"a", ".", " ", "\n",   "\"", "。", "“",
                                        "”", "1", "!", "\xE3", "`",  ")",  "B is better"};
    struct rng rng;
    rng_init(&rng, 3);
    for (int round = 0; round < 20000; round++) {
        struct buf b;
        buf_init(&b, 4096);
        for (uint64_t i = rng_below(&rng, 30); i > 0; i--)
            buf_str(&b, units[rng_below(&rng, sizeof units / sizeof units[0])]);
        struct slice text = buf_view(&b), s;
        struct sentences all = sentences_of(text);
        size_t done = 0;
        while (sentences_next(&all, &s)) {
            size_t at = sentences_at(&all, s);
            assert_true(s.n > 0 && at >= done);
            assert_int_equal(slice_trim(slice_sub(text, done, at - done)).n, 0);
            done = at + s.n;
        }
        assert_int_equal(slice_trim(slice_from(text, done)).n, 0);
        buf_free(&b);
    }
}

static void long_texts_are_parted_in_bounded_time(void **state)
{
    (void)state;
    static const char *const units[] = {"\"", "“", "1", ".", "\"a ", ".\"", "\n"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct buf b;
        buf_init(&b, 4 << 20);
        while (b.n < (1 << 20))
            buf_str(&b, units[i]);
        struct sentences all = sentences_of(buf_view(&b));
        struct slice s;
        size_t bytes = 0;
        while (sentences_next(&all, &s))
            bytes += s.n;
        assert_true(bytes <= b.n);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_parted_into_sentences),
        cmocka_unit_test(quotations_are_found_in_all_their_marks),
        cmocka_unit_test(nothing_but_white_space_is_left_out),
        cmocka_unit_test(long_texts_are_parted_in_bounded_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
