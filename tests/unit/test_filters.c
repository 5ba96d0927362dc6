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

static struct project project_of(const struct asked *a)
{
    return (struct project){.filters = a->list, .reflection = {.mode = REFLECT_NONE}};
}

static struct chain chain_of(const char *name, const char *options)
{
    struct asked a = {0};
    struct chain c;
    struct err e;
    ask(&a, name, options);
    struct project p = project_of(&a);
    if (!chain_build(&c, &p, &e))
        fail_msg("%s %s: %s", name, options, e.text);
    return c;
}

static struct trace trace_of(const char *thought, const char *answer)
{
    return (struct trace){.thought = slice_of(thought), .answer = slice_of(answer)};
}

static struct chat one(struct message *m, const char *role, const char *text)
{
    *m = (struct message){slice_of(role), slice_of(text)};
    return (struct chat){m, text && *text ? 1 : 0};
}

/* Without anything to judge. */
static const char *rejects(const struct chain *c, const struct trace *trace)
{
    static const struct judge_task nothing;
    const struct filter_view view = {.trace = trace, .task = &nothing, .verdict = VERDICT_A};
    return chain_reject(c, &view);
}

static void check_rollout_cases(const struct filter *f)
{
    for (size_t i = 0; i < f->n_cases; i++) {
        const struct filter_case *c = &f->cases[i];
        struct chain chain = chain_of(f->name, c->options);
        struct trace trace = trace_of(c->thought, c->answer);
        struct message m[3];
        const struct judge_task task = {.prompt = one(&m[0], "user", "How many are left?"),
                                        .answer_a = one(&m[1], "assistant", c->answer_a),
                                        .answer_b = one(&m[2], "assistant", c->answer_b)};
        const struct filter_view view = {
            .trace = &trace, .task = &task, .verdict = c->verdict == 'B' ? VERDICT_B : VERDICT_A};
        const char *by = chain_reject(&chain, &view);
        if ((by == NULL) != c->keep)
            fail_msg("%s, %s: %s", f->name, c->why, by ? "rejected" : "kept");
        if (by)
            assert_string_equal(by, f->name);
    }
}

static struct slice chat_text(struct buf *b, const char *role, const char *text)
{
    struct message m;
    struct chat chat = one(&m, role, text);
    struct jsonw w = jsonw_to(b);
    buf_init(b, 1 << 16);
    chat_write(&w, &chat);
    return buf_view(b);
}

static bool admit_case(const struct filter *f, void *state, size_t i)
{
    const struct filter_case *c = &f->cases[i];
    struct buf chosen, rejected;
    struct filter_item item = {
        .sides = {{slice_of(c->thought), slice_of(c->answer)}, {slice_of(c->other_thought), S("")}},
        .evidence = slice_of(c->evidence),
        .chosen = chat_text(&chosen, "assistant", c->answer_a),
        .rejected = chat_text(&rejected, "assistant", c->answer_b)};
    item.pair.b[0] = (uint8_t)(i + 1);
    bool keep = f->admit(state, &item);
    buf_free(&chosen);
    buf_free(&rejected);
    return keep;
}

/* The cases of a corpus filter are pairs of a pass, in their order; other options, another pass. */
static void check_corpus_cases(const struct filter *f)
{
    void *state = NULL;
    for (size_t i = 0; i < f->n_cases; i++) {
        const struct filter_case *c = &f->cases[i];
        if (i == 0 || strcmp(c->options, f->cases[i - 1].options) != 0) {
            struct chain chain = chain_of(f->name, c->options);
            f->close(state);
            state = f->open(chain.links[0].settings);
        }
        if (admit_case(f, state, i) != c->keep)
            fail_msg("%s, %s", f->name, c->why);
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
        {"lenght", "",
         "unknown filter 'lenght' (did you mean 'length'?); there are defect, duplicate, hint, "
         "length"},
        {"zzzzzzzz", "", "unknown filter 'zzzzzzzz'; there are"},
        {"length", "max_thougth=3",
         "length has no option 'max_thougth' (did you mean 'max_thought'?)"},
        {"duplicate", "max=3", "duplicate has no option 'max'; it has none"},
        {"length", "max_thought=many", "max_thought must be a number, not 'many'"},
        {"length", "max_thought=nan", "must be a number"},
        {"length", "max_thought=", "must be a number"},
        {"length", "min_answer=-1", "min_answer must be from 0 to 1e+09, not -1"},
        {"repetition", "max=1.01", "max must be from 0 to 1, not 1.01"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct asked a = {0};
        struct chain c;
        struct err e;
        ask(&a, rows[i].name, rows[i].options);
        struct project p = project_of(&a);
        assert_false(chain_build(&c, &p, &e));
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
    struct project p = project_of(&a);
    assert_false(chain_build(&c, &p, &e));
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
    struct project p = project_of(&a);
    assert_true(chain_build(&c, &p, &e));
    assert_true(chain_has_corpus(&c));
    struct trace loop = trace_of("a a a a a a a a", ""), plain = trace_of("a b c d e f g h", ""),
                 brief = trace_of("a b", "");
    assert_string_equal(rejects(&c, &loop), "repetition");
    assert_string_equal(rejects(&c, &plain), "length");
    assert_null(rejects(&c, &brief));
}

static void no_filters_keep_everything(void **unused)
{
    (void)unused;
    const struct project none = {.reflection = {.mode = REFLECT_NONE}};
    struct chain c;
    struct err e;
    assert_true(chain_build(&c, &none, &e));
    struct trace empty = trace_of("", "");
    assert_null(rejects(&c, &empty));
    assert_false(chain_has_corpus(&c));
}

static void what_a_project_wants_of_reflection_and_hints_brings_its_filters(void **unused)
{
    (void)unused;
    static const struct {
        int mode;
        double hint;
        const char *asked, *names[3];
        double require;
    } rows[] = {
        {REFLECT_NONE, 0, NULL, {NULL}, 0},
        {REFLECT_MIXED, 0, NULL, {"reflection"}, 0},
        {REFLECT_WAIT, 0, NULL, {"reflection"}, 0},
        {REFLECT_NATURAL, 0, NULL, {"reflection"}, 1},
        {REFLECT_NATURAL, 0, "reflection", {"reflection"}, 0}, /* as the project says */
        {REFLECT_MIXED, 0.1, "length", {"length", "reflection", "hint"}, 0},
        {REFLECT_NONE, 0.1, "hint", {"hint"}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct asked a = {0};
        struct chain c;
        struct err e;
        if (rows[i].asked)
            ask(&a, rows[i].asked, "");
        struct project p = project_of(&a);
        p.reflection.mode = rows[i].mode;
        p.hint.share = rows[i].hint;
        assert_true(chain_build(&c, &p, &e));
        for (size_t k = 0; k < 3; k++) {
            if (rows[i].names[k])
                assert_string_equal(c.links[k].filter->name, rows[i].names[k]);
            assert_int_equal(k < c.n, rows[i].names[k] != NULL);
        }
        if (c.n == 1 && strcmp(c.links[0].filter->name, "reflection") == 0)
            assert_true(c.links[0].settings[0] == rows[i].require);
    }
}

/* Every cue must be followed by something new, not only the first. */
static void each_cue_must_bring_something(void **unused)
{
    (void)unused;
    static const struct {
        const char *parts[5]; /* teacher, cue, teacher, cue, teacher */
        bool keep;
    } rows[] = {
        {{"A says 12.", "\n\nWait,", " 5 + 8 is 13.", "\n\nWait,", " A writes \"twelve apples\"."},
         true},
        {{"A says 12.", "\n\nWait,", " 5 + 8 is 13.", "\n\nWait,", " 5 + 8 is 13."}, false},
        {{"A says 12.", "\n\nWait,", " yes.", "\n\nWait,", " 5 + 8 is 13."}, false},
        {{"A says 12.", "\n\nWait,", " 5 + 8 is 13.", "\n\nWait,", ""}, false},
        {{"A says 12.", "\n\nWait,", "", "", ""}, false},
    };
    struct chain c = chain_of("reflection", "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct segment segments[5];
        struct buf b;
        buf_init(&b, 4096);
        for (size_t k = 0; k < 5; k++) {
            size_t n = strlen(rows[i].parts[k]);
            segments[k] = (struct segment){.origin = k % 2 && n ? ORIGIN_CUE : ORIGIN_TEACHER,
                                           .bytes = (uint32_t)n};
            buf_str(&b, rows[i].parts[k]);
        }
        struct trace t = {.thought = buf_view(&b)};
        static const struct judge_task nothing;
        const struct filter_view view = {
            .trace = &t, .task = &nothing, .segments = segments, .n_segments = 5};
        if ((chain_reject(&c, &view) == NULL) != rows[i].keep)
            fail_msg("row %zu", i);
        buf_free(&b);
    }
}

static void a_hint_is_looked_for_where_one_was_given(void **unused)
{
    (void)unused;
    struct chain c = chain_of("hint", "always=0");
    struct trace t = trace_of("The given winner is A.", "");
    const struct judge_task plain = {.hint = 0}, hinted = {.hint = 'A'};
    struct filter_view view = {.trace = &t, .task = &plain, .verdict = VERDICT_A};
    assert_null(chain_reject(&c, &view));
    view.task = &hinted;
    assert_string_equal(chain_reject(&c, &view), "hint");
}

/* Megabytes of what a filter looks for do not keep it from ending. */
static void filters_take_bounded_time(void **unused)
{
    (void)unused;
    static const char *const units[] = {"A says \"seven apples\" ",
                                        "\"",
                                        "the hint ",
                                        "A is better. ",
                                        "Wait, ",
                                        "7 7,7 ",
                                        "\xE2\x80\x9C"};
    static const char *const names[] = {"quotes", "sides", "hint", "reflection", "repetition"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct buf b;
        buf_init(&b, 1 << 20);
        while (b.n < 300000)
            buf_str(&b, units[i]);
        struct trace t = {.thought = buf_view(&b)};
        struct message m = {S("assistant"), buf_view(&b)};
        const struct judge_task task = {.answer_a = {&m, 1}, .answer_b = {&m, 1}};
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
            struct chain c = chain_of(names[k], "");
            const struct filter_view view = {.trace = &t, .task = &task, .verdict = VERDICT_A};
            const char *by = chain_reject(&c, &view);
            assert_true(by == NULL || strcmp(by, names[k]) == 0);
        }
        buf_free(&b);
    }
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
    assert_null(rejects(&c, &t));
    for (size_t i = 0; i < 150000; i++)
        buf_str(&b, "and so on, and so forth, ");
    t.thought = buf_view(&b);
    assert_string_equal(rejects(&c, &t), "repetition");
    buf_free(&b);
}

static void both_traces_of_a_pair_may_think_the_same(void **unused)
{
    (void)unused;
    const struct filter *f = filter_find("duplicate");
    void *state = f->open(NULL);
    struct filter_item a = {.pair = {{1}}, .sides = {{S("the same"), S("")}}};
    struct filter_item b = {.pair = {{2}}, .sides = {{S("The same"), S("")}}};
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
            struct filter_item item = {.sides = {{slice_of(text), S("")}}};
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
        cmocka_unit_test(what_a_project_wants_of_reflection_and_hints_brings_its_filters),
        cmocka_unit_test(each_cue_must_bring_something),
        cmocka_unit_test(a_hint_is_looked_for_where_one_was_given),
        cmocka_unit_test(filters_take_bounded_time),
        cmocka_unit_test(a_loop_is_seen_in_long_texts_too),
        cmocka_unit_test(both_traces_of_a_pair_may_think_the_same),
        cmocka_unit_test(many_thoughts_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
