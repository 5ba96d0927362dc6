#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/teacher/models.h"

static void a_list_is_read_whatever_else_it_holds(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        bool ok;
        int64_t n;
        bool ours;
        const char *names, *why;
    } rows[] = {
        {"{\"object\":\"list\",\"data\":[{\"id\":\"a\"},{\"id\":\"b\",\"max_model_len\":1}]}", true,
         2, true, "a, b", "vLLM"},
        {"{\"data\":[]}", true, 0, false, "", "nothing is served"},
        {"{\"data\":[{\"id\":\"c\"}]}", true, 1, false, "c", "another model"},
        {"{\"data\":[{\"id\":5},{}]}", true, 2, false, ", ", "ids that are none"},
        {"{\"data\":[{\"id\":\"x\\u001b[2J\"}]}", true, 1, false, "x\\u001b[2J", "made safe"},
        {"{\"models\":[]}", false, 0, false, "", "another shape"},
        {"[]", false, 0, false, "", "no object"},
        {"<html>", false, 0, false, "", "no JSON"},
        {"", false, 0, false, "", "nothing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct models m;
        struct err e;
        bool ok = models_read(&m, slice_of(rows[i].body), "b", &e);
        if (ok != rows[i].ok || m.n != rows[i].n || m.has_ours != rows[i].ours)
            fail_msg("%s", rows[i].why);
        assert_string_equal(buf_cstr(&m.names), rows[i].names);
        models_free(&m);
    }
}

static void only_the_first_names_are_shown_but_all_are_counted(void **state)
{
    (void)state;
    struct models m;
    struct err e;
    struct buf body;
    buf_init(&body, 65536);
    buf_str(&body, "{\"data\":[");
    for (int i = 0; i < 100; i++)
        buf_addf(&body, "%s{\"id\":\"m%d\"}", i ? "," : "", i);
    buf_str(&body, "]}");
    assert_true(models_read(&m, buf_view(&body), "m99", &e));
    assert_int_equal(m.n, 100);
    assert_true(m.has_ours);
    assert_string_equal(buf_cstr(&m.names), "m0, m1, m2, m3, m4, m5, m6, m7");
    models_free(&m);
    buf_free(&body);
}

static void the_context_is_that_of_our_model(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int64_t context;
        const char *why;
    } rows[] = {
        {"{\"data\":[{\"id\":\"b\",\"max_model_len\":32768}]}", 32768, "vLLM, SGLang"},
        {"{\"data\":[{\"id\":\"b\",\"context_length\":8192}]}", 8192, "gateways"},
        {"{\"data\":[{\"id\":\"a\",\"max_model_len\":9}]}", 0, "another model's"},
        {"{\"data\":[{\"id\":\"b\",\"max_model_len\":-1}]}", 0, "no length"},
        {"{\"data\":[{\"id\":\"b\",\"max_model_len\":\"9\"}]}", 0, "no number"},
        {"{\"data\":[{\"id\":\"b\"}]}", 0, "not said"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct models m;
        struct err e;
        assert_true(models_read(&m, slice_of(rows[i].body), "b", &e));
        if (m.context != rows[i].context)
            fail_msg("%s: %d", rows[i].why, (int)m.context);
        models_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_read_whatever_else_it_holds),
        cmocka_unit_test(only_the_first_names_are_shown_but_all_are_counted),
        cmocka_unit_test(the_context_is_that_of_our_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
