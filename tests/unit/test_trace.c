/* Traces: where a thought ends, whichever way a server delivers it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "judges/trace.h"

static const struct row {
    const char *content, *reasoning;
    enum thought_field field; /* of the reasoning */
    const char *thought, *answer;
    enum thought_field expect;
    bool unclosed;
    const char *why;
} rows[] = {
    {"<think>t</think>a", "", 0, "t", "a", THOUGHT_THINK_TAG, false, "plain"},
    {" \n<think>\n t \n</think>\n\n a \n", "", 0, "t", "a", THOUGHT_THINK_TAG, false,
     "white space around both goes"},
    {"t</think>a", "", 0, "t", "a", THOUGHT_THINK_TAG, false, "the template wrote the opening tag"},
    {"a", "", 0, "", "a", THOUGHT_ABSENT, false, "no thought"},
    {"", "", 0, "", "", THOUGHT_ABSENT, false, "nothing"},
    {"<think></think>a", "", 0, "", "a", THOUGHT_THINK_TAG, false, "an empty thought"},
    {"<think>t", "", 0, "t", "", THOUGHT_THINK_TAG, true, "never closed: all of it is thought"},
    {"<think>", "", 0, "", "", THOUGHT_THINK_TAG, true, "never begun either"},
    {"<think>he wrote </think> and went on</think>a", "", 0, "he wrote </think> and went on", "a",
     THOUGHT_THINK_TAG, false, "a quoted closing tag stays in the thought"},
    {"<think>a <think>b</think></think>c", "", 0, "a <think>b</think>", "c", THOUGHT_THINK_TAG,
     false, "nested"},
    {"see <think>t</think>a", "", 0, "see <think>t", "a", THOUGHT_THINK_TAG, false,
     "an opening tag in the middle opens nothing"},
    {"see <think>", "", 0, "", "see <think>", THOUGHT_ABSENT, false, "nor does it alone"},
    {"<THINK>t</THINK>a", "", 0, "", "<THINK>t</THINK>a", THOUGHT_ABSENT, false,
     "tags are written small"},
    {"a", "t", THOUGHT_REASONING, "t", "a", THOUGHT_REASONING, false, "a field of its own"},
    {" a ", " t\n", THOUGHT_REASONING_CONTENT, "t", "a", THOUGHT_REASONING_CONTENT, false,
     "another name for it"},
    {"<think>x</think>a", "t", THOUGHT_REASONING, "t", "<think>x</think>a", THOUGHT_REASONING,
     false, "tags are text when the server has taken the thought out"},
    {"<think>t</think>a", "  ", THOUGHT_REASONING, "t", "a", THOUGHT_THINK_TAG, false,
     "a blank field is none"},
    {"<plan>p</plan><execution>e</execution>\na", "", 0, "<plan>p</plan><execution>e</execution>",
     "a", THOUGHT_THINK_TAG, false, "plan and execution are the thought"},
    {"<plan>p</plan><execution>q</execution>e</execution>a", "", 0,
     "<plan>p</plan><execution>q</execution>e</execution>", "a", THOUGHT_THINK_TAG, false,
     "a quoted closing tag of theirs stays in it"},
    {"<plan>p</plan><execution>e", "", 0, "", "<plan>p</plan><execution>e", THOUGHT_ABSENT, false,
     "not when they never end"},
    {"see <plan>p</plan><execution>e</execution>a", "", 0, "",
     "see <plan>p</plan><execution>e</execution>a", THOUGHT_ABSENT, false,
     "nor when they do not stand first"},
    {"<think><plan>p</plan></think><execution>e</execution>a", "", 0, "<plan>p</plan>",
     "<execution>e</execution>a", THOUGHT_THINK_TAG, false, "thinking tags go before them"},
};

static void thought_and_answer_of_every_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct trace t = trace_split(slice_of(r->content), slice_of(r->reasoning), r->field,
                                     FINISH_STOP);
        if (!slice_is(t.thought, r->thought) || !slice_is(t.answer, r->answer) ||
            t.field != r->expect || t.unclosed != r->unclosed)
            fail_msg("%s: thought \"" SLICE_FMT "\", answer \"" SLICE_FMT "\", field %d", r->why,
                     SLICE_ARG(t.thought), SLICE_ARG(t.answer), (int)t.field);
        assert_int_equal(t.finish, FINISH_STOP);
    }
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "t", "a\nb", "quoted <think>", "so </think> what", "\xe4\xbd\xa0\xe5\xa5\xbd"};
    enum { N = sizeof texts / sizeof texts[0] };
    for (size_t i = 0; i < N; i++) {
        struct buf b;
        buf_init(&b, 4096);
        trace_write(&b, slice_of(texts[i]), S("<answer> [[A]] </answer>"));
        struct trace t = trace_split(buf_view(&b), S(""), THOUGHT_ABSENT, FINISH_STOP);
        assert_true(slice_is(t.thought, texts[i]));
        assert_true(slice_is(t.answer, "<answer> [[A]] </answer>"));
        assert_false(t.unclosed);
        buf_free(&b);
    }
}

/* Both parts must lie within the text they came from, whatever it is. */
static bool is_within(struct slice part, struct slice whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void any_mixture_of_tags_is_split_within_its_text(void **state)
{
    (void)state;
    static const char *const pieces[] = {"<think>", "</think>", " ",  "x",
                                         "\n",      "<answer>", "</", "think>"};
    struct rng r;
    rng_init(&r, 1);
    for (int round = 0; round < 20000; round++) {
        char text[256];
        size_t n = 0;
        for (uint64_t i = rng_below(&r, 12); i > 0; i--)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s",
                                  pieces[rng_below(&r, sizeof pieces / sizeof pieces[0])]);
        char *exact = malloc(n ? n : 1);
        assert_non_null(exact);
        memcpy(exact, text, n);
        struct slice content = {exact, n};
        struct trace t = trace_split(content, S(""), THOUGHT_ABSENT, FINISH_LENGTH);
        assert_true(is_within(t.thought, content) && is_within(t.answer, content));
        assert_true(slice_find(t.answer, S("</think>")) == SIZE_MAX);
        if (t.unclosed)
            assert_int_equal(t.answer.n, 0);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thought_and_answer_of_every_form),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(any_mixture_of_tags_is_split_within_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
