/* Filters: their own cases, and the chain that the project file asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "filters/chain.h"

#define MAX_NAMED 40

/* What conf would have made of `filters:`: names and "key=value key=value". */
struct asked {
    struct conf_named named[MAX_NAMED];
    struct conf_option options[MAX_NAMED][FILTER_MAX_OPTIONS + 1];
    char text[MAX_NAMED][256];
    struct conf_list list;
};

static void ask(struct asked *a, const char *name, const char *options)
{
    size_t i = a->list.n;
    assert_true(i < MAX_NAMED);
    a->list.items = a->named;
    snprintf(a->text[i], sizeof a->text[i], "%s", options);
    size_t n = 0;
    char *rest = a->text[i];
    while (*rest) {
        char *value = strchr(rest, '=');
        assert_non_null(value);
        *value++ = '\0';
        a->options[i][n++] = (struct conf_option){rest, value};
        rest = value + strcspn(value, " ");
        if (*rest)
            *rest++ = '\0';
    }
    a->named[i] = (struct conf_named){.name = name, .options = a->options[i], .n_options = n};
    a->list.n++;
}

static struct chain chain_of(const char *name, const char *options)
{
    struct asked a = {0};
    struct chain c;
    struct err e;
    ask(&a, name, options);
    if (!chain_build(&c, &a.list, &e))
        fail_msg("%s %s: %s", name, options, e.text);
    return c;
}

static struct trace trace_of(const char *thought, const char *answer)
{
    return (struct trace){.thought = slice_of(thought), .answer = slice_of(answer)};
}

static void check_rollout_cases(const struct filter *f)
{
    for (size_t i = 0; i < f->n_cases; i++) {
        const struct filter_case *c = &f->cases[i];
        struct chain chain = chain_of(f->name, c->options);
        struct trace trace = trace_of(c->thought, c->answer);
        const char *by = chain_reject(&chain, &trace);
        if ((by == NULL) != c->keep)
            fail_msg("%s, %s: %s", f->name, c->why, by ? "rejected" : "kept");
        if (by)
            assert_string_equal(by, f->name);
    }
}

/* The cases of a corpus filter are one pass, in their order, each a pair of its own. */
static void check_corpus_cases(const struct filter *f)
{
    struct chain chain = chain_of(f->name, "");
    void *state = f->open(chain.links[0].settings);
    for (size_t i = 0; i < f->n_cases; i++) {
        struct filter_item item = {.thought = slice_of(f->cases[i].thought),
                                   .answer = slice_of(f->cases[i].answer)};
        item.pair.b[0] = (uint8_t)(i + 1);
        if (f->admit(state, &item) != f->cases[i].keep)
            fail_msg("%s, %s", f->name, f->cases[i].why);
    }
    f->close(state);
}

static void every_case_of_every_filter_holds(void **unused)
{
    (void)unused;
    size_t n = 0;
    for (size_t i = 0; filter_table[i]; i++) {
        const struct filter *f = filter_table[i];
        assert_true(f->n_cases > 0);
        n += f->n_cases;
        if (f->scope == FILTER_ROLLOUT)
            check_rollout_cases(f);
        else
            check_corpus_cases(f);
    }
    printf("%zu cases\n", n);
}

static void every_filter_is_found_and_its_fallbacks_are_within_bounds(void **unused)
{
    (void)unused;
    for (size_t i = 0; filter_table[i]; i++) {
        const struct filter *f = filter_table[i];
        assert_ptr_equal(filter_find(f->name), f);
        for (size_t k = 0; f->options[k].name; k++) {
            assert_true(k < FILTER_MAX_OPTIONS);
            assert_true(f->options[k].fallback >= f->options[k].min);
            assert_true(f->options[k].fallback <= f->options[k].max);
        }
    }
    assert_null(filter_find("nothing"));
}

static void a_wrong_wish_is_refused_with_a_reason(void **unused)
{
    (void)unused;
    static const struct {
        const char *name, *options, *error;
    } rows[] = {
        {"lenght",     "",
         "unknown filter 'lenght' (did you mean 'length'?); there are duplicate, length"},
        {"zzzzzzzz",   "",                 "unknown filter 'zzzzzzzz'; there are"       },
        {"length",     "max_thougth=3",
         "length has no option 'max_thougth' (did you mean 'max_thought'?)"             },
        {"duplicate",  "max=3",            "duplicate has no option 'max'; it has none" },
        {"length",     "max_thought=many", "max_thought must be a number, not 'many'"   },
        {"length",     "max_thought=nan",  "must be a number"                           },
        {"length",     "max_thought=",     "must be a number"                           },
        {"length",     "min_answer=-1",    "min_answer must be from 0 to 1e+09, not -1" },
        {"repetition", "max=1.01",         "max must be from 0 to 1, not 1.01"          },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct asked a = {0};
        struct chain c;
        struct err e;
        ask(&a, rows[i].name, rows[i].options);
        assert_false(chain_build(&c, &a.list, &e));
        assert_int_equal(e.code, ERR_USAGE);
        if (!strstr(e.text, rows[i].error))
            fail_msg("%s", e.text);
    }
}

static void a_filter_named_twice_is_refused(void **unused)
{
    (void)unused;
    struct asked a = {0};
    struct chain c;
    struct err e;
    ask(&a, "length", "");
    ask(&a, "length", "max_answer=1");
    assert_false(chain_build(&c, &a.list, &e));
    assert_non_null(strstr(e.text, "'length' is there twice"));
}

static void the_first_filter_that_rejects_is_named(void **unused)
{
    (void)unused;
    struct asked a = {0};
    struct chain c;
    struct err e;
    ask(&a, "repetition", "min_words=0 max=0");
    ask(&a, "duplicate", "");
    ask(&a, "length", "max_thought=10");
    assert_true(chain_build(&c, &a.list, &e));
    assert_true(chain_has_corpus(&c));
    struct trace loop = trace_of("a a a a a a a a", ""), plain = trace_of("a b c d e f g h", ""),
                 brief = trace_of("a b", "");
    assert_string_equal(chain_reject(&c, &loop), "repetition");
    assert_string_equal(chain_reject(&c, &plain), "length");
    assert_null(chain_reject(&c, &brief));
}

static void no_filters_keep_everything(void **unused)
{
    (void)unused;
    struct conf_list none = {0};
    struct chain c;
    struct err e;
    assert_true(chain_build(&c, &none, &e));
    struct trace empty = trace_of("", "");
    assert_null(chain_reject(&c, &empty));
    assert_false(chain_has_corpus(&c));
}

/* words(b, rng, n): n words of a vocabulary of 2000. */
static void add_words(struct buf *b, struct rng *rng, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(b, "w%u ", (unsigned)rng_below(rng, 2000));
}

static void a_loop_is_seen_in_long_texts_too(void **unused)
{
    (void)unused;
    struct chain c = chain_of("repetition", "");
    struct rng rng;
    struct buf b;
    rng_init(&rng, 7);
    buf_init(&b, 1 << 24);
    add_words(&b, &rng, 200000); /* far more 6-grams than the set has room for */
    struct trace t = {.thought = buf_view(&b)};
    assert_null(chain_reject(&c, &t));
    for (size_t i = 0; i < 150000; i++)
        buf_str(&b, "and so on, and so forth, ");
    t.thought = buf_view(&b);
    assert_string_equal(chain_reject(&c, &t), "repetition");
    buf_free(&b);
}

static void both_traces_of_a_pair_may_think_the_same(void **unused)
{
    (void)unused;
    const struct filter *f = filter_find("duplicate");
    void *state = f->open(NULL);
    struct filter_item a = {.pair = {{1}}, .thought = S("the same")};
    struct filter_item b = {.pair = {{2}}, .thought = S("The same")};
    assert_true(f->admit(state, &a));
    assert_true(f->admit(state, &a));
    assert_false(f->admit(state, &b));
    assert_false(f->admit(state, &b));
    f->close(state);
}

static void many_thoughts_are_told_apart(void **unused)
{
    (void)unused;
    const struct filter *f = filter_find("duplicate");
    void *state = f->open(NULL);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 50000; i++) {
            char text[64];
            snprintf(text, sizeof text, "thought number %u of many", (unsigned)i);
            struct filter_item item = {.thought = slice_of(text)};
            item.pair.b[0] = (uint8_t)(round + 1);
            memcpy(&item.pair.b[1], &i, sizeof i);
            assert_int_equal(f->admit(state, &item), round == 0);
        }
    }
    f->close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_every_filter_holds),
        cmocka_unit_test(every_filter_is_found_and_its_fallbacks_are_within_bounds),
        cmocka_unit_test(a_wrong_wish_is_refused_with_a_reason),
        cmocka_unit_test(a_filter_named_twice_is_refused),
        cmocka_unit_test(the_first_filter_that_rejects_is_named),
        cmocka_unit_test(no_filters_keep_everything),
        cmocka_unit_test(a_loop_is_seen_in_long_texts_too),
        cmocka_unit_test(both_traces_of_a_pair_may_think_the_same),
        cmocka_unit_test(many_thoughts_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
