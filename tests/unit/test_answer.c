#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "worker/teacher/answer.h"
#include "worker/teacher/sse.h"

#define MAX_TEXT 4096
#define CHOICE(rest) "{\"choices\":[{\"index\":0," rest "}]}"
#define MESSAGE(rest) CHOICE("\"finish_reason\":\"stop\",\"message\":{" rest "}")

static void on_event(void *context, struct slice name, struct slice data)
{
    answer_event(context, name, data);
}

static struct answer answer_of(struct slice document)
{
    struct answer a;
    answer_init(&a, MAX_TEXT);
    answer_document(&a, document);
    return a;
}

static struct answer answer_of_stream(struct slice stream, size_t size)
{
    struct answer a;
    struct sse s;
    answer_init(&a, MAX_TEXT);
    sse_init(&s, MAX_TEXT);
    for (; stream.n > 0; stream = slice_from(stream, size))
        sse_feed(&s, slice_sub(stream, 0, size), on_event, &a);
    sse_end(&s, on_event, &a);
    sse_free(&s);
    return a;
}

static void assert_text(struct slice text, const char *expected)
{
    if (!slice_is(text, expected))
        fail_msg("'" SLICE_FMT "' is not '%s'", SLICE_ARG(text), expected);
}

static const struct {
    const char *reason, *document, *content, *reasoning;
    enum thought_field field;
    enum finish finish;
} whole[] = {
    {"plain", MESSAGE("\"content\":\"hi\""), "hi", "", THOUGHT_ABSENT, FINISH_STOP},
    {"blank lines before and after", "\n\r\n \n" MESSAGE("\"content\":\"hi\"") "\n\n", "hi", "",
     THOUGHT_ABSENT, FINISH_STOP},
    {"null content", MESSAGE("\"content\":null"), "", "", THOUGHT_ABSENT, FINISH_STOP},
    {"no content", MESSAGE("\"role\":\"assistant\""), "", "", THOUGHT_ABSENT, FINISH_STOP},
    {"text parts",
     MESSAGE("\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\","
             "\"text\":\"b\"}]"),
     "ab", "", THOUGHT_ABSENT, FINISH_STOP},
    {"reasoning", MESSAGE("\"content\":\"c\",\"reasoning\":\"r\""), "c", "r", THOUGHT_REASONING,
     FINISH_STOP},
    {"reasoning_content", MESSAGE("\"content\":\"c\",\"reasoning_content\":\"r\""), "c", "r",
     THOUGHT_REASONING_CONTENT, FINISH_STOP},
    {"both and equal count once",
     MESSAGE("\"reasoning_content\":\"r\",\"content\":\"c\",\"reasoning\":\"r\""), "c", "r",
     THOUGHT_REASONING, FINISH_STOP},
    {"an empty one gives way",
     MESSAGE("\"reasoning\":\"\",\"reasoning_content\":\"r\",\"content\":\"c\""), "c", "r",
     THOUGHT_REASONING_CONTENT, FINISH_STOP},
    {"details alone are joined",
     MESSAGE("\"content\":\"c\",\"reasoning\":null,\"reasoning_details\":[{\"text\":\"r\"},"
             "{\"data\":\"x\"},{\"text\":\"s\"}]"),
     "c", "rs", THOUGHT_REASONING, FINISH_STOP},
    {"details beside reasoning do not count twice",
     MESSAGE("\"content\":\"c\",\"reasoning\":\"r\",\"reasoning_details\":[{\"text\":\"r\"}]"), "c",
     "r", THOUGHT_REASONING, FINISH_STOP},
    {"empty reasoning is none", MESSAGE("\"content\":\"c\",\"reasoning\":\"\""), "c", "",
     THOUGHT_ABSENT, FINISH_STOP},
    {"a refusal", MESSAGE("\"content\":null,\"refusal\":\"I cannot\""), "I cannot", "",
     THOUGHT_ABSENT, FINISH_CONTENT_FILTER},
    {"null refusal is none", MESSAGE("\"content\":\"c\",\"refusal\":null"), "c", "", THOUGHT_ABSENT,
     FINISH_STOP},
    {"cut", CHOICE("\"finish_reason\":\"length\",\"message\":{\"content\":\"c\"}"), "c", "",
     THOUGHT_ABSENT, FINISH_LENGTH},
    {"filtered", CHOICE("\"finish_reason\":\"content_filter\",\"message\":{\"content\":\"c\"}"),
     "c", "", THOUGHT_ABSENT, FINISH_CONTENT_FILTER},
    {"tools", CHOICE("\"finish_reason\":\"tool_calls\",\"message\":{\"content\":null}"), "", "",
     THOUGHT_ABSENT, FINISH_TOOL_CALLS},
    {"functions", CHOICE("\"finish_reason\":\"function_call\",\"message\":{\"content\":null}"), "",
     "", THOUGHT_ABSENT, FINISH_TOOL_CALLS},
    {"null finish_reason", CHOICE("\"finish_reason\":null,\"message\":{\"content\":\"c\"}"), "c",
     "", THOUGHT_ABSENT, FINISH_STOP},
    {"no finish_reason", CHOICE("\"message\":{\"content\":\"c\"}"), "c", "", THOUGHT_ABSENT,
     FINISH_STOP},
    {"a null error", "{\"error\":null,\"choices\":[{\"message\":{\"content\":\"c\"}}]}", "c", "",
     THOUGHT_ABSENT, FINISH_STOP},
    {"the first of several choices",
     "{\"choices\":[{\"message\":{\"content\":\"c\"}},{\"message\":{\"content\":\"d\"}}]}", "c", "",
     THOUGHT_ABSENT, FINISH_STOP},
    {"NUL and lone surrogates are replaced", MESSAGE("\"content\":\"a\\u0000b\\ud800c\""),
     "a\xEF\xBF\xBD"
     "b\xEF\xBF\xBD"
     "c",
     "", THOUGHT_ABSENT, FINISH_STOP},
};

static void documents_are_read_whatever_the_server_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct answer a = answer_of(slice_of(whole[i].document));
        print_message("%s\n", whole[i].reason);
        assert_true(answer_is_whole(&a));
        assert_text(answer_text(&a.first), whole[i].content);
        assert_text(buf_view(&a.first.reasoning), whole[i].reasoning);
        assert_int_equal(a.first.field, whole[i].field);
        assert_int_equal(answer_finish(&a.first), whole[i].finish);
        answer_free(&a);
    }
}

static const struct {
    const char *reason, *document;
    enum failure failure;
    const char *says;
} broken[] = {
    {"empty", "", FAILURE_BAD_ANSWER, "not JSON"},
    {"half a document", "{\"choices\":[{\"mess", FAILURE_BAD_ANSWER, "not JSON"},
    {"a page", "<html></html>", FAILURE_BAD_ANSWER, "not JSON"},
    {"two documents", "{}{}", FAILURE_BAD_ANSWER, "not JSON"},
    {"no object", "[]", FAILURE_BAD_ANSWER, "no choices"},
    {"no choices", "{\"status\":\"ok\"}", FAILURE_BAD_ANSWER, "no choices"},
    {"empty choices", "{\"choices\":[]}", FAILURE_BAD_ANSWER, "no choices"},
    {"choices of another type", "{\"choices\":\"x\"}", FAILURE_BAD_ANSWER, "no choices"},
    {"no message", CHOICE("\"text\":\"x\""), FAILURE_BAD_ANSWER, "without a message"},
    {"a message of another type", CHOICE("\"message\":\"x\""), FAILURE_BAD_ANSWER,
     "without a message"},
    {"content of another type", MESSAGE("\"content\":7"), FAILURE_BAD_ANSWER, "no text"},
    {"aborted", CHOICE("\"finish_reason\":\"abort\",\"message\":{\"content\":\"c\"}"),
     FAILURE_BAD_ANSWER, "'abort'"},
    {"ended by an error", CHOICE("\"finish_reason\":\"error\",\"message\":{\"content\":\"c\"}"),
     FAILURE_BAD_ANSWER, "'error'"},
    {"an error", "{\"error\":{\"code\":502,\"message\":\"upstream\"}}", FAILURE_GATEWAY,
     "upstream"},
    {"an error beside an answer",
     "{\"error\":{\"message\":\"x\"},\"choices\":[{\"message\":{\"content\":\"c\"}}]}",
     FAILURE_SERVER_ERROR, "x"},
    {"an error within the choice",
     CHOICE("\"error\":{\"code\":429,\"message\":\"x\"},\"message\":{\"content\":\"c\"}"),
     FAILURE_OVERLOADED, "x"},
    {"an error within a choice without message",
     CHOICE("\"error\":{\"code\":429,\"message\":\"x\"}"), FAILURE_OVERLOADED, "x"},
};

static void documents_that_are_no_answer_fail_for_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct answer a = answer_of(slice_of(broken[i].document));
        print_message("%s: %s\n", broken[i].reason, buf_cstr(&a.error.message));
        assert_false(answer_is_whole(&a));
        assert_true(a.failed);
        assert_string_equal(failure_name(a.error.failure), failure_name(broken[i].failure));
        assert_non_null(strstr(buf_cstr(&a.error.message), broken[i].says));
        answer_free(&a);
    }
}

static void usage_is_read_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *usage;
        uint32_t prompt, completion, reasoning, cached;
    } rows[] = {
        {"OpenAI",
         "{\"prompt_tokens\":1,\"completion_tokens\":2,\"completion_tokens_details\":"
         "{\"reasoning_tokens\":3},\"prompt_tokens_details\":{\"cached_tokens\":4}}",
         1, 2, 3, 4},
        {"SGLang and DeepSeek",
         "{\"prompt_tokens\":1,\"completion_tokens\":2,\"reasoning_tokens\":3,"
         "\"prompt_cache_hit_tokens\":4,\"prompt_tokens_details\":null}",
         1, 2, 3, 4},
        {"null cached", "{\"prompt_tokens\":1,\"prompt_tokens_details\":{\"cached_tokens\":null}}",
         1, 0, 0, 0},
        {"null", "null", 0, 0, 0, 0},
        {"negative and too large numbers",
         "{\"prompt_tokens\":5000000000,\"completion_tokens\":-2}", UINT32_MAX, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char document[512];
        snprintf(document, sizeof document,
                 "{\"id\":\"i\",\"model\":\"m\",\"choices\":[{\"message\":{}}],\"usage\":%s}",
                 rows[i].usage);
        struct answer a = answer_of(slice_of(document));
        print_message("%s\n", rows[i].reason);
        assert_true(answer_is_whole(&a));
        assert_int_equal(a.prompt_tokens, rows[i].prompt);
        assert_int_equal(a.completion_tokens, rows[i].completion);
        assert_int_equal(a.reasoning_tokens, rows[i].reasoning);
        assert_int_equal(a.cached_tokens, rows[i].cached);
        assert_text(buf_view(&a.model), "m");
        assert_text(buf_view(&a.id), "i");
        answer_free(&a);
    }
}

#define DELTA(rest) "data: " CHOICE("\"delta\":{" rest "}") "\n\n"
#define LAST(reason) "data: " CHOICE("\"delta\":{},\"finish_reason\":\"" reason "\"") "\n\n"
#define DONE "data: [DONE]\n\n"

static const struct {
    const char *reason, *stream, *content, *reasoning;
    enum thought_field field;
    enum finish finish;
} streams[] = {
    {"llama-server",
     DELTA("\"role\":\"assistant\",\"content\":null") DELTA("\"content\":\"a\"")
         DELTA("\"content\":\"b\"") LAST("length") DONE,
     "ab", "", THOUGHT_ABSENT, FINISH_LENGTH},
    {"reasoning first",
     DELTA("\"reasoning_content\":\"r\"") DELTA("\"reasoning_content\":\"s\"")
         DELTA("\"content\":\"c\"") LAST("stop") DONE,
     "c", "rs", THOUGHT_REASONING_CONTENT, FINISH_STOP},
    {"both fields in each delta",
     DELTA("\"reasoning\":\"r\",\"reasoning_content\":\"r\"")
         DELTA("\"reasoning\":\"s\",\"reasoning_content\":\"s\"") LAST("stop"),
     "", "rs", THOUGHT_REASONING, FINISH_STOP},
    {"a finish_reason is enough", DELTA("\"content\":\"c\"") LAST("stop"), "c", "", THOUGHT_ABSENT,
     FINISH_STOP},
    {"so is [DONE]", DELTA("\"content\":\"c\"") DONE, "c", "", THOUGHT_ABSENT, FINISH_STOP},
    {"an empty finish_reason says nothing",
     "data: " CHOICE("\"delta\":{\"content\":\"c\"},\"finish_reason\":\"\"") "\n\n" LAST("length"),
     "c", "", THOUGHT_ABSENT, FINISH_LENGTH},
    {"comments and other choices",
     ": keep-alive\n\n" DELTA("\"content\":\"c\"") "data: "
                                                   "{\"choices\":[{\"index\":1,\"delta\":{"
                                                   "\"content\":\"x\"},\"finish_reason\":"
                                                   "\"abort\"}]}\n\n" LAST("stop") DONE,
     "c", "", THOUGHT_ABSENT, FINISH_STOP},
    {"a refusal in pieces",
     DELTA("\"refusal\":\"I \"") DELTA("\"refusal\":\"cannot\"") LAST("stop"), "I cannot", "",
     THOUGHT_ABSENT, FINISH_CONTENT_FILTER},
    {"a choice without delta",
     DELTA("\"content\":\"c\"") "data: " CHOICE("\"finish_reason\":\"stop\"") "\n\n", "c", "",
     THOUGHT_ABSENT, FINISH_STOP},
    {"what comes after [DONE] does not count",
     DELTA("\"content\":\"c\"") LAST("stop") DONE "data: {\"error\":{\"message\":\"x\"}}\n\n", "c",
     "", THOUGHT_ABSENT, FINISH_STOP},
};

static void streams_are_gathered_however_they_are_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        print_message("%s\n", streams[i].reason);
        for (size_t size = 1; size < 80; size += 3) {
            struct answer a = answer_of_stream(slice_of(streams[i].stream), size);
            assert_true(answer_is_whole(&a));
            assert_text(answer_text(&a.first), streams[i].content);
            assert_text(buf_view(&a.first.reasoning), streams[i].reasoning);
            assert_int_equal(a.first.field, streams[i].field);
            assert_int_equal(answer_finish(&a.first), streams[i].finish);
            answer_free(&a);
        }
    }
}

static const struct {
    const char *reason, *stream;
    bool failed;
    enum failure failure;
} partial[] = {
    {"cut after a delta", DELTA("\"content\":\"c\""), false, 0},
    {"cut within an event", DELTA("\"content\":\"c\"") "data: {\"choi", false, 0},
    {"nothing but comments", ": a\n\n: b\n\n", false, 0},
    {"an event that is no JSON", "data: {\"choi\n\n", true, FAILURE_BAD_ANSWER},
    {"an error in the stream", DELTA("\"content\":\"c\"") "data: {\"error\":{\"code\":503}}\n\n",
     true, FAILURE_OVERLOADED},
    {"an error with a finish_reason",
     "data: {\"error\":{\"code\":502},\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
     "\"error\"}]}\n\n",
     true, FAILURE_GATEWAY},
    {"an error event in plain text", "event: error\ndata: The request queue is full.\n\n", true,
     FAILURE_OVERLOADED},
    {"an error event with an object", "event: error\ndata: {\"error\":{\"code\":400}}\n\n", true,
     FAILURE_BAD_REQUEST},
    {"an error event of another shape", "event: error\ndata: {\"status\":1}\n\n", true,
     FAILURE_SERVER_ERROR},
    {"an unknown finish_reason", LAST("abort") DONE, true, FAILURE_BAD_ANSWER},
};

static void streams_that_are_not_whole_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof partial / sizeof partial[0]; i++) {
        struct answer a = answer_of_stream(slice_of(partial[i].stream), 7);
        print_message("%s: %s\n", partial[i].reason, buf_cstr(&a.error.message));
        assert_false(answer_is_whole(&a));
        assert_int_equal(a.failed, partial[i].failed);
        if (a.failed)
            assert_string_equal(failure_name(a.error.failure), failure_name(partial[i].failure));
        answer_free(&a);
    }
}

/* Several choices */

#define AT(index, rest) "{\"index\":" #index "," rest "}"
#define TWO(one, other) "{\"choices\":[" one "," other "]}"
#define PIECE(index, text) \
    "data: {\"choices\":[" AT(index, "\"delta\":{\"content\":\"" text "\"}") "]}\n\n"
#define END(index, reason) \
    "data: {\"choices\":[" AT(index, "\"delta\":{},\"finish_reason\":\"" reason "\"") "]}\n\n"

static struct answer answer_of_several(struct slice text, bool stream, size_t wanted)
{
    struct answer a;
    struct sse s;
    answer_init(&a, MAX_TEXT);
    assert_true(answer_want(&a, wanted));
    if (!stream) {
        answer_document(&a, text);
        return a;
    }
    sse_init(&s, MAX_TEXT);
    for (; text.n > 0; text = slice_from(text, 5))
        sse_feed(&s, slice_sub(text, 0, 5), on_event, &a);
    sse_end(&s, on_event, &a);
    sse_free(&s);
    return a;
}

static const struct {
    const char *reason, *text;
    bool stream;
    size_t wanted;
    const char *contents; /* with | between; NULL: not whole */
    bool failed;
} several[] = {
    {"a document with all that was asked for",
     TWO("{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}",
         "{\"message\":{\"content\":\"b\"},\"finish_reason\":\"length\"}"),
     false, 2, "a|b", false},
    {"a document with fewer: what there is counts", MESSAGE("\"content\":\"a\""), false, 4, "a",
     false},
    {"a document with more: the others were not asked for",
     TWO("{\"message\":{\"content\":\"a\"}}", "{\"message\":{\"content\":\"b\"}}"), false, 1, "a",
     false},
    {"one choice that failed fails all",
     TWO("{\"message\":{\"content\":\"a\"}}",
         "{\"message\":{\"content\":\"b\"},\"finish_reason\":\"abort\"}"),
     false, 2, NULL, true},
    {"pieces in turns",
     PIECE(0, "a") PIECE(1, "c") PIECE(1, "d") PIECE(0, "b") END(1, "stop") END(0, "stop") DONE,
     true, 2, "ab|cd", false},
    {"without [DONE] when all have ended",
     PIECE(1, "c") END(1, "stop") PIECE(0, "a") END(0, "stop"), true, 2, "a|c", false},
    {"without [DONE] another could begin", PIECE(0, "a") END(0, "stop"), true, 2, NULL, false},
    {"a server that knows no n", PIECE(0, "a") END(0, "stop") DONE, true, 2, "a", false},
    {"one that has begun must end, whatever [DONE] says",
     PIECE(0, "a") END(0, "stop") PIECE(1, "b") DONE, true, 2, NULL, false},
    {"[DONE] alone is no answer", DONE, true, 2, NULL, false},
    {"the first is left out", PIECE(1, "b") END(1, "stop") PIECE(2, "c") END(2, "stop") DONE, true,
     3, "b|c", false},
    {"an index beyond what was asked for",
     PIECE(0, "a") PIECE(7, "x") END(0, "stop") PIECE(1, "b") END(1, "stop"), true, 2, "a|b",
     false},
    {"several in one chunk",
     "data: " TWO(AT(1, "\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\""),
                  AT(0, "\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"")) "\n\n",
     true, 2, "a|b", false},
};

static void several_choices_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof several / sizeof several[0]; i++) {
        struct answer a = answer_of_several(slice_of(several[i].text), several[i].stream,
                                            several[i].wanted);
        struct buf contents;
        const struct answer_choice *c;
        print_message("%s\n", several[i].reason);
        assert_int_equal(a.failed, several[i].failed);
        assert_int_equal(answer_is_whole(&a), several[i].contents != NULL);
        buf_init(&contents, 100);
        for (size_t at = 0; answer_is_whole(&a) && (c = answer_nth(&a, at)); at++) {
            buf_str(&contents, at ? "|" : "");
            buf_slice(&contents, answer_text(c));
        }
        assert_string_equal(buf_cstr(&contents), several[i].contents ? several[i].contents : "");
        buf_free(&contents);
        answer_free(&a);
    }
}

static void a_choice_alone_is_the_first_of_one(void **state)
{
    (void)state;
    struct answer a = answer_of_stream(S(DONE), 3);
    assert_true(answer_is_whole(&a));
    assert_ptr_equal(answer_nth(&a, 0), &a.first);
    assert_null(answer_nth(&a, 1));
    answer_free(&a);
}

static void usage_comes_in_a_chunk_without_choices(void **state)
{
    (void)state;
    struct answer a = answer_of_stream(
        S(LAST("stop") "data: {\"id\":\"i\",\"model\":\"m\",\"choices\":[],\"usage\":"
                       "{\"prompt_tokens\":5,\"completion_tokens\":6}}\n\n" DONE),
        11);
    assert_true(answer_is_whole(&a));
    assert_int_equal(a.prompt_tokens, 5);
    assert_int_equal(a.completion_tokens, 6);
    assert_text(buf_view(&a.model), "m");
    answer_free(&a);
}

static void texts_over_the_maximum_are_told(void **state)
{
    (void)state;
    struct answer a;
    answer_init(&a, 8);
    for (int i = 0; i < 3; i++)
        answer_event(&a, S(""), S(CHOICE("\"delta\":{\"reasoning\":\"1234\"}")));
    assert_true(answer_too_large(&a));
    answer_free(&a);
    assert_false(answer_too_large(&a));
    answer_free(&a);
}

/* Recorded from a real server; they are not part of the repository. */
static bool read_capture(const char *name, struct buf *out)
{
    const char *shared = getenv("GAVEL_SHARED");
    char path[512];
    struct err e;
    snprintf(path, sizeof path, "%s/data/wire/%s", shared ? shared : ".", name);
    return files_read(path, out, &e);
}

static struct slice body_of(const struct buf *capture)
{
    struct slice all = buf_view(capture);
    size_t at = slice_find(all, S("\r\n\r\n"));
    return slice_starts(all, S("HTTP/")) ? slice_from(all, at + 4) : all;
}

static void captures_of_a_real_server_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool stream;
        const char *content, *reasoning;
        enum finish finish;
        uint32_t completion;
    } rows[] = {
        {"nonstream.txt", false, " cans score ig241 gu", "", FINISH_LENGTH, 8},
        {"grammar.txt", false, "Rating: 5", "", FINISH_STOP, 6},
        {"reasoning.txt", false, "Rating: 3", "hmm ok\n", FINISH_STOP, 19},
        {"n2.txt", false, " cans score ig", "", FINISH_LENGTH, 4},
        {"logprobs.txt", false, " cans score", "", FINISH_LENGTH, 2},
        {"stream.txt", true, " cans score ", "", FINISH_LENGTH, 0},
        {"stream_usage.txt", true, " cans score", "", FINISH_LENGTH, 2},
        {"reasoning_stream.txt", true, "Rating: 3", "hmm ok\n", FINISH_STOP, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf capture;
        buf_init(&capture, 1 << 20);
        if (!read_capture(rows[i].name, &capture))
            skip();
        print_message("%s\n", rows[i].name);
        struct slice body = body_of(&capture);
        struct answer a = rows[i].stream ? answer_of_stream(body, 100) : answer_of(body);
        assert_true(answer_is_whole(&a));
        assert_text(answer_text(&a.first), rows[i].content);
        assert_text(buf_view(&a.first.reasoning), rows[i].reasoning);
        assert_int_equal(a.first.field,
                         *rows[i].reasoning ? THOUGHT_REASONING_CONTENT : THOUGHT_ABSENT);
        assert_int_equal(answer_finish(&a.first), rows[i].finish);
        assert_int_equal(a.completion_tokens, rows[i].completion);
        assert_true(a.id.n > 0 && a.model.n > 0);
        answer_free(&a);
        buf_free(&capture);
    }
}

static void both_choices_of_a_real_server_are_read(void **state)
{
    (void)state;
    struct buf capture;
    buf_init(&capture, 1 << 20);
    if (!read_capture("n2.txt", &capture))
        skip();
    struct answer a = answer_of_several(body_of(&capture), false, 2);
    assert_true(answer_is_whole(&a));
    assert_text(answer_text(answer_nth(&a, 0)), " cans score ig");
    assert_text(answer_text(answer_nth(&a, 1)), "\n score it $");
    assert_int_equal(answer_finish(answer_nth(&a, 1)), FINISH_LENGTH);
    assert_null(answer_nth(&a, 2));
    answer_free(&a);
    buf_free(&capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_read_whatever_the_server_is),
        cmocka_unit_test(documents_that_are_no_answer_fail_for_a_reason),
        cmocka_unit_test(usage_is_read_in_every_form),
        cmocka_unit_test(streams_are_gathered_however_they_are_split),
        cmocka_unit_test(streams_that_are_not_whole_are_told_apart),
        cmocka_unit_test(several_choices_are_told_apart),
        cmocka_unit_test(a_choice_alone_is_the_first_of_one),
        cmocka_unit_test(both_choices_of_a_real_server_are_read),
        cmocka_unit_test(usage_comes_in_a_chunk_without_choices),
        cmocka_unit_test(texts_over_the_maximum_are_told),
        cmocka_unit_test(captures_of_a_real_server_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
