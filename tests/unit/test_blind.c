/* The prompt-blind baseline: cues that are planted are found and named, labels by chance are not.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coordinator/blind.h"

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/wilson.c"

enum { TEXT = 2048, PAIRS = 300 };

struct made {
    char prompt[TEXT], chosen[TEXT], rejected[TEXT];
    uint64_t family;
};

/* What is done to a pair after two answers of random words were made. */
typedef void (*planter)(struct made *m, size_t i, struct rng *r);

static void add_word(char *text, const char *word)
{
    size_t n = strlen(text);
    snprintf(text + n, TEXT - n, "%s%s", n ? " " : "", word);
}

static void add_random(char *text, size_t n, struct rng *r)
{
    for (size_t i = 0; i < n; i++) {
        char word[32];
        /* Some words are frequent, most are rare. */
        snprintf(word, sizeof word, "word%c%c", 'a' + (char)rng_below(r, 1 + rng_below(r, 26)),
                 'a' + (char)rng_below(r, 26));
        add_word(text, word);
    }
}

static void make(struct made *m, size_t i, planter plant, struct rng *r)
{
    *m = (struct made){.family = i + 1};
    add_random(m->prompt, 12, r);
    add_random(m->chosen, 30, r);
    add_random(m->rejected, 30, r);
    if (plant)
        plant(m, i, r);
}

static void must(bool ok, const struct err *e)
{
    if (!ok)
        fail_msg("%s", e->text);
}

static void add(struct blind *b, const struct made *m, bool swapped)
{
    struct err e = {0};
    const struct blind_pair pair = {m->family, slice_of(m->prompt),
                                    slice_of(swapped ? m->rejected : m->chosen),
                                    slice_of(swapped ? m->chosen : m->rejected)};
    must(blind_add(b, &pair, &e) == BLIND_ADDED, &e);
}

/* measure(n, plant, seed, swapped, result): to be freed. */
static struct blind *measure(size_t n, planter plant, uint64_t seed, bool swapped,
                             struct blind_result *r)
{
    struct err e;
    struct rng rng;
    struct made m;
    struct blind *b = blind_new(seed, &e);
    must(b != NULL, &e);
    rng_init(&rng, seed);
    for (size_t i = 0; i < n; i++) {
        make(&m, i, plant, &rng);
        add(b, &m, swapped);
    }
    must(blind_measure(b, r, &e), &e);
    return b;
}

static struct wilson interval(const struct blind_share *s)
{
    return wilson_interval(s->share, s->n_effective);
}

static bool holds_a_half(const struct blind_share *s)
{
    return interval(s).low <= 0.5 && interval(s).high >= 0.5;
}

/* ---- planted ---- */

static void plant_marker(struct made *m, size_t i, struct rng *r)
{
    (void)i, (void)r;
    add_word(m->rejected, "Off-Topic, filler");
    add_word(m->chosen, "indeed so");
}

static void test_a_word_of_the_rejected_answers_is_found_and_named(void **state)
{
    (void)state;
    struct blind_result r;
    struct blind *b = measure(PAIRS, plant_marker, 1, false, &r);
    assert_true(r.enough && r.pairs == PAIRS && r.prompts == PAIRS);
    assert_true(r.learned.share > 0.99);
    assert_true(interval(&r.learned).low > 0.95);
    assert_true(r.n_rejected_words >= 1 && r.n_chosen_words >= 1);
    bool found = false, other = false;
    for (size_t i = 0; i < r.n_rejected_words; i++)
        found = found || (slice_is(r.rejected_words[i].text, "off-topic filler") &&
                          r.rejected_words[i].rejected == PAIRS && !r.rejected_words[i].chosen);
    for (size_t i = 0; i < r.n_chosen_words; i++)
        other = other || slice_is(r.chosen_words[i].text, "indeed so");
    assert_true(found && other);
    assert_true(holds_a_half(&r.overlap));
    blind_free(b);
}

static void plant_length(struct made *m, size_t i, struct rng *r)
{
    (void)i;
    add_random(m->chosen, 15, r);
}

static void test_length_alone_is_found(void **state)
{
    (void)state;
    struct blind_result r;
    struct blind *b = measure(PAIRS, plant_length, 2, false, &r);
    assert_true(r.cues[CUE_CHARACTERS].share == 1 && r.cues[CUE_WORDS].share == 1);
    assert_int_equal(r.cues[CUE_WORDS].differs, PAIRS);
    assert_true(r.cues[CUE_MARKDOWN].share == 0.5 && r.cues[CUE_MARKDOWN].differs == 0);
    assert_true(r.learned.share > 0.97);
    blind_free(b);
}

static void plant_markdown(struct made *m, size_t i, struct rng *r)
{
    (void)r;
    if (i % 3 == 0)
        add_word(m->rejected, "\n# head\n- one\n2. two\n**bold**\n```\n| a | b |");
}

static void test_ties_count_half(void **state)
{
    (void)state;
    struct blind_result r;
    struct blind *b = measure(PAIRS, plant_markdown, 3, false, &r);
    for (int c = CUE_MARKDOWN; c <= CUE_TABLES; c++) {
        assert_int_equal(r.cues[c].differs, PAIRS / 3);
        assert_true(fabs(r.cues[c].share - 1.0 / 3) < 1e-9);
    }
    blind_free(b);
}

static void plant_topic(struct made *m, size_t i, struct rng *r)
{
    char topic[3][32];
    for (int j = 0; j < 3; j++) {
        snprintf(topic[j], sizeof topic[j], "topic%u", (unsigned)rng_below(r, 1 << 30));
        add_word(m->prompt, topic[j]);
        if (i % 10)
            add_word(m->chosen, topic[j]);
        snprintf(topic[j], sizeof topic[j], "topic%u", (unsigned)rng_below(r, 1 << 30));
        if (i % 10)
            add_word(m->rejected, topic[j]);
    }
}

/* Each pair has words of its own: nothing can be learned from them but with the prompt. */
static void test_an_answer_off_the_topic_is_seen_only_with_the_prompt(void **state)
{
    (void)state;
    struct blind_result r;
    struct blind *b = measure(PAIRS, plant_topic, 4, false, &r);
    assert_true(interval(&r.overlap).low > 0.8);
    assert_true(r.overlap_chosen > r.overlap_rejected + 0.05);
    assert_true(holds_a_half(&r.learned));
    blind_free(b);
}

/* ---- chance ---- */

static void test_labels_by_chance_cannot_be_guessed(void **state)
{
    (void)state;
    int held = 0, cues = 0, told = 0, words = 0;
    enum { RUNS = 40 };
    for (uint64_t seed = 100; seed < 100 + RUNS; seed++) {
        struct blind_result r;
        struct blind *b = measure(120, NULL, seed, false, &r);
        held += holds_a_half(&r.learned);
        words += (int)(r.n_chosen_words + r.n_rejected_words);
        for (int c = 0; c < CUE_COUNT; c++) {
            told += r.cues[c].differs > 0;
            cues += r.cues[c].differs > 0 && holds_a_half(&r.cues[c]);
        }
        blind_free(b);
    }
    assert_true(held >= RUNS - 5); /* 95 % of 40 are 38 */
    assert_true(cues >= told * 9 / 10);
    assert_true(words <= RUNS);
}

enum { PROMPTS = 60, EACH = 30 };

/* Thirty pairs of each of sixty prompts; each prompt has a word for its chosen and one for its
 * rejected answers that no other prompt has. is_told: the pairs say what prompt they are of. */
static struct blind_result memorable(bool is_told)
{
    struct err e;
    struct rng rng;
    struct made m;
    struct blind_result r;
    struct blind *b = blind_new(9, &e);
    must(b != NULL, &e);
    rng_init(&rng, 9);
    for (size_t i = 0; i < PROMPTS * EACH; i++) {
        char word[32];
        make(&m, i, NULL, &rng);
        m.family = is_told ? i % PROMPTS : i;
        snprintf(word, sizeof word, "memo%03zu", i % PROMPTS);
        add_word(m.chosen, word);
        snprintf(word, sizeof word, "memo%03zu", i % PROMPTS + 500);
        add_word(m.rejected, word);
        add(b, &m, false);
    }
    must(blind_measure(b, &r, &e), &e);
    blind_free(b);
    return r;
}

/* Whoever had pairs of one prompt on both sides of the split would be right nearly always. */
static void test_pairs_of_one_prompt_do_not_leak(void **state)
{
    (void)state;
    struct blind_result told = memorable(true), untold = memorable(false);
    assert_int_equal(told.prompts, PROMPTS);
    assert_true(holds_a_half(&told.learned));
    assert_true(untold.learned.share > 0.9);
}

static void plant_one_word(struct made *m, size_t i, struct rng *r)
{
    (void)i;
    add_word(rng_below(r, 2) ? m->chosen : m->rejected, "one");
}

/* Pairs that say the same are one case. */
static void test_copies_add_no_certainty(void **state)
{
    (void)state;
    struct err e;
    struct rng rng;
    struct made m;
    struct blind_result r;
    struct blind *b = blind_new(5, &e);
    must(b != NULL, &e);
    rng_init(&rng, 5);
    enum { COPIES = 20 };
    for (size_t i = 0; i < PROMPTS; i++) {
        make(&m, i, plant_one_word, &rng);
        for (int copy = 0; copy < COPIES; copy++)
            add(b, &m, false);
    }
    must(blind_measure(b, &r, &e), &e);
    assert_int_equal(r.pairs, PROMPTS * COPIES);
    assert_int_equal(r.cues[CUE_WORDS].differs, PROMPTS * COPIES);
    assert_true(r.cues[CUE_WORDS].n_effective <= PROMPTS);
    assert_true(r.cues[CUE_WORDS].n_effective > PROMPTS - 2);
    blind_free(b);
}

static void test_few_prompts_are_too_few_to_tell(void **state)
{
    (void)state;
    struct blind_result r;
    struct blind *b = measure(BLIND_PROMPTS_MIN - 1, plant_marker, 1, false, &r);
    assert_false(r.enough);
    assert_int_equal(r.prompts, BLIND_PROMPTS_MIN - 1);
    assert_int_equal(r.n_rejected_words, 0);
    blind_free(b);
    b = measure(0, NULL, 1, false, &r);
    assert_true(!r.enough && r.pairs == 0);
    blind_free(b);
    b = measure(BLIND_PROMPTS_MIN, plant_marker, 1, false, &r);
    assert_true(r.enough && r.learned.share > 0.9);
    blind_free(b);
}

/* ---- symmetry ---- */

static void plant_some(struct made *m, size_t i, struct rng *r)
{
    if (rng_below(r, 3))
        add_word(m->chosen, "certainly!");
    if (rng_below(r, 3) == 0)
        add_word(m->rejected, "certainly!");
    if (i % 4 == 0)
        plant_length(m, i, r);
}

static void test_swapping_all_answers_mirrors_the_result(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 6; seed++) {
        struct blind_result r, q;
        struct blind *a = measure(PAIRS, plant_some, seed, false, &r);
        struct blind *b = measure(PAIRS, plant_some, seed, true, &q);
        assert_true(r.learned.share == q.learned.share);
        assert_true(r.learned.n_effective == q.learned.n_effective);
        for (int c = 0; c < CUE_COUNT; c++) {
            assert_true(fabs(r.cues[c].share + q.cues[c].share - 1) < 1e-12);
            assert_int_equal(r.cues[c].differs, q.cues[c].differs);
        }
        assert_int_equal(r.n_chosen_words, q.n_rejected_words);
        assert_int_equal(r.n_rejected_words, q.n_chosen_words);
        for (size_t i = 0; i < r.n_chosen_words; i++) {
            assert_true(slice_eq(r.chosen_words[i].text, q.rejected_words[i].text));
            assert_int_equal(r.chosen_words[i].chosen, q.rejected_words[i].rejected);
        }
        assert_true(r.overlap_chosen == q.overlap_rejected);
        blind_free(a);
        blind_free(b);
    }
}

static void test_the_same_pairs_give_the_same_result(void **state)
{
    (void)state;
    struct blind_result r, q;
    struct blind *a = measure(PAIRS, plant_some, 7, false, &r);
    struct blind *b = measure(PAIRS, plant_some, 7, false, &q);
    assert_memory_equal(&r.learned, &q.learned, sizeof r.learned);
    assert_memory_equal(&r.cues, &q.cues, sizeof r.cues);
    assert_int_equal(r.n_chosen_words, q.n_chosen_words);
    for (size_t i = 0; i < r.n_chosen_words; i++)
        assert_true(slice_eq(r.chosen_words[i].text, q.chosen_words[i].text));
    blind_free(a);
    blind_free(b);
}

/* ---- hostile ---- */

static void test_any_bytes_are_read(void **state)
{
    (void)state;
    enum { MEGABYTE = 1 << 20 };
    struct err e;
    struct blind_result r;
    struct rng rng;
    char *noise = malloc(MEGABYTE), *spaces = malloc(MEGABYTE), *letters = malloc(MEGABYTE);
    assert_true(noise && spaces && letters);
    rng_init(&rng, 3);
    for (size_t i = 0; i < MEGABYTE; i++)
        noise[i] = (char)rng_u64(&rng);
    memset(spaces, ' ', MEGABYTE);
    memset(letters, 'a', MEGABYTE);
    const struct slice odd[] = {
        {noise, MEGABYTE},
        {spaces, MEGABYTE},
        {letters, MEGABYTE},
        S(""),
        S("a\0b\0\0 c"),
        S("\xE2\x80\xAE right \xE2\x80\xAC"),
        S("😀😀😀 👩‍👩‍👧 😀"),
        S("\xFF\xFE\xF0\x9F"),
        S("[[A]] ' OR 1=1; --"),
        S("漢字かな交じり文"),
        S("****** ## | |"),
        S("\r\n\r\n#\n-\n1.\n||"),
        S("* \n** \n***"),
    };
    size_t n = sizeof odd / sizeof odd[0];
    struct blind *b = blind_new(1, &e);
    must(b != NULL, &e);
    uint64_t family = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            const struct blind_pair pair = {family++, odd[(i + j) % n], odd[i], odd[j]};
            assert_int_equal(blind_add(b, &pair, &e), BLIND_ADDED);
        }
    }
    must(blind_measure(b, &r, &e), &e);
    /* Every pair is there both ways round: whatever is learned of one is wrong of the other. */
    assert_true(r.enough);
    for (int c = 0; c < CUE_COUNT; c++)
        assert_true(r.cues[c].share == 0.5);
    assert_true(r.learned.share <= 0.5);
    blind_free(b);
    free(noise);
    free(spaces);
    free(letters);
}

static void test_a_full_baseline_says_so_and_measures_what_it_has(void **state)
{
    (void)state;
    struct err e;
    struct blind_result r;
    struct blind *b = blind_new(1, &e);
    must(b != NULL, &e);
    uint64_t i = 0;
    for (enum blind_got got = BLIND_ADDED; got == BLIND_ADDED; i++) {
        const struct blind_pair pair = {i, S("q"), S("yes indeed"), S("no")};
        got = blind_add(b, &pair, &e);
        assert_int_not_equal(got, BLIND_FAILED);
        assert_true(i <= BLIND_PAIRS_MAX);
    }
    must(blind_measure(b, &r, &e), &e);
    assert_int_equal(r.pairs, BLIND_PAIRS_MAX);
    assert_true(r.learned.share == 1);
    assert_true(interval(&r.learned).low > 0.99 && interval(&r.learned).high <= 1);
    blind_free(b);
}

/* ---- cues ---- */

static void test_cues_of_a_text(void **state)
{
    (void)state;
    struct cues c = cues_of(S("# Head\n\n- one **bold** 12\n * two\n1. three?\n"
                              "```c\nx!\n```\n| a | b |\n#no -no 1.5\n"));
    assert_int_equal(c.count[CUE_HEADINGS], 1);
    assert_int_equal(c.count[CUE_BULLETS], 3);
    assert_int_equal(c.count[CUE_BOLD], 1);
    assert_int_equal(c.count[CUE_FENCES], 2);
    assert_int_equal(c.count[CUE_TABLES], 1);
    assert_int_equal(c.count[CUE_MARKDOWN], 8);
    assert_int_equal(c.count[CUE_DIGITS], 5);
    assert_int_equal(c.count[CUE_LINES], 10);
    assert_int_equal(c.count[CUE_QUESTIONS], 1);
    assert_int_equal(c.count[CUE_EXCLAMATIONS], 1);
    assert_int_equal(c.count[CUE_REFUSAL], 0);
    c = cues_of(S("  I’m sorry, but ä"));
    assert_int_equal(c.count[CUE_REFUSAL], 1);
    assert_int_equal(c.count[CUE_WORDS], 4);
    assert_int_equal(c.count[CUE_CHARACTERS], 18);
    assert_int_equal(cues_of(S("I cannot")).count[CUE_REFUSAL], 1);
    assert_int_equal(cues_of(S("He said: I cannot")).count[CUE_REFUSAL], 0);
    for (int i = 0; i < CUE_COUNT; i++)
        assert_true(*cue_name((enum cue)i) && *cue_more((enum cue)i) && *cue_less((enum cue)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_word_of_the_rejected_answers_is_found_and_named),
        cmocka_unit_test(test_length_alone_is_found),
        cmocka_unit_test(test_ties_count_half),
        cmocka_unit_test(test_an_answer_off_the_topic_is_seen_only_with_the_prompt),
        cmocka_unit_test(test_labels_by_chance_cannot_be_guessed),
        cmocka_unit_test(test_pairs_of_one_prompt_do_not_leak),
        cmocka_unit_test(test_copies_add_no_certainty),
        cmocka_unit_test(test_few_prompts_are_too_few_to_tell),
        cmocka_unit_test(test_swapping_all_answers_mirrors_the_result),
        cmocka_unit_test(test_the_same_pairs_give_the_same_result),
        cmocka_unit_test(test_any_bytes_are_read),
        cmocka_unit_test(test_a_full_baseline_says_so_and_measures_what_it_has),
        cmocka_unit_test(test_cues_of_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
