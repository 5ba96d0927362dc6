#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/teacher/sse.h"

/* Events as text: name '=' data, each followed by a bar. */
static void note(void *context, struct slice name, struct slice data)
{
    struct buf *out = context;
    buf_slice(out, name);
    buf_char(out, '=');
    buf_slice(out, data);
    buf_char(out, '|');
}

#define BYTES(literal)               \
    {                                \
        literal, sizeof(literal) - 1 \
    }

static const struct {
    const char *reason;
    struct slice stream;
    const char *events;
} rows[] = {
    {"one event",                                  BYTES("data: a\n\n"),                                        "=a|"        },
    {"no blank after the colon, or two",           BYTES("data:a\n\ndata:  b\n\n"),                             "=a|= b|"    },
    {"CR LF and lone CR end lines, too",           BYTES("data: a\r\n\r\ndata: b\r\rdata: c\n\r\n"),
     "=a|=b|=c|"                                                                                                             },
    {"data lines are joined",                      BYTES("data: a\ndata: b\ndata:\n\n"),                        "=a\nb\n|"   },
    {"comments and blank lines are no events",     BYTES(": keep-alive\n\n\n:\ndata: a\n: x\n\n"),
     "=a|"                                                                                                                   },
    {"an event's name ends with it",               BYTES("event: error\ndata: a\n\ndata: b\n\n"),               "error=a|=b|"},
    {"a name without data is no event",            BYTES("event: ping\n\ndata: a\n\n"),                         "=a|"        },
    {"other fields are skipped",                   BYTES("id: 7\nretry: 10\nnonsense\n{\"a\":1}\ndata: a\n\n"),
     "=a|"                                                                                                                   },
    {"a field without a colon has an empty value", BYTES("data\n\n"),                                           "=|"         },
    {"a byte order mark at the very beginning",
     BYTES("\xEF\xBB\xBF"
           "data: a\n\n"),
     "=a|"                                                                                                                   },
    {"the last blank line is missing",             BYTES("data: a\n\ndata: b\n"),                               "=a|=b|"     },
    {"half a line at the end is none",             BYTES("data: a\n\ndata: {\"choi"),                           "=a|"        },
    {"NUL and UTF-8 are data",                     BYTES("data: \0\xC3\xA9\n\n"),                               NULL         },
    {"nothing",                                    BYTES(""),                                                   ""           },
};

static void feed(struct sse *s, struct slice bytes, size_t first, size_t size, struct buf *out)
{
    sse_feed(s, slice_sub(bytes, 0, first), note, out);
    for (bytes = slice_from(bytes, first); bytes.n > 0; bytes = slice_from(bytes, size))
        sse_feed(s, slice_sub(bytes, 0, size), note, out);
    sse_end(s, note, out);
    assert_false(sse_failed(s));
}

static struct buf events_of(struct slice stream, size_t first, size_t size)
{
    struct sse s;
    struct buf out;
    sse_init(&s, 1024);
    buf_init(&out, 4096);
    feed(&s, stream, first, size, &out);
    sse_free(&s);
    return out;
}

static void every_split_of_the_bytes_gives_the_same_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice stream = rows[i].stream;
        struct slice expected = rows[i].events ? slice_of(rows[i].events) : S("=\0\xC3\xA9|");
        print_message("%s\n", rows[i].reason);
        for (size_t first = 0; first <= stream.n; first++) {
            for (size_t size = 1; size <= 4; size++) {
                struct buf out = events_of(stream, first, size);
                assert_true(slice_eq(buf_view(&out), expected));
                buf_free(&out);
            }
        }
    }
}

static void comments_and_blank_lines_are_no_progress(void **state)
{
    (void)state;
    static const struct {
        const char *piece;
        bool progress;
    } pieces[] = {
        {"\n\r\n",       false},
        {":",            false},
        {" keep-ali",    false},
        {"ve: data",     false},
        {"\n: x\n\n",    false},
        {"d",            true },
        {"ata: a\n",     true },
        {"\n",           false},
        {": x\ndata: b", true },
    };
    struct sse s;
    struct buf out;
    sse_init(&s, 64);
    buf_init(&out, 64);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        print_message("%s\n", pieces[i].piece);
        assert_int_equal(sse_feed(&s, slice_of(pieces[i].piece), note, &out), pieces[i].progress);
    }
    assert_string_equal(buf_cstr(&out), "=a|");
    buf_free(&out);
    sse_free(&s);
}

static void a_comment_may_be_longer_than_the_maximum_a_line_may_not(void **state)
{
    (void)state;
    struct sse s;
    struct buf out;
    sse_init(&s, 16);
    buf_init(&out, 64);
    for (int i = 0; i < 100; i++)
        sse_feed(&s, S(": a long comment"), note, &out);
    sse_feed(&s, S("\ndata: a\n\n"), note, &out);
    assert_false(sse_failed(&s));
    sse_feed(&s, S("data: 12345678901234567890\n\n"), note, &out);
    assert_true(sse_failed(&s));
    sse_free(&s);
    sse_feed(&s, S("data: 1234567890\ndata: 1234567890\n\n"), note, &out);
    assert_true(sse_failed(&s));
    assert_string_equal(buf_cstr(&out), "=a|");
    buf_free(&out);
    sse_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_split_of_the_bytes_gives_the_same_events),
        cmocka_unit_test(comments_and_blank_lines_are_no_progress),
        cmocka_unit_test(a_comment_may_be_longer_than_the_maximum_a_line_may_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
