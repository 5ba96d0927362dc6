#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "coordinator/imports/seed_line.h"
#include "filters/chain.h"

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/template.c"

static struct arena arena;

static void load(struct project *p, struct slice text)
{
    struct err e;
    arena_reset(&arena);
    if (!project_from_text(p, &arena, "template", text, &e))
        fail_msg("%s", e.text);
}

static void it_is_a_right_project_with_the_programs_defaults(void **state)
{
    (void)state;
    struct project p;
    struct chain chain;
    struct err e;
    struct buf out;
    buf_init(&out, 1 << 20);
    template_project(&out, "my \"project\": # 1");
    load(&p, buf_view(&out));
    const struct project_seeds *first = p.seeds.items;
    assert_string_equal(p.name, "my \"project\": # 1");
    assert_string_equal(p.export.dir, "out");
    assert_int_equal(p.seeds.n, 1);
    assert_string_equal(first->path, "seeds.jsonl");
    assert_string_equal(project_teacher(&p)->url, "http://127.0.0.1:8000/v1");
    assert_int_equal(p.accept.k, 3);
    assert_int_equal(p.accept.n, 4);
    assert_int_equal(p.reflection.mode, REFLECT_MIXED);
    assert_int_equal(p.judge.templates.n, 0);
    assert_int_equal(p.quotas.n, 0);
    assert_true(chain_build(&chain, &p, &e));
    assert_int_equal(chain.n, 3); /* length, repetition, and the one of reflection */
    buf_free(&out);
}

static void look_for_rows(const char *text, const struct conf_row *rows)
{
    for (const struct conf_row *row = rows; row->key; row++) {
        char key[80];
        snprintf(key, sizeof key, " %s:", row->key);
        if (!strstr(text, key) && strncmp(text, key + 1, strlen(key + 1)) != 0 &&
            !(snprintf(key, sizeof key, "\n%s:", row->key) > 0 && strstr(text, key)))
            fail_msg("the key %s is missing", row->key);
        if (!strstr(text, row->help))
            fail_msg("the help of %s is missing", row->key);
        if (row->type == CONF_SECTION || row->type == CONF_LIST)
            look_for_rows(text, row->rows);
    }
}

static void every_key_of_a_project_is_explained(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1 << 20);
    template_project(&out, "x");
    look_for_rows(buf_cstr(&out), project_rows);
    buf_free(&out);
}

static void taking_off_the_comment_signs_changes_nothing(void **state)
{
    (void)state;
    struct buf out, bare, before, after;
    struct project p;
    buf_init(&out, 1 << 20);
    buf_init(&bare, 1 << 20);
    buf_init(&before, 1 << 20);
    buf_init(&after, 1 << 20);
    template_project(&out, "x");
    struct slice rest = buf_view(&out);
    for (int line = 1; rest.n; line++) {
        struct slice text = slice_cut(rest, '\n', &rest);
        bool prose = line <= 2;
        buf_slice(&bare, slice_starts(text, S("# ")) && !prose ? slice_from(text, 2) : text);
        buf_char(&bare, '\n');
    }
    load(&p, buf_view(&out));
    project_text(&p, 0, &before);
    load(&p, buf_view(&bare));
    project_text(&p, 0, &after);
    assert_string_equal(buf_cstr(&before), buf_cstr(&after));
    buf_free(&out);
    buf_free(&bare);
    buf_free(&before);
    buf_free(&after);
}

static void the_seeds_are_verified_pairs(void **state)
{
    (void)state;
    const struct seed_line_options how = {0};
    struct seed_record *r = calloc(1, sizeof *r);
    struct buf out;
    int n = 0;
    buf_init(&out, 1 << 20);
    template_seeds(&out);
    for (struct slice rest = buf_view(&out); rest.n; n++) {
        const struct importer *importer;
        struct err e;
        struct slice line = slice_cut(rest, '\n', &rest);
        arena_reset(&arena);
        if (!seed_line_read(&how, line, r, &importer, &arena, &e))
            fail_msg("line %d: %s", n + 1, e.text);
        assert_int_equal(r->n_pairs, 1);
        assert_int_equal(r->trust, TRUST_VERIFIED);
    }
    assert_int_equal(n, 3);
    buf_free(&out);
    free(r);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_right_project_with_the_programs_defaults),
        cmocka_unit_test(every_key_of_a_project_is_explained),
        cmocka_unit_test(taking_off_the_comment_signs_changes_nothing),
        cmocka_unit_test(the_seeds_are_verified_pairs),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
