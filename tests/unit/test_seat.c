/* Seats: who judges in a run, from the project's endpoints, and what their recipes depend on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "judges/check.h"
#include "judges/seat.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 16 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

#define END(role, model) "  - {role: " role ", url: \"http://h/v1\", model: " model "}\n"

static struct project *load(const char *endpoints, const char *more)
{
    char text[8192];
    struct err e;
    struct project *p = arena_alloc(&arena, sizeof *p);
    snprintf(text, sizeof text, "endpoints:\n%s%s", endpoints, more);
    if (!project_from_text(p, &arena, "p.yaml", slice_of(text), &e))
        fail_msg("%s", e.text);
    return p;
}

static struct seats build(const struct project *p)
{
    struct seats seats;
    struct err e;
    if (!seats_build(&seats, p, &e))
        fail_msg("%s", e.text);
    return seats;
}

static void expect(const struct seats *s, size_t i, enum seat_kind kind, const char *model,
                   uint64_t endpoints, int n)
{
    assert_true(i < s->n);
    assert_int_equal(s->all[i].kind, kind);
    assert_string_equal(s->all[i].model, model);
    assert_int_equal(s->all[i].endpoints, endpoints);
    assert_int_equal(s->all[i].n, n);
}

static const char everybody[] = END("student", "small") END("teacher", "big")
    END("teacher", "other") END("checker", "careful") END("teacher", "big") END("student", "small")
        END("student", "tiny") END("teacher", "other") END("checker", "careful");

static void endpoints_with_the_same_role_and_model_share_a_seat(void **state)
{
    (void)state;
    struct seats s = build(load(everybody, "hint: {share: 0.1, n: 3}\nstudent: {n: 5}\n"));
    assert_int_equal(s.n, 7);
    expect(&s, 0, SEAT_TEACHER, "big", 0x12, 0);
    expect(&s, 1, SEAT_SECOND, "other", 0x84, 0);
    expect(&s, 2, SEAT_HINTED, "big", 0x12, 3);
    expect(&s, 3, SEAT_CHECKER, "careful", 0x108, 0);
    expect(&s, 4, SEAT_STUDENT, "small", 0x21, 5);
    expect(&s, 5, SEAT_STUDENT, "tiny", 0x40, 5);
    expect(&s, 6, SEAT_GENERATOR, "big", 0x12, 0);
    assert_int_equal(seats_generator(&s), 6);
}

static void a_lone_teacher_writes_the_answers_too(void **state)
{
    (void)state;
    struct seats s = build(load(END("teacher", "big") END("teacher", "big"), ""));
    assert_int_equal(s.n, 2);
    expect(&s, 0, SEAT_TEACHER, "big", 3, 0);
    expect(&s, 1, SEAT_GENERATOR, "big", 3, 0);
    s = build(load(END("teacher", "big"), "build: {verifiable: false, open: false}\n"));
    assert_int_equal(s.n, 1);
    assert_int_equal(seats_generator(&s), -1);
}

static void a_generator_of_its_own_writes_alone(void **state)
{
    (void)state;
    struct seats s = build(
        load(END("teacher", "big") END("generator", "w") END("generator", "w"), ""));
    assert_int_equal(s.n, 2);
    expect(&s, 1, SEAT_GENERATOR, "w", 6, 0);
    struct seats both;
    struct err e;
    struct project *p = load(END("teacher", "big") END("generator", "w") END("generator", "x"), "");
    assert_false(seats_build(&both, p, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.text, "generators"));
}

static void measuring_needs_neither_hints_nor_a_checker(void **state)
{
    (void)state;
    struct seats s = build(load(everybody, "purpose: evaluate\nhint: {share: 0.1}\n"));
    assert_int_equal(s.n, 4);
    expect(&s, 0, SEAT_TEACHER, "big", 0x12, 0);
    expect(&s, 1, SEAT_SECOND, "other", 0x84, 0);
    expect(&s, 2, SEAT_STUDENT, "small", 0x21, 4);
}

static void a_model_may_sit_in_several_seats(void **state)
{
    (void)state;
    struct seats s = build(load(END("teacher", "m") END("checker", "m") END("student", "m"), ""));
    assert_int_equal(s.n, 4);
    for (size_t i = 0; i < s.n; i++)
        for (size_t j = 0; j < i; j++)
            assert_false(id_eq(&s.all[i].recipe, &s.all[j].recipe));
}

static void too_many_models_are_refused(void **state)
{
    (void)state;
    char text[4096];
    size_t n = 0;
    for (int i = 0; i <= CALL_MAX_SEAT; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, END("teacher", "m%d"), i);
    struct project *p = load(text, "");
    struct seats seats;
    struct err e;
    assert_false(seats_build(&seats, p, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.text, "endpoints"));
}

/* ---- recipes ---- */

static json *recipe(const struct project *p, const struct seats *s, size_t seat)
{
    struct buf b;
    struct err e;
    buf_init(&b, 1 << 20);
    seat_recipe_text(p, s, seat, &b);
    assert_false(b.failed);
    struct id id = project_fingerprint("recipe", buf_view(&b));
    assert_true(id_eq(&id, &s->all[seat].recipe));
    json *root = json_parse(buf_view(&b), JSON_STRICT, &e);
    assert_non_null(root);
    buf_free(&b);
    return root;
}

static bool says(const json *root, const char *key, const char *value)
{
    return slice_is(json_string(json_get(root, key)), value);
}

static void the_teachers_recipe_is_model_prompt_and_settings(void **state)
{
    (void)state;
    struct project *p = load(END("teacher", "big"), "judge: {mix: {scores: 1, verdict: 2}}\n");
    struct seats s = build(p);
    json *root = recipe(p, &s, 0);
    static const char *const keys[] = {"model", "prompt", "settings"};
    size_t i = 0;
    for (const json *node = json_first(root); node; node = json_next(node), i++)
        assert_true(i < 3 && slice_is(json_key(node), keys[i]));
    assert_int_equal(i, 3);
    assert_true(says(root, "model", "big"));
    assert_true(says(root, "prompt", "scores-1,verdict-2"));
    assert_int_equal(json_type(json_get(root, "settings")), JSON_OBJECT);
    json_free(root);
}

static void other_seats_name_their_kind_and_what_they_depend_on(void **state)
{
    (void)state;
    struct project *p = load(everybody, "hint: {share: 0.1}\n");
    struct seats s = build(p);
    char teacher[ID_HEX];
    id_hex(&s.all[0].recipe, teacher);
    for (size_t i = 1; i < s.n; i++) {
        json *root = recipe(p, &s, i);
        enum seat_kind kind = s.all[i].kind;
        bool depends = kind == SEAT_HINTED || kind == SEAT_CHECKER;
        assert_true(says(root, "kind", seat_kind_name(kind)));
        assert_true(says(root, "model", s.all[i].model));
        assert_true(depends ? says(root, "teacher", teacher) : !json_get(root, "teacher"));
        assert_true((slice_find(json_string(json_get(root, "prompt")), S(CHECK_PROMPT_ID)) !=
                     SIZE_MAX) == (kind == SEAT_CHECKER));
        assert_true(!json_get(root, "claims") == (kind != SEAT_CHECKER));
        json_free(root);
    }
}

/* Which seats' rollouts become others' when a key changes. */
static void a_recipe_changes_with_what_shapes_its_requests(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        bool changed[7]; /* teacher, second, hinted, checker, student, student, generator */
        const char *why;
    } rows[] = {
        {"hint: {share: 0.1}\n", {0}, "the same"},
        {"hint: {share: 0.1}\naccept: {k: 1, n: 8}\n", {0}, "rules"},
        {"hint: {share: 0.2, n: 8}\n", {0}, "rules of the second pass"},
        {"hint: {share: 0.1}\ngeneration: {temperature: 0.5}\n",
         {1, 1, 1, 1, 1, 1, 1},
         "generation"},
        {"hint: {share: 0.1}\njudge: {nonce: true}\n", {1, 1, 1, 1, 1, 1}, "nonce"},
        {"hint: {share: 0.1}\njudge: {format: plan}\n", {1, 1, 1, 1, 1, 1}, "format"},
        {"hint: {share: 0.1}\nreflection: {mode: wait}\n", {1, 1, 1, 1, 1, 1}, "reflection"},
        {"hint: {share: 0.1}\nchecker: {claims: false}\n", {0, 0, 0, 1, 0, 0}, "what is checked"},
        {"hint: {share: 0.1}\nbuild: {temperatures: [\"1\"]}\n", {0, 0, 0, 0, 0, 0, 1}, "writing"},
        {"hint: {share: 0.1}\nbuild: {samples: 16, pick: closest_length}\n", {0}, "building"},
    };
    struct seats was = build(load(everybody, "hint: {share: 0.1}\n"));
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct seats is = build(load(everybody, rows[r].more));
        assert_int_equal(is.n, 7);
        for (size_t i = 0; i < is.n; i++)
            if (id_eq(&is.all[i].recipe, &was.all[i].recipe) == rows[r].changed[i])
                fail_msg("%s: seat %zu", rows[r].why, i);
    }
}

static void seats_are_told_as_they_are_stored(void **state)
{
    (void)state;
    struct seats s = build(load(END("teacher", "big") END("student", "s\\\"m"), ""));
    struct buf b;
    struct err e;
    buf_init(&b, 4096);
    seats_text(&s, &b);
    json *root = json_parse(buf_view(&b), JSON_STRICT, &e);
    assert_int_equal(json_count(root), 3);
    const json *node = json_first(root);
    for (size_t i = 0; i < 3; i++, node = json_next(node)) {
        char hex[ID_HEX];
        id_hex(&s.all[i].recipe, hex);
        assert_true(says(node, "kind", seat_kind_name(s.all[i].kind)));
        assert_true(says(node, "model", s.all[i].model));
        assert_true(says(node, "recipe", hex));
    }
    json_free(root);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_with_the_same_role_and_model_share_a_seat),
        cmocka_unit_test(a_lone_teacher_writes_the_answers_too),
        cmocka_unit_test(a_generator_of_its_own_writes_alone),
        cmocka_unit_test(measuring_needs_neither_hints_nor_a_checker),
        cmocka_unit_test(a_model_may_sit_in_several_seats),
        cmocka_unit_test(too_many_models_are_refused),
        cmocka_unit_test(the_teachers_recipe_is_model_prompt_and_settings),
        cmocka_unit_test(other_seats_name_their_kind_and_what_they_depend_on),
        cmocka_unit_test(a_recipe_changes_with_what_shapes_its_requests),
        cmocka_unit_test(seats_are_told_as_they_are_stored),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
