/*
 * Quotations that are none. What a thought puts into quotation marks must stand word for word in
 * the answer that it is credited to; what is credited to nobody, in any text the judge was shown.
 * To whom a quotation is credited is read from its sentence: the answer named last before it, or
 * right after it ("in B"); a sentence that says what an answer lacks credits nothing to it.
 */
#include "filters/filter.h"
#include "filters/verbatim.h"
#include "filters/words.h"
#include "judges/quotation.h"
#include "judges/sentence.h"
#include "judges/stance_words.h"

enum { MIN_CHARS, MIN_WORDS, SHARE };

#define MOST 256 /* quotations of one thought that are looked at: they bound the time */

static const struct filter_option options[] = {
    [MIN_CHARS] = {"min_chars", 12, 1, 1000, "shorter quotations are not looked at (bytes)"},
    [MIN_WORDS] = {"min_words", 2, 1, 100, "nor are those of fewer words"},
    [SHARE] = {"share", 0, 0, 1, "largest share of quotations that may be wrong"},
    {0},
};

/* What the judge was shown. */
struct shown {
    struct buf a, b, rest; /* rest: the question, the reference and the rubric */
};

static bool show(struct shown *s, const struct judge_task *task)
{
    size_t most = 3 * (chat_bytes(&task->prompt) + chat_bytes(&task->answer_a) +
                       chat_bytes(&task->answer_b) + task->reference.n + task->rubric.n) +
                  CHAT_MAX_MESSAGES + 16;
    buf_init(&s->a, most);
    buf_init(&s->b, most);
    buf_init(&s->rest, most);
    verbatim_chat(&s->a, &task->answer_a);
    verbatim_chat(&s->b, &task->answer_b);
    verbatim_chat(&s->rest, &task->prompt);
    verbatim_add(&s->rest, task->reference);
    buf_char(&s->rest, '\n');
    verbatim_add(&s->rest, task->rubric);
    return !s->a.failed && !s->b.failed && !s->rest.failed;
}

static void hide(struct shown *s)
{
    buf_free(&s->a);
    buf_free(&s->b);
    buf_free(&s->rest);
}

/* Words that keep a quotation from being the named answer's: it lacks it, or somebody asked for it.
 */
static bool parts_from(struct slice word)
{
    static const char *const words[] = {
        "ignores",  "ignored", "omits",     "omitted",   "misses",      "missed",   "lacks",
        "forgets",  "forgot",  "overlooks", "without",   "not",         "never",    "doesn't",
        "didn't",   "asked",   "asks",      "request",   "requested",   "question", "instruction",
        "prompt",   "user",    "required",  "requires",  "requirement", "should",   "instead",
        "violates", "follows", "following", "reference", "rubric",      "task",
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_is(word, words[i]))
            return true;
    return false;
}

/* The answer named last in the text, NONE when none is or what follows it parts them. */
static enum verdict named_before(struct slice text)
{
    struct stance_words words = stance_words_of(text);
    enum verdict side = VERDICT_NONE;
    bool parted = false;
    for (struct word w; (w = stance_words_next(&words)).class != WORD_END;) {
        if (w.class == WORD_SIDE) {
            side = w.side;
            parted = false;
        } else if (parts_from(w.text)) {
            parted = true;
        }
    }
    return parted ? VERDICT_NONE : side;
}

/* '"…" in B', '"…" (A)': the answer that right after a quotation is said to be its place. */
static enum verdict named_after(struct slice text)
{
    struct stance_words words = stance_words_of(text);
    struct word w = stance_words_next(&words);
    bool placed = slice_is(w.text, "in") || slice_is(w.text, "from") || slice_is(w.text, "by") ||
                  slice_is(w.text, "of") || slice_is(w.text, "(");
    for (int i = 0; placed && i < 3; i++) {
        w = stance_words_next(&words);
        if (w.class == WORD_SIDE)
            return w.side;
    }
    return VERDICT_NONE;
}

static enum verdict credited(struct slice sentence, struct quotation q)
{
    enum verdict after = named_after(slice_sub(sentence, q.end, 64));
    return after != VERDICT_NONE ? after : named_before(slice_sub(sentence, 0, q.begin));
}

static bool stands(const struct shown *s, enum verdict side, struct slice quotation)
{
    if (side == VERDICT_A)
        return verbatim_has(buf_view(&s->a), quotation);
    if (side == VERDICT_B && s->b.n > 0)
        return verbatim_has(buf_view(&s->b), quotation);
    return verbatim_has(buf_view(&s->a), quotation) || verbatim_has(buf_view(&s->b), quotation) ||
           verbatim_has(buf_view(&s->rest), quotation);
}

static bool is_long_enough(const double *settings, struct slice quotation)
{
    struct words words = words_of(quotation);
    uint64_t word;
    double n = 0;
    while (n < settings[MIN_WORDS] && words_next(&words, &word))
        n++;
    return (double)quotation.n >= settings[MIN_CHARS] && n >= settings[MIN_WORDS];
}

struct tally {
    size_t seen, wrong;
};

static void count_sentence(const double *settings, const struct shown *shown, struct slice sentence,
                           struct tally *t)
{
    struct quotations all = quotations_of(sentence);
    for (struct quotation q; t->seen < MOST && quotations_next(&all, &q);) {
        if (!is_long_enough(settings, q.inside))
            continue;
        struct buf text;
        buf_init(&text, q.inside.n * 3 + 16);
        verbatim_add(&text, q.inside);
        t->seen++;
        t->wrong += !text.failed && !stands(shown, credited(sentence, q), buf_view(&text));
        buf_free(&text);
    }
}

static bool keep(const double *settings, const struct filter_view *view)
{
    struct shown shown;
    struct tally tally = {0};
    struct sentences all = sentences_of(view->trace->thought);
    bool whole = show(&shown, view->task); /* without memory nothing can be held against it */
    for (struct slice s; whole && tally.seen < MOST && sentences_next(&all, &s);)
        count_sentence(settings, &shown, s, &tally);
    hide(&shown);
    return (double)tally.wrong <= settings[SHARE] * (double)tally.seen;
}

#define ROW(t, o, k, w)                                                                       \
    {                                                                                         \
        .thought = (t), .answer = "[[A]]", .options = (o), .keep = (k), .why = (w),           \
        .answer_a = "First, 3 + 4 = 7.\nSo **seven apples** remain \xE2\x80\x94 that’s all.", \
        .answer_b = "We count 3 + 4 = 8, so eight apples remain."                             \
    }

static const struct filter_case cases[] = {
    ROW("A is right, B is not.", "", true, "no quotation"),
    ROW("A says \"So seven apples remain\".", "", true, "word for word, emphasis left out"),
    ROW("B says \"So seven apples remain\".", "", false, "credited to the wrong answer"),
    ROW("\"So seven apples remain\" in A settles it.", "", true, "credited behind it"),
    ROW("Unlike A, \"So seven apples remain\" (B) is odd.", "", false, "behind it goes first"),
    ROW("A writes \"so seven  apples\nremain\".", "", true, "white space and the first letter"),
    ROW("A ends with “"
        "that's all."
        "”",
        "", true, "typographic marks"),
    ROW("A ends with \"remain - that's all\".", "", true, "dashes"),
    ROW("B says \"We count 3 + 4 = 7\".", "", false, "a figure was changed"),
    ROW("B says \"We count ... eight apples remain\".", "", true, "something left out"),
    ROW("B says \"eight apples ... We count 3\".", "", false, "parts in another order"),
    ROW("It says \"eight apples remain\".", "", true, "credited to nobody, there"),
    ROW("It says \"nine apples remain\".", "", false, "credited to nobody, nowhere"),
    ROW("B ignores the request to \"So seven apples remain\".", "", true,
        "what it lacks is not credited to it"),
    ROW("B calls it \"helpful\".", "", true, "too short to be looked at"),
    ROW("B calls it \"helpful\".", "min_chars=5 min_words=1", false, "unless asked for"),
    ROW("B says \"So seven apples\" and \"eight apples remain\".", "share=0.5", true,
        "half of them may be wrong"),
    ROW("B says \"So seven apples\" and \"eight apples remain\".", "share=0.4", false,
        "half of them are too many"),
};

const struct filter filter_quotes = {
    .name = "quotes",
    .help = "rejects thoughts whose quotations do not stand in the answer they are credited to",
    .scope = FILTER_ROLLOUT,
    .options = options,
    .keep = keep,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
