#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/command.c"
#include "cli/page.c"
#include "cli/segment_view.c"

#define SEGMENT(origin, step, part, bytes, verdict)                                       \
    "{\"origin\":\"" origin "\",\"step\":" step ",\"part\":\"" part "\",\"bytes\":" bytes \
    ",\"verdict\":\"" verdict "\"}"

static const struct {
    const char *reason, *thought, *answer, *segments;
    size_t max_lines;
    const char *shown;
} rows[] = {
    {"one call wrote it all", "a\nb", "[[A]]", "", 0,
     "   thought:\n      a\n      b\n   answer:\n      [[A]]\n"},
    {"no thought", "", "[[A]]", "", 0, "   answer:\n      [[A]]\n"},
    {"no answer", "a", "", "", 0, "   thought:\n      a\n   answer: none\n"},
    {"a cue between two calls", "It is A.\n\nWait, no.", "[[B]]",
     "[" SEGMENT("teacher", "0", "thought", "8", "A") "," SEGMENT(
         "cue", "1", "thought", "6", "B") "," SEGMENT("teacher", "1", "thought", "5",
                                                      "B") "," SEGMENT("teacher", "1", "answer",
                                                                       "5", "B") "]",
     0,
     "   thought:\n"
     "   > the teacher at first, which came to: A\n      It is A.\n"
     "   > cue of step 1:\n      Wait\n"
     "   > the teacher in step 1, which came to: B\n      , no.\n"
     "   answer:\n      [[B]]\n"},
    {"each piece is cut to its first lines", "a\nb\nc", "[[A]]", "", 1,
     "   thought:\n      a\n      ... 2 more lines\n   answer:\n      [[A]]\n"},
    {"segments of another text are passed over", "abc", "",
     "[" SEGMENT("cue", "1", "thought", "2", "A") "]", 0,
     "   thought:\n      abc\n   answer: none\n"},
    {"what is no list of segments, too", "abc", "", "{", 0,
     "   thought:\n      abc\n   answer: none\n"},
};

static void cues_are_set_off_and_nothing_is_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        buf_init(&out, 4096);
        segment_view_text(&out, slice_of(rows[i].thought), slice_of(rows[i].answer),
                          slice_of(rows[i].segments), rows[i].max_lines);
        print_message("%s\n", rows[i].reason);
        assert_string_equal(buf_cstr(&out), rows[i].shown);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cues_are_set_off_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
