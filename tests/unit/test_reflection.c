/* Reflection: where a judgment is cut, what is sent, how what comes back is joined, and what counts
 * as reflecting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "judges/cue.h"
#include "judges/reflection.h"

/* ---- where it is cut ---- */

static void a_thought_is_cut_before_its_conclusion(void **state)
{
    (void)state;
    static const struct {
        const char *kept, *conclusion, *why;
    } rows[] = {
        {"A adds 3 and 4. B forgets the 4. ", "So A is better.", "a last sentence"},
        {"A adds 3 and 4. ", "So A is better. [[A]]", "two of them"},
        {"A adds 3 and 4. ", "Therefore my verdict is A. It is clear. Final answer: [[A]]",
         "a remark between two of them"},
        {"A adds 3 and 4. ", "A wins. I am sure of it.", "a remark after it"},
        {"A is better in the first part. B has the right sum. It checks it, too. And it says why.",
         "", "a preference far from the end is no conclusion"},
        {"A adds well. ", "Scores: A 8/10, B 5/10.", "scores"},
        {"A adds well. ", "<answer>[[A]]</answer>", "tags in the thought"},
        {"A adds well. Is B better?", "", "a question concludes nothing"},
        {"The sum holds.\n\n", "**Final verdict:** B", "emphasis"},
        {"回答"
         "A把"
         "3加"
         "4。",
         "因此"
         "A更好。",
         "Chinese"},
        {"", "B is better.", "nothing but the conclusion"},
        {"", "", "nothing"},
        {"It says \"B is better.\" and that is a claim.", "", "a quotation concludes nothing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s", rows[i].kept, rows[i].conclusion);
        size_t cut = reflection_cut(slice_of(text));
        if (cut != strlen(rows[i].kept))
            fail_msg("%s: cut at %zu, not %zu, of '%s'", rows[i].why, cut, strlen(rows[i].kept),
                     text);
    }
}

static const char *const pieces[] = {
    "A is better. ", "So B wins.\n", "The sum is 12. ", "Wait, ",      "let me check. ",
    "[[A]] ",        "\"B is",       "better\" ",       "\n\n",        "因此",
    "B更好。",       "</think>",     "<think>\n",       "7/10 ",       "score: ",
    "x. ",           "<answer>",     "\xFF\x80",        "I am sure. ", "A "};

static void add_text(struct buf *b, struct rng *rng, uint64_t most)
{
    for (uint64_t i = rng_below(rng, most); i > 0; i--)
        buf_str(b, pieces[rng_below(rng, sizeof pieces / sizeof pieces[0])]);
    if (rng_below(rng, 8) == 0)
        buf_char(b, '\0');
}

/* More conclusions in a row than are looked at from the end on. */
static void a_long_conclusion_is_cut_as_a_whole(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_str(&b, "The sum is 12. ");
    for (int i = 0; i < 300; i++)
        buf_str(&b, i % 3 ? "A is better. " : "I am sure. ");
    assert_int_equal(reflection_cut(buf_view(&b)), strlen("The sum is 12. I am sure. "));
    buf_str(&b, "It is short. It is dull. It is long.");
    assert_int_equal(reflection_cut(buf_view(&b)), b.n);
    buf_free(&b);
}

static void cutting_again_cuts_nothing_more(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 11);
    for (int i = 0; i < 6000; i++) {
        struct buf b;
        buf_init(&b, 4096);
        add_text(&b, &rng, 20);
        struct slice text = buf_view(&b);
        struct slice once = slice_sub(text, 0, reflection_cut(text));
        assert_int_equal(reflection_cut(once), once.n);
        struct slice trimmed = slice_trim(once);
        assert_int_equal(reflection_cut(trimmed), trimmed.n);
        buf_free(&b);
    }
}

/* ---- what is sent ---- */

static struct message asked_messages[] = {
    {{"system", 6}, {"Judge.", 6}},
    {{"user", 4}, {"Which is better, A or B?", 24}},
};
static const struct chat asked = {asked_messages, 2};

static struct history rollout(const char *thought, const char *answer)
{
    struct trace t = {.thought = slice_of(thought), .answer = slice_of(answer)};
    struct history h;
    history_begin(&h, &t, FORMAT_VERDICT, 100);
    history_settle(&h, 0, VERDICT_A);
    return h;
}

static struct slice last_content(const struct reflection_request *r)
{
    return r->chat.messages[r->chat.n - 1].content;
}

static void assert_text(struct slice got, const char *expect)
{
    if (!slice_is(got, expect))
        fail_msg("'" SLICE_FMT "' is not '%s'", SLICE_ARG(got), expect);
}

static void a_prefill_is_the_thought_up_to_its_conclusion_and_the_cue(void **state)
{
    (void)state;
    static const struct {
        enum ask ask;
        const char *prefill;
    } rows[] = {
        {ASK_CONTINUE, "<think>\nA adds well. B does not.\n\nWait,"},
        {ASK_CLOSE, "<think>\nA adds well. B does not. So A is better.\n</think>\n\n"},
        {ASK_RECHECK, "<think>\nA adds well. B does not.\n</think>\n\n"},
    };
    static const enum continuation hows[] = {CONTINUATION_TRAILING, CONTINUATION_FLAG,
                                             CONTINUATION_PREFIX};
    struct history h = rollout("A adds well. B does not. So A is better.",
                               "<answer>[[A]]</answer>");
    for (size_t i = 0; i < 9; i++) {
        struct arena arena;
        struct reflection_request r;
        struct err e;
        arena_init(&arena, 1 << 20);
        assert_true(reflection_render(&asked, &h, rows[i / 3].ask, S("Wait,"), hows[i % 3], &r,
                                      &arena, &e));
        assert_int_equal(r.chat.n, 3);
        assert_int_equal(r.how, hows[i % 3]);
        assert_true(slice_eq(r.chat.messages[1].content, asked_messages[1].content));
        assert_text(r.chat.messages[2].role, "assistant");
        assert_text(last_content(&r), rows[i / 3].prefill);
        assert_true(slice_eq(r.prefill, last_content(&r)));
        arena_free(&arena);
    }
}

static void without_prefill_the_cue_is_a_further_turn(void **state)
{
    (void)state;
    struct history h = rollout("A adds well. So A is better.", "<answer>[[A]]</answer>");
    struct arena arena;
    struct reflection_request r;
    struct err e;
    arena_init(&arena, 1 << 20);
    assert_true(reflection_render(&asked, &h, ASK_CONTINUE, S("Hold on."), CONTINUATION_TURN, &r,
                                  &arena, &e));
    assert_int_equal(r.chat.n, 4);
    assert_text(r.chat.messages[2].role, "assistant");
    /* without tags, for templates take what is tagged as a thought out of earlier turns */
    assert_text(r.chat.messages[2].content,
                "A adds well. So A is better.\n\n<answer>[[A]]</answer>");
    assert_text(r.chat.messages[3].role, "user");
    assert_true(slice_starts(last_content(&r), S("Hold on.\n\nGo on thinking")));
    assert_int_equal(r.prefill.n, 0);
    assert_true(reflection_render(&asked, &h, ASK_CONTINUE, S("等等，"), CONTINUATION_TURN, &r,
                                  &arena, &e));
    assert_true(slice_find(last_content(&r), S("格式")) != SIZE_MAX);
    assert_true(
        reflection_render(&asked, &h, ASK_RECHECK, S(""), CONTINUATION_TURN, &r, &arena, &e));
    assert_text(r.chat.messages[2].content, "A adds well.");
    assert_true(slice_starts(last_content(&r), S("That is enough thinking.")));
    arena_free(&arena);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct history h = rollout("A adds well.", "");
    struct arena arena;
    struct reflection_request r;
    struct err e;
    arena_init(&arena, 16);
    assert_false(
        reflection_render(&asked, &h, ASK_CLOSE, S(""), CONTINUATION_TRAILING, &r, &arena, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    arena_free(&arena);
}

/* ---- how it is joined ---- */

struct joined {
    struct arena arena;
    struct history h;
    struct trace trace;
};

static void join(struct joined *j, const struct history *h, enum ask ask, enum continuation how,
                 uint8_t step, struct slice content, struct slice reasoning)
{
    struct reflection_request r;
    struct err e;
    struct slice cue = ask == ASK_CONTINUE ? S("Wait,") : S("");
    arena_init(&j->arena, 8 << 20);
    assert_true(reflection_render(&asked, h, ask, cue, how, &r, &j->arena, &e));
    const struct reflection_came came = {.content = content,
                                         .reasoning = reasoning,
                                         .field = THOUGHT_REASONING_CONTENT,
                                         .finish = FINISH_STOP,
                                         .completion_tokens = 7};
    if (!reflection_join(h, ask, cue, &r, step, &came, &j->h, &j->trace, &j->arena, &e))
        fail_msg("%s", e.text);
}

#define OLD "A adds well. B does not."

static void what_comes_back_reads_as_one_thought(void **state)
{
    (void)state;
    static const struct {
        enum ask ask;
        enum continuation how;
        const char *content, *reasoning, *thought, *answer;
        bool unclosed;
        const char *why;
    } rows[] = {
        {ASK_CONTINUE, CONTINUATION_FLAG, " 3 + 4 is 7.\n</think>\n\n[[B]]", "",
         OLD "\n\nWait, 3 + 4 is 7.", "[[B]]", false, "the continuation alone"},
        {ASK_CONTINUE, CONTINUATION_TRAILING,
         "<think>\n" OLD "\n\nWait, 3 + 4 is 7.\n</think>\n\n[[B]]", "",
         OLD "\n\nWait, 3 + 4 is 7.", "[[B]]", false, "the prefill repeated"},
        {ASK_CONTINUE, CONTINUATION_TRAILING, "[[B]]", OLD "\n\nWait, 3 + 4 is 7.",
         OLD "\n\nWait, 3 + 4 is 7.", "[[B]]", false, "the prefill repeated in a field of its own"},
        {ASK_CONTINUE, CONTINUATION_FLAG, "[[B]]", "3 + 4 is 7.", OLD "\n\nWait, 3 + 4 is 7.",
         "[[B]]", false, "the continuation in a field of its own, its space lost"},
        {ASK_CONTINUE, CONTINUATION_FLAG, "[[B]]", "\n3 + 4 is 7.", OLD "\n\nWait,\n3 + 4 is 7.",
         "[[B]]", false, "a line of its own"},
        {ASK_CONTINUE, CONTINUATION_FLAG, "<think>\nI look again.\n</think>[[B]]", "",
         OLD "\n\nWait, I look again.", "[[B]]", false, "thinking anew"},
        {ASK_CONTINUE, CONTINUATION_FLAG, " but 3 + 4", "", OLD "\n\nWait, but 3 + 4", "", true,
         "a thought that never ends"},
        {ASK_CONTINUE, CONTINUATION_FLAG, "", "", OLD "\n\nWait,", "", true, "nothing"},
        {ASK_CONTINUE, CONTINUATION_FLAG, "</think>[[B]]", "", OLD "\n\nWait,", "[[B]]", false,
         "closed at once"},
        {ASK_CONTINUE, CONTINUATION_TRAILING, "<think>\n" OLD "\n\nWai", "",
         OLD "\n\nWait, " OLD "\n\nWai", "", true, "half a prefill is none"},
        {ASK_CONTINUE, CONTINUATION_TURN, "<think>\n3 + 4 is 7.\n</think>\n[[B]]", "",
         OLD "\n\nWait, 3 + 4 is 7.", "[[B]]", false, "a turn, with tags"},
        {ASK_CONTINUE, CONTINUATION_TURN, "[[B]]", "3 + 4 is 7.", OLD "\n\nWait, 3 + 4 is 7.",
         "[[B]]", false, "a turn, with a field"},
        {ASK_CONTINUE, CONTINUATION_TURN, "[[B]]", "", OLD "\n\nWait,", "[[B]]", false,
         "a turn without a thought"},
        {ASK_CONTINUE, CONTINUATION_TURN, "<think>\n" OLD "\n\nWait, 3 + 4 is 7.</think>[[B]]", "",
         OLD "\n\nWait, 3 + 4 is 7.", "[[B]]", false, "a turn that says all of it again"},
        {ASK_CLOSE, CONTINUATION_FLAG, "[[A]]", "", OLD " So A is better.", "[[A]]", false,
         "the answer alone"},
        {ASK_CLOSE, CONTINUATION_TRAILING, "<think>\n" OLD " So A is better.\n</think>\n\n[[A]]",
         "", OLD " So A is better.", "[[A]]", false, "closed, repeated"},
        {ASK_CLOSE, CONTINUATION_TRAILING, "<think>\n" OLD " So A is better.\n</think>\n[[A]]", "",
         OLD " So A is better.", "[[A]]", false, "repeated with other white space"},
        {ASK_CLOSE, CONTINUATION_FLAG, "<think>No.</think>[[B]]", "", OLD " So A is better.\n\nNo.",
         "[[B]]", false, "thinking anew all the same"},
        {ASK_RECHECK, CONTINUATION_FLAG, "[[A]]", "", OLD, "[[A]]", false,
         "judged without the hint"},
        {ASK_RECHECK, CONTINUATION_TURN, "[[A]]", "Right.", OLD "\n\nRight.", "[[A]]", false,
         "judged without the hint, in a turn"},
    };
    struct history h = rollout(OLD " So A is better.", "[[A]]");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct joined j;
        join(&j, &h, rows[i].ask, rows[i].how, 1, slice_of(rows[i].content),
             slice_of(rows[i].reasoning));
        if (!slice_is(j.h.thought, rows[i].thought) || !slice_is(j.h.answer, rows[i].answer))
            fail_msg("%s: '" SLICE_FMT "' and '" SLICE_FMT "'", rows[i].why, SLICE_ARG(j.h.thought),
                     SLICE_ARG(j.h.answer));
        assert_int_equal(j.trace.unclosed, rows[i].unclosed);
        assert_true(slice_eq(j.trace.thought, j.h.thought));
        assert_true(slice_eq(j.trace.answer, j.h.answer));
        assert_true(segments_fit(j.h.segments, j.h.n, j.h.thought.n, j.h.answer.n));
        assert_int_equal(j.h.tokens, 107);
        arena_free(&j.arena);
    }
}

static void segments_say_who_wrote_what_and_how_it_stood(void **state)
{
    (void)state;
    struct history h = rollout(OLD " So A is better.", "[[A]]");
    struct joined one, two;
    join(&one, &h, ASK_CONTINUE, CONTINUATION_FLAG, 1,
         S(" no. B adds, too. So B wins.</think>[[B]]"), S(""));
    history_settle(&one.h, 1, VERDICT_B);
    join(&two, &one.h, ASK_CONTINUE, CONTINUATION_FLAG, 2, S(" yes, 3 + 4 = 7.</think>[[B]]"),
         S(""));
    history_settle(&two.h, 2, VERDICT_B);
    static const struct {
        enum origin origin;
        const char *text;
        uint8_t step;
        enum verdict verdict;
    } expect[] = {
        {ORIGIN_TEACHER, OLD, 0, VERDICT_A},
        {ORIGIN_CUE, "\n\nWait,", 1, VERDICT_B},
        {ORIGIN_TEACHER, " no. B adds, too.", 1, VERDICT_B},
        {ORIGIN_CUE, "\n\nWait,", 2, VERDICT_B},
        {ORIGIN_TEACHER, " yes, 3 + 4 = 7.", 2, VERDICT_B},
        {ORIGIN_TEACHER, "[[B]]", 2, VERDICT_B},
    };
    size_t at = 0;
    assert_int_equal(two.h.n, 6);
    for (size_t i = 0; i < two.h.n; i++) {
        const struct segment *s = &two.h.segments[i];
        struct slice whole = s->in_answer ? two.h.answer : two.h.thought;
        assert_text(slice_sub(whole, s->in_answer ? 0 : at, s->bytes), expect[i].text);
        assert_int_equal(s->origin, expect[i].origin);
        assert_int_equal(s->step, expect[i].step);
        assert_int_equal(s->verdict, expect[i].verdict);
        assert_int_equal(s->in_answer, i == 5);
        at += s->bytes;
    }
    assert_int_equal(two.h.first, VERDICT_A);
    assert_int_equal(two.h.verdict, VERDICT_B);
    assert_int_equal(two.h.tokens, 114);
    arena_free(&one.arena);
    arena_free(&two.arena);
}

/* A second cue after one that was answered with a bare conclusion takes nothing of the first. */
static void a_cue_is_never_cut_away(void **state)
{
    (void)state;
    struct history h = rollout("B is better.", "[[B]]");
    struct joined one, two;
    join(&one, &h, ASK_CONTINUE, CONTINUATION_FLAG, 1, S(" B is better.</think>[[B]]"), S(""));
    assert_text(one.h.thought, "B is better.\n\nWait, B is better.");
    join(&two, &one.h, ASK_CONTINUE, CONTINUATION_FLAG, 2, S(" A wins.</think>[[A]]"), S(""));
    assert_text(two.h.thought, "B is better.\n\nWait, B is better.\n\nWait, A wins.");
    arena_free(&one.arena);
    arena_free(&two.arena);
}

/* Whatever bytes come, in whatever field: lengths add up, the cue stands where it should. */
static void joins_of_any_bytes_add_up(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 5);
    for (int i = 0; i < 1500; i++) {
        struct buf first, content, reasoning;
        buf_init(&first, 4096);
        buf_init(&content, 4096);
        buf_init(&reasoning, 4096);
        add_text(&first, &rng, 12);
        struct trace t = trace_split(buf_view(&first), S(""), THOUGHT_ABSENT, FINISH_STOP);
        struct joined steps[3];
        struct history h;
        history_begin(&h, &t, FORMAT_VERDICT, 1);
        for (uint8_t step = 1; step <= 3; step++) {
            struct joined *j = &steps[step - 1];
            buf_clear(&content);
            buf_clear(&reasoning);
            add_text(&content, &rng, 12);
            if (rng_below(&rng, 2))
                add_text(&reasoning, &rng, 8);
            enum ask ask = (enum ask)(ASK_CONTINUE + rng_below(&rng, 3));
            enum continuation how = (enum continuation)(CONTINUATION_TURN + rng_below(&rng, 4));
            join(j, &h, ask, how, step, buf_view(&content), buf_view(&reasoning));
            j->h.answer = arena_dup(&j->arena, j->h.answer);
            assert_true(segments_fit(j->h.segments, j->h.n, j->h.thought.n, j->h.answer.n));
            assert_int_equal(j->h.tokens, 1 + 7 * step);
            h = j->h;
        }
        for (int k = 0; k < 3; k++)
            arena_free(&steps[k].arena);
        buf_free(&first);
        buf_free(&content);
        buf_free(&reasoning);
    }
}

/* ---- what counts ---- */

static void cues_are_known_at_the_beginning_of_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *sentence;
        bool is_cue;
    } rows[] = {
        {"Wait, that is off.", true},
        {"wait", true},
        {"**Wait**, no.", true},
        {"Waiters wait.", false},
        {"Wait for the user.", false},
        {"Hold on.", true},
        {"Actually, 3 + 4 = 7.", true},
        {"On second thought, no.", true},
        {"Hmm.", true},
        {"Hmmm", false},
        {"Let me double-check the sum.", true},
        {"Let me solve it.", false},
        {"However, let me re-read it.", true},
        {"However, A is longer.", false},
        {"等等，"
         "A错了",
         true},
        {"再检查一下", true},
        {"等于"
         "7",
         false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((cue_length(slice_of(rows[i].sentence)) > 0) != rows[i].is_cue)
            fail_msg("'%s'", rows[i].sentence);
}

#define DRAFT "A says that 5 + 8 is 12. B says 13. Both name the unit."

static void only_something_new_counts(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        bool is_new;
        const char *why;
    } rows[] = {
        {DRAFT, "", false, "nothing"},
        {DRAFT, "</think>", false, "a tag"},
        {DRAFT, "Let me check. Yes, that is right.", false, "the announcement"},
        {DRAFT, "Let me go over the two answers once more with care.", false,
         "a long announcement"},
        {DRAFT, "Both name the unit. B says 13.", false, "what was there"},
        {DRAFT, "B says 13, and both name the unit.", false, "what was there, in other order"},
        {DRAFT, "So B is better.", false, "a conclusion"},
        {DRAFT, "Therefore, after checking it all again, I choose B.", false, "a long conclusion"},
        {DRAFT, "8 + 5 = 13.", true, "a computation of known numbers"},
        {DRAFT, "The sum is 14.", true, "a number that was not there"},
        {DRAFT, "A writes \"five and eight\" in words.", true, "a quotation"},
        {DRAFT, "A never shows how it came to its sum, which hides the slip.", true, "a sentence"},
        {"I give A 7 and B 5.", "I give A 5 and B 8.", true, "changed scores"},
        {"I give A 7 and B 5.", "I give A 7 and B 5.", false, "the same scores"},
        {DRAFT, "Fine. Good. Right.", false, "short words"},
        {"", DRAFT, true, "all of it"},
        {"回答"
         "A说"
         "5加"
         "8是"
         "12。",
         "回答"
         "A说"
         "5加"
         "8是"
         "12。",
         false, "Chinese, the same"},
        {"回答"
         "A说"
         "5加"
         "8是"
         "12。",
         "它忘记了进位。", true, "Chinese, something else"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (reflection_is_new(slice_of(rows[i].before), slice_of(rows[i].after)) != rows[i].is_new)
            fail_msg("%s: '%s'", rows[i].why, rows[i].after);
}

static void a_reflection_is_a_cue_that_something_new_follows(void **state)
{
    (void)state;
    static const struct {
        const char *before, *reflection, *why;
        bool found;
    } rows[] = {
        {DRAFT " ", "Wait, 8 + 5 = 13.", "at once", true},
        {DRAFT " ", "Hmm. Let me see. 8 + 5 = 13.", "a little later", true},
        {DRAFT "\n\n", "Wait, let me check. Yes, that is right. So B is better.", "the word alone",
         false},
        {DRAFT " ", "So I wait. 8 + 5 = 13.", "within a sentence", false},
        {"", "Wait, 8 + 5 = 13.", "with nothing before it", false},
        {DRAFT " ", "8 + 5 = 13.", "no cue", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s", rows[i].before, rows[i].reflection);
        size_t expect = rows[i].found ? strlen(rows[i].before) : SIZE_MAX;
        if (reflection_found(slice_of(text)) != expect)
            fail_msg("%s", rows[i].why);
    }
}

static void cues_are_the_projects_or_of_the_seeds_language(void **state)
{
    (void)state;
    static const char *const own[] = {"One,", "Two,"};
    assert_text(reflection_cue(own, 2, S("zh"), 4), "One,");
    assert_text(reflection_cue(own, 2, S("zh"), 5), "Two,");
    for (uint64_t salt = 0; salt < 20; salt++) {
        struct slice english = reflection_cue(NULL, 0, S("en-GB"), salt);
        struct slice chinese = reflection_cue(NULL, 0, S("zh-Hans"), salt);
        assert_true((unsigned char)english.p[0] < 0x80 && (unsigned char)chinese.p[0] >= 0xE3);
        assert_true(cue_length(english) > 0 && cue_length(chinese) > 0);
        assert_true(slice_eq(english, reflection_cue(NULL, 0, S(""), salt)));
        assert_false(reflection_is_new(S(DRAFT), english));
        assert_int_equal(slice_trim(english).n, english.n);
    }
}

static void long_thoughts_are_read_in_bounded_time(void **state)
{
    (void)state;
    static const char *const units[] = {"Wait, ", "Wait. ", "[[A]] ", "A is better. ",
                                        "\"",     "1+",     "等等"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct buf b;
        buf_init(&b, 4 << 20);
        while (b.n < (1 << 20))
            buf_str(&b, units[i]);
        assert_true(reflection_cut(buf_view(&b)) <= b.n);
        size_t found = reflection_found(buf_view(&b));
        assert_true(found == SIZE_MAX || found < b.n);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thought_is_cut_before_its_conclusion),
        cmocka_unit_test(a_long_conclusion_is_cut_as_a_whole),
        cmocka_unit_test(cutting_again_cuts_nothing_more),
        cmocka_unit_test(a_prefill_is_the_thought_up_to_its_conclusion_and_the_cue),
        cmocka_unit_test(without_prefill_the_cue_is_a_further_turn),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(what_comes_back_reads_as_one_thought),
        cmocka_unit_test(segments_say_who_wrote_what_and_how_it_stood),
        cmocka_unit_test(a_cue_is_never_cut_away),
        cmocka_unit_test(joins_of_any_bytes_add_up),
        cmocka_unit_test(cues_are_known_at_the_beginning_of_a_sentence),
        cmocka_unit_test(only_something_new_counts),
        cmocka_unit_test(a_reflection_is_a_cue_that_something_new_follows),
        cmocka_unit_test(cues_are_the_projects_or_of_the_seeds_language),
        cmocka_unit_test(long_thoughts_are_read_in_bounded_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
