/* Stances: which answer a sentence of a judge's thought speaks for, and whether it concludes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "judges/stance.h"

struct row {
    const char *sentence;
    char side; /* 'A', 'B', 'T' tie, '-' none */
    bool concludes, firm;
    const char *why;
};

static const struct row rows[] = {
    /* plain statements */
    {"So B is better.", 'B', true, true, "plain"},
    {"Therefore, Assistant A's answer is better.", 'A', true, true, "a named answer"},
    {"Answer A wins.", 'A', true, true, "a verb that says it alone"},
    {"A is better.", 'A', true, true, "the letter before a verb"},
    {"Overall, the second response is superior.", 'B', true, true, "an ordinal"},
    {"The better answer is B.", 'B', true, true, "the side after the word"},
    {"The winner is assistant A.", 'A', true, true, "likewise"},
    {"I prefer B over A.", 'B', true, true, "what it is compared with is not meant"},
    {"I would choose A.", 'A', true, true, "a choice"},
    {"My verdict is B.", 'B', true, true, "a verdict"},
    {"Final verdict: [[A]]", 'A', true, true, "brackets"},
    {"<answer>[[B]]</answer>", 'B', true, true, "tags"},
    {"B is better than A.", 'B', true, true, "than"},
    {"A is worse than B.", 'B', true, true, "worse"},
    {"A is not better than B.", 'B', true, true, "negated"},
    {"Because A made an error, B is better.", 'B', true, true, "the later subject counts"},
    {"Response A is not as good as response B.", 'B', true, true, "not as good as"},
    {"A is better at style, but B is better overall.", 'B', true, true, "the whole before a part"},
    {"B outperforms A.", 'B', true, true, "outperforms"},
    {"Both answers are equally good, a tie.", 'T', true, true, "a tie"},
    {"Therefore B is the better answer.", 'B', true, true, "better with a noun"},
    {"Unlike A, B is better.", 'B', true, true, "what it is set apart from is not meant"},
    {"Therefore, Assistant B's answer is more accurate and helpful.", 'B', true, true,
     "a conclusion may name one aspect"},
    {"Thus A is correct and B is incorrect.", 'A', true, true, "right and wrong"},
    {"Answer A is wrong while answer B is right.", 'B', true, true, "wrong and right"},
    {"Answer A is not right, answer B is right.", 'B', true, true, "not right and right"},
    {"I'll go with B.", 'B', true, true, "go with"},
    {"Final answer: B", 'B', true, true, "the side alone"},
    {"So, A.", 'A', true, true, "the side alone"},
    {"All in all answer B is the better one.", 'B', true, true, "better one"},
    {"So my decision falls on answer A.", 'A', true, true, "decision"},
    {"That is enough for me to prefer answer A to answer B.", 'A', true, true, "prefer to"},
    {"For these reasons I hold answer B to be better than answer A.", 'B', true, true, "hold"},
    {"Since being right weighs most, answer A wins over answer B.", 'A', true, true, "wins over"},
    /* scores */
    {"I give A 8 and B 5.", 'A', true, true, "scores of both"},
    {"Scores: A 4/10, B 7/10.", 'B', true, true, "the scale is no score"},
    {"Score A: 6, score B: 6.", 'T', true, true, "equal scores"},
    {"<score_A> 3 </score_A> <score_B> 9 </score_B>", '-', true, false, "tags are the parser's"},
    {"I would rate it 7 out of 10.", '-', true, false, "one score"},
    {"I need to decide between A and B.", '-', false, false, "a choice to come"},
    {"I have to pick A or B.", '-', false, false, "likewise"},
    {"Which answer is better, A or B?", '-', false, false, "the question"},
    {"It says \"A is better\" in the question.", '-', false, false, "a quotation"},
    {"B, which is correct, is better.", 'B', true, true, "a clause about an answer"},
    {"Length is no argument here: the two are about equally long.", '-', false, false,
     "equal in one respect"},
    {"To be fair to answer A, most of it is sound; it is one step that settles the matter.", '-',
     false, false, "fair to one"},
    {"So A needs more work.", '-', false, false, "more of something"},
    {"I went through A once more.", '-', false, false, "once more"},
    {"Both are polite and clear, so style gives no reason to prefer either.", '-', false, false,
     "no preference"},
    {"A is correct and B is correct, too.", '-', false, false, "both right"},
    /* not firm */
    {"Is B better?", '-', false, false, "a question"},
    {"If step 2 holds, A is better.", 'A', false, false, "a condition"},
    {"B seems better.", 'B', true, false, "a guess still concludes"},
    {"A has better formatting.", 'A', false, false, "a part of the answer"},
    {"A is better written.", 'A', false, false, "an aspect"},
    {"B gives a better explanation.", 'B', false, false, "a part"},
    {"So B is correct.", '-', true, false, "correct alone is no preference"},
    /* nothing */
    {"A better answer would show its steps.", '-', false, false, "the article"},
    {"Answer B computes 3 + 4 = 7.", '-', false, false, "a fact"},
    {"A good answer must name the unit.", '-', false, false, "the article before an adjective"},
    {"The first step is right.", '-', false, false, "an ordinal of something else"},
    {"Wait, let me check the second sum.", '-', false, false, "a cue"},
    {"", '-', false, false, "nothing"},
    /* Chinese */
    {"因此"
     "B更好。",
     'B', true, true, "so B is better"},
    {"回答"
     "A不如"
     "B。",
     'B', true, true, "A falls short of B"},
    {"B比"
     "A更好。",
     'B', true, true, "B than A is better"},
    {"我选择"
     "A。",
     'A', true, true, "I choose A"},
    {"A优于"
     "B。",
     'A', true, true, "A is superior to B"},
    {"A更好吗？", '-', false, false, "is A better?"},
    {"第二个回答更好。", 'B', true, true, "the second answer is better"},
};

static char letter(enum verdict v)
{
    return v == VERDICT_A ? 'A' : v == VERDICT_B ? 'B' : v == VERDICT_TIE ? 'T' : '-';
}

static void sentences_are_read_as_people_mean_them(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct stance s = stance_of(slice_of(r->sentence));
        if (letter(s.side) != r->side || s.concludes != r->concludes || s.firm != r->firm) {
            print_error("%s: '%s': side %c concludes %d firm %d\n", r->why, r->sentence,
                        letter(s.side), s.concludes, s.firm);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static char *swapped(const char *text)
{
    char *s = strdup(text);
    assert_non_null(s);
    for (char *p = s; *p; p++)
        if (p == s || !((p[-1] >= 'a' && p[-1] <= 'z') || (p[-1] >= 'A' && p[-1] <= 'Z')))
            *p = *p == 'A' ? 'B' : *p == 'B' ? 'A' : *p;
    return s;
}

/* Letters that stand alone change their place; the article cannot be told from B, so rows that
 * begin with "A" and an adjective are left out. */
static void swapping_the_letters_swaps_the_stance(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        if (strncmp(r->why, "the article", 11) == 0 || strstr(r->sentence, "second") ||
            strstr(r->sentence, "first") || strstr(r->sentence, "第") ||
            strstr(r->sentence, "Answer ") || strstr(r->sentence, "Assistant"))
            continue;
        char *other = swapped(r->sentence);
        struct stance a = stance_of(slice_of(r->sentence)), b = stance_of(slice_of(other));
        enum verdict expect = a.side == VERDICT_A   ? VERDICT_B
                              : a.side == VERDICT_B ? VERDICT_A
                                                    : a.side;
        if (b.side != expect || b.concludes != a.concludes)
            fail_msg("%s / %s", r->sentence, other);
        free(other);
    }
}

static void a_side_is_the_first_answer_that_is_named(void **state)
{
    (void)state;
    assert_int_equal(stance_side(S("As for B, it is longer than A.")), VERDICT_B);
    assert_int_equal(stance_side(S("A sum of three.")), VERDICT_NONE);
    assert_int_equal(stance_side(S("in the first answer")), VERDICT_A);
    assert_int_equal(stance_side(S("")), VERDICT_NONE);
}

/* 4 MB of the worst words within what a test may take: linear, or this would not end. */
static void long_sentences_are_read_in_bounded_time(void **state)
{
    (void)state;
    static const char *const units[] = {"[[A]]", "A is better than B ", "更", "AAAA", "1.1.", "'s"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct buf b;
        buf_init(&b, 8 << 20);
        while (b.n < (1 << 20))
            buf_str(&b, units[i]);
        struct stance s = stance_of(buf_view(&b));
        assert_true(s.side < VERDICT_COUNT);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_read_as_people_mean_them),
        cmocka_unit_test(swapping_the_letters_swaps_the_stance),
        cmocka_unit_test(a_side_is_the_first_answer_that_is_named),
        cmocka_unit_test(long_sentences_are_read_in_bounded_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
