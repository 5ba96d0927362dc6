/* Tasks on the wire, and the nonce that marks a prompt's tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "judges/nonce.h"
#include "judges/task.h"

static struct arena arena;
static struct buf text;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 16 << 20);
    buf_init(&text, 16 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    buf_free(&text);
    return 0;
}

static struct slice write(const struct task_text *t)
{
    struct jsonw w = jsonw_to(&text);
    buf_clear(&text);
    task_write(&w, t);
    assert_false(text.failed);
    return buf_view(&text);
}

static struct judge_task read(struct slice wire)
{
    struct judge_task task;
    struct err e;
    if (!task_read(wire, &task, &arena, &e))
        fail_msg("%s", e.text);
    return task;
}

static const char turns[] =
    "[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":"
    "\"q\\n\\\"{{answer_b}}\\\"\"}]";

static void a_task_comes_back_as_it_was(void **state)
{
    (void)state;
    struct task_text t = {.prompt = slice_of(turns),
                          .answer_a = S("[{\"role\":\"assistant\",\"content\":\"a\"}]"),
                          .answer_b = S("[{\"role\":\"assistant\",\"content\":\"\"}]"),
                          .reference = S("r\n\x01 \xe4\xbd\xa0"),
                          .rubric = S("u"),
                          .language = S("zh-CN"),
                          .nonce = S("_k3f9b2d"),
                          .hint = 'B'};
    struct judge_task task = read(write(&t));
    assert_int_equal(task.prompt.n, 2);
    assert_true(slice_is(task.prompt.messages[0].role, "system"));
    assert_true(slice_is(task.prompt.messages[1].content, "q\n\"{{answer_b}}\""));
    assert_true(slice_is(task.answer_a.messages[0].content, "a"));
    assert_int_equal(task.answer_b.n, 1);
    assert_true(slice_is(task.answer_b.messages[0].content, ""));
    assert_true(slice_eq(task.reference, t.reference) && slice_is(task.rubric, "u"));
    assert_true(slice_is(task.language, "zh-CN") && slice_is(task.nonce, "_k3f9b2d"));
    assert_int_equal(task.hint, 'B');
}

static void what_is_not_there_stays_away(void **state)
{
    (void)state;
    struct task_text t = {.prompt = slice_of(turns),
                          .answer_a = S("[{\"role\":\"assistant\",\"content\":\"a\"}]")};
    struct slice wire = write(&t);
    assert_true(slice_find(wire, S("\"answer_b\":")) == SIZE_MAX);
    assert_true(slice_find(wire, S("\"hint\":")) == SIZE_MAX);
    struct judge_task task = read(wire);
    assert_int_equal(task.answer_b.n, 0);
    assert_int_equal(task.reference.n + task.rubric.n + task.language.n + task.nonce.n, 0);
    assert_int_equal(task.hint, 0);
}

static void what_is_no_task_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"answer_a\":\"a\"}",
        "{\"prompt\":\"q\",\"answer_a\":7}",
        "{\"prompt\":\"q\",\"answer_a\":\"a\",\"answer_b\":[]}",
        "{\"prompt\":\"q\",\"answer_a\":\"a\",\"hint\":\"C\"}",
        "{\"prompt\":\"q\",\"answer_a\":\"a\",\"hint\":\"AB\"}",
        "{\"prompt\":\"q\",\"answer_a\":\"a\",\"nonce\":1}",
        "{\"prompt\":\"q\",\"answer_a\":\"a\",\"rubric\":[]}",
        "{\"prompt\":[{\"role\":\"nobody\",\"content\":\"x\"}],\"answer_a\":\"a\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct judge_task task;
        struct err e;
        if (task_read(slice_of(bad[i]), &task, &arena, &e))
            fail_msg("taken: %s", bad[i]);
        if (e.code != ERR_PROTOCOL)
            fail_msg("%s: %s", bad[i], e.text);
    }
}

static void a_task_too_large_for_the_arena_is_a_limit(void **state)
{
    (void)state;
    struct task_text t = {.prompt = slice_of(turns),
                          .answer_a = S("[{\"role\":\"assistant\",\"content\":\"a\"}]"),
                          .reference = S("0123456789012345678901234567890123456789")};
    struct slice wire = write(&t);
    bool fits = false;
    for (size_t max = 0; max < 4096 && !fits; max += 16) {
        struct arena small;
        struct judge_task task;
        struct err e;
        arena_init(&small, max);
        fits = task_read(wire, &task, &small, &e);
        assert_true(fits || e.code == ERR_LIMIT);
        arena_free(&small);
    }
    assert_true(fits);
}

/* ---- nonces ---- */

static struct id id_of(uint64_t i)
{
    struct hash h;
    hash_init(&h, "test");
    hash_u64(&h, i);
    return hash_id(&h);
}

static void a_nonce_follows_from_pair_and_recipe(void **state)
{
    (void)state;
    struct id pair = id_of(1), other = id_of(2), recipe = id_of(3);
    char a[NONCE_BYTES + 1], b[NONCE_BYTES + 1];
    nonce_make(&pair, &recipe, NULL, 0, a);
    nonce_make(&pair, &recipe, NULL, 0, b);
    assert_string_equal(a, b);
    assert_int_equal(strlen(a), NONCE_BYTES);
    assert_int_equal(a[0], '_');
    assert_int_equal(
        strspn(a + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
        NONCE_BYTES - 1);
    nonce_make(&other, &recipe, NULL, 0, b);
    assert_string_not_equal(a, b);
    nonce_make(&pair, &other, NULL, 0, b);
    assert_string_not_equal(a, b);
}

static void a_nonce_that_the_texts_hold_is_passed_over(void **state)
{
    (void)state;
    struct id pair = id_of(1), recipe = id_of(3);
    char held[8][NONCE_BYTES + 1], next[NONCE_BYTES + 1];
    struct slice texts[8];
    for (size_t n = 0; n < 8; n++) {
        nonce_make(&pair, &recipe, texts, n, held[n]);
        for (size_t i = 0; i < n; i++)
            assert_string_not_equal(held[n], held[i]);
        texts[n] = (struct slice){held[n], NONCE_BYTES};
    }
    nonce_make(&pair, &recipe, texts, 8, next);
    for (size_t i = 0; i < 8; i++)
        assert_string_not_equal(next, held[i]);
}

static void nonces_are_spread(void **state)
{
    (void)state;
    struct id recipe = id_of(3);
    int seen[256] = {0};
    for (uint64_t i = 0; i < 10000; i++) {
        struct id pair = id_of(i);
        char nonce[NONCE_BYTES + 1];
        nonce_make(&pair, &recipe, NULL, 0, nonce);
        seen[(unsigned char)nonce[3]]++;
    }
    for (int c = 0; c < 256; c++)
        assert_true(seen[c] < 500); /* 32 letters: 312 each */
}

static void stripping_leaves_no_nonce_behind(void **state)
{
    (void)state;
    static const struct {
        const char *text, *nonce, *expect;
    } rows[] = {
        {"<answer_k3f9b2d>[[A]]</answer_k3f9b2d>", "_k3f9b2d", "<answer>[[A]]</answer>"},
        {"none", "_k3f9b2d", "none"},
        {"", "_k3f9b2d", ""},
        {"_k3f9b2d", "_k3f9b2d", ""},
        {"_k3f9b2d_k3f9b2d", "_k3f9b2d", ""},
        {"_k3f_k3f9b2d9b2d!", "_k3f9b2d", "!"},
        {"a_k3f9b2_k3f9b2dd_k3f9b2", "_k3f9b2d", "a_k3f9b2"},
        {"as it is", "", "as it is"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_clear(&text);
        buf_str(&text, "_k3f9b2"); /* what stands before is not touched */
        nonce_strip(&text, slice_of(rows[i].text), slice_of(rows[i].nonce));
        assert_true(slice_is(slice_sub(buf_view(&text), 0, 7), "_k3f9b2"));
        assert_string_equal(buf_cstr(&text) + 7, rows[i].expect);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_comes_back_as_it_was),
        cmocka_unit_test(what_is_not_there_stays_away),
        cmocka_unit_test(what_is_no_task_is_refused),
        cmocka_unit_test(a_task_too_large_for_the_arena_is_a_limit),
        cmocka_unit_test(a_nonce_follows_from_pair_and_recipe),
        cmocka_unit_test(a_nonce_that_the_texts_hold_is_passed_over),
        cmocka_unit_test(nonces_are_spread),
        cmocka_unit_test(stripping_leaves_no_nonce_behind),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
