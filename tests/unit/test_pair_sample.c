/* Samples of a store's pairs: who is in them, and that the limits hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coordinator/store/pair_sample.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

static struct ledger_fixture f;
static struct store *reader; /* beside the writer, as `report` is */

static void add(const char *source, const char *group, const char *prompt, const char *chosen)
{
    fixture_add_pair(&f, &(struct fixture_pair){.source = source,
                                                .group = group,
                                                .prompt = prompt,
                                                .chosen = chosen,
                                                .rejected = "no"});
}

static int open_store(void **state)
{
    struct err e;
    static int n;
    char name[32];
    (void)state;
    snprintf(name, sizeof name, "sample-%d.db", ++n);
    const char *path = scratch_path(name);
    fixture_open(&f, path, "rng_seed: 1\n");
    reader = store_open(path, STORE_READ, &e);
    fixture_must(reader != NULL, &e);
    fixture_must(store_begin(f.store, &e), &e);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    store_close(reader);
    fixture_close(&f);
    return 0;
}

static struct pair_sample *draw(void)
{
    struct err e;
    fixture_must(store_commit(f.store, &e), &e);
    struct pair_sample *p = pair_sample_draw(reader, &e);
    fixture_must(p != NULL, &e);
    return p;
}

struct seen {
    size_t n, most;
    uint64_t families[8];
    char texts[8][64];
    bool fails;
};

static enum pair_sample_go look(void *context, const struct pair_sample_pair *pair, struct err *e)
{
    struct seen *s = context;
    if (s->fails) {
        err_set(e, ERR_USAGE, "no more of this");
        return PAIR_SAMPLE_FAILED;
    }
    if (s->n < 8) {
        s->families[s->n] = pair->family;
        snprintf(s->texts[s->n], sizeof s->texts[0], SLICE_FMT "/" SLICE_FMT "/" SLICE_FMT,
                 SLICE_ARG(pair->prompt), SLICE_ARG(pair->chosen), SLICE_ARG(pair->rejected));
    }
    return ++s->n == s->most ? PAIR_SAMPLE_ENOUGH : PAIR_SAMPLE_ON;
}

static struct seen read_source(struct pair_sample *p, size_t source, size_t most)
{
    struct err e;
    struct seen s = {.most = most};
    fixture_must(pair_sample_read(p, source, look, &s, &e), &e);
    return s;
}

static void test_an_empty_store_has_no_sources(void **state)
{
    (void)state;
    size_t n;
    struct pair_sample *p = draw();
    pair_sample_sources(p, &n);
    assert_int_equal(n, 0);
    assert_int_equal(pair_sample_visited(p), 0);
    assert_true(pair_sample_whole(p));
    pair_sample_free(p);
}

static void test_sources_are_by_name_and_a_seed_without_one_counts_to_its_importer(void **state)
{
    (void)state;
    size_t n;
    add("zoo", NULL, "q1", "c1");
    add("alps", NULL, "q2", "c2");
    add("zoo", NULL, "q3", "c3");
    add(NULL, NULL, "q4", "c4");
    add("gavel", NULL, "q5", "c5"); /* a source that is named as the importer is */
    struct pair_sample *p = draw();
    const struct pair_sample_source *s = pair_sample_sources(p, &n);
    assert_int_equal(n, 4);
    assert_true(slice_is(s[0].name, "alps") && s[0].taken == 1 && !s[0].is_importer);
    assert_true(slice_is(s[1].name, "gavel") && s[1].taken == 1 && !s[1].is_importer);
    assert_true(slice_is(s[2].name, "gavel") && s[2].taken == 1 && s[2].is_importer);
    assert_true(slice_is(s[3].name, "zoo") && s[3].taken == 2 && s[3].met == 2);
    assert_string_equal(read_source(p, 0, 9).texts[0], "q2/c2/no");
    assert_string_equal(read_source(p, 1, 9).texts[0], "q5/c5/no");
    assert_string_equal(read_source(p, 2, 9).texts[0], "q4/c4/no");
    assert_int_equal(read_source(p, 3, 9).n, 2);
    assert_int_equal(read_source(p, 3, 1).n, 1);
    pair_sample_free(p);
}

static void test_the_same_prompt_or_group_is_one_family(void **state)
{
    (void)state;
    add("s", NULL, "same", "c1");
    add("s", "g", "same", "c2");
    add("s", "g", "other", "c3");
    add("s", NULL, "alone", "c4");
    struct pair_sample *p = draw();
    struct seen s = read_source(p, 0, 9);
    uint64_t joined = 0, alone = 0;
    assert_int_equal(s.n, 4);
    for (size_t i = 0; i < s.n; i++)
        *(strncmp(s.texts[i], "alone", 5) == 0 ? &alone : &joined) = s.families[i];
    assert_true(joined != alone);
    for (size_t i = 0; i < s.n; i++)
        assert_true(s.families[i] == (strncmp(s.texts[i], "alone", 5) == 0 ? alone : joined));
    pair_sample_free(p);
}

static void test_a_failure_of_the_caller_is_handed_on(void **state)
{
    (void)state;
    struct err e;
    struct seen s = {.fails = true};
    add("s", NULL, "q", "c");
    struct pair_sample *p = draw();
    assert_false(pair_sample_read(p, 0, look, &s, &e));
    assert_string_equal(e.text, "no more of this");
    pair_sample_free(p);
}

static void test_limits(void **state)
{
    (void)state;
    size_t n;
    char name[32], prompt[32];
    for (int i = 0; i < PAIR_SAMPLE_OF_SOURCE + 7; i++) {
        snprintf(prompt, sizeof prompt, "q%d", i);
        add("large", NULL, prompt, "c");
    }
    for (int i = 0; i < PAIR_SAMPLE_SOURCES + 7; i++) {
        snprintf(name, sizeof name, "s%d", i);
        snprintf(prompt, sizeof prompt, "p%d", i);
        add(name, NULL, prompt, "c");
    }
    struct pair_sample *p = draw();
    const struct pair_sample_source *s = pair_sample_sources(p, &n);
    assert_int_equal(n, PAIR_SAMPLE_SOURCES);
    assert_true(slice_is(s[0].name, "large"));
    assert_int_equal(s[0].taken, PAIR_SAMPLE_OF_SOURCE);
    assert_int_equal(s[0].met, PAIR_SAMPLE_OF_SOURCE + 7);
    assert_int_equal(pair_sample_visited(p), PAIR_SAMPLE_OF_SOURCE + PAIR_SAMPLE_SOURCES + 14);
    assert_int_equal(pair_sample_passed_over(p), 8);
    assert_int_equal(read_source(p, 0, SIZE_MAX).n, PAIR_SAMPLE_OF_SOURCE);
    pair_sample_free(p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_empty_store_has_no_sources),
        TEST(test_sources_are_by_name_and_a_seed_without_one_counts_to_its_importer),
        TEST(test_the_same_prompt_or_group_is_one_family),
        TEST(test_a_failure_of_the_caller_is_handed_on),
        TEST(test_limits),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
