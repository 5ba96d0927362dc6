/*
 * Thoughts that argue for the side they reject. What the thought says last about which answer is
 * better must be the verdict. Praise and blame of each answer are counted, too, by the words used:
 * weaker evidence, which rejects only from a margin on, and from twice that when the thought says
 * in so many words that its verdict is meant. After a cue only what follows the last one counts.
 */
#include "filters/filter.h"
#include "judges/quotation.h"
#include "judges/sentence.h"
#include "judges/stance.h"
#include "judges/stance_words.h"

enum { MARGIN };

static const struct filter_option options[] = {
    [MARGIN] =
        {"margin", 4, 0, 1000,
         "so much more praise of the rejected answer speaks against a trace; 0: not counted"},
    {0},
};

/* Sorted within each list. */
static const char *const praise[] = {
    "accurate", "clear",   "complete", "convincing", "correct", "correctly", "excellent", "good",
    "helpful",  "precise", "right",    "solid",      "sound",   "strong",    "thorough",  "valid",
};
static const char *const blame[] = {
    "confused",    "confuses", "error",      "errors",    "fails",    "false",      "flaw",
    "flawed",      "forgets",  "inaccurate", "incorrect", "invalid",  "misleading", "misreads",
    "misses",      "missing",  "mistake",    "mistaken",  "mistakes", "omits",      "overlooks",
    "unsupported", "vague",    "weak",       "wrong",
};
static const char *const denial[] = {"any", "didn't", "doesn't", "isn't",  "never",
                                     "no",  "not",    "nothing", "without"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define REACH 3 /* words after a denial that it still denies */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* A word may begin a sentence. */
static bool is_in(struct slice word, const char *const *list, size_t n)
{
    char first = lower(word.p[0]);
    for (size_t i = 0; i < n && list[i][0] <= first; i++)
        if (list[i][0] == first && slice_eq(slice_from(word, 1), slice_of(list[i] + 1)))
            return true;
    return false;
}

/* Praise minus blame of A and of B. */
struct balance {
    int of[2];
};

struct counting {
    struct balance *balance;
    enum verdict subject;
    int denied; /* for so many words */
};

static void count_word(struct counting *c, struct word w)
{
    int sign = 0;
    if (w.class == WORD_SIDE)
        c->subject = w.side;
    if (w.text.n == 0 || w.class == WORD_SIDE)
        return;
    if (is_in(w.text, denial, COUNT(denial))) {
        c->denied = REACH + 1;
    } else if (c->subject == VERDICT_A || c->subject == VERDICT_B) {
        sign = is_in(w.text, praise, COUNT(praise)) - is_in(w.text, blame, COUNT(blame));
        c->balance->of[c->subject == VERDICT_B] += c->denied > 0 ? -sign : sign;
    }
    c->denied -= c->denied > 0;
}

/* What stands in quotation marks is not the judge's. */
static void count_sentence(struct balance *balance, struct slice sentence)
{
    struct counting c = {.balance = balance, .subject = VERDICT_NONE};
    struct quotations quoted = quotations_of(sentence);
    struct quotation q;
    for (size_t at = 0; at < sentence.n; at = q.end) {
        if (!quotations_next(&quoted, &q))
            q.begin = q.end = sentence.n;
        struct stance_words words = stance_words_of(slice_sub(sentence, at, q.begin - at));
        for (struct word w; (w = stance_words_next(&words)).class != WORD_END;)
            count_word(&c, w);
    }
}

/* What follows the last cue; all of it when there was none. */
static struct slice last_part(const struct filter_view *view)
{
    size_t at = 0, end = 0;
    for (size_t i = 0; i < view->n_segments && !view->segments[i].in_answer; i++) {
        at += view->segments[i].bytes;
        if (view->segments[i].origin == ORIGIN_CUE)
            end = at;
    }
    return slice_from(view->trace->thought, end);
}

static enum verdict last_stance(struct slice thought)
{
    struct sentences all = sentences_of(thought);
    enum verdict side = VERDICT_NONE;
    for (struct slice sentence; sentences_next(&all, &sentence);) {
        struct stance s = stance_of(sentence);
        if (s.firm && s.side != VERDICT_NONE)
            side = s.side;
    }
    return side;
}

static bool keep(const double *settings, const struct filter_view *view)
{
    if (view->verdict != VERDICT_A && view->verdict != VERDICT_B)
        return true;
    struct slice text = last_part(view);
    enum verdict said = last_stance(view->trace->thought);
    if (said == VERDICT_A || said == VERDICT_B) {
        if (said != view->verdict)
            return false;
    }
    struct balance b = {{0, 0}};
    struct sentences all = sentences_of(text);
    for (struct slice sentence; sentences_next(&all, &sentence);)
        count_sentence(&b, sentence);
    int against = view->verdict == VERDICT_A ? b.of[1] - b.of[0] : b.of[0] - b.of[1];
    double margin = settings[MARGIN] * (said == view->verdict ? 2 : 1);
    return settings[MARGIN] <= 0 || against < margin;
}

#define ROW(t, v, o, k, w)                                                                    \
    {                                                                                         \
        .thought = (t), .answer = "", .options = (o), .keep = (k), .why = (w), .verdict = (v) \
    }
#define PRAISE_A "A is correct and clear. A is thorough and sound. B is wrong. "

static const struct filter_case cases[] = {
    ROW("A adds the numbers, B forgets one. So A is better.", 'A', "", true,
        "it says what it means"),
    ROW("A adds the numbers, B forgets one. So A is better.", 'B', "", false, "it says the other"),
    ROW("At first A is better. Wait, the sum is off. So B is better.", 'B', "", true,
        "the last word counts"),
    ROW("A is better written. The rest decides.", 'B', "", true, "one aspect is no preference"),
    ROW("Is A better?", 'B', "", true, "a question is none"),
    ROW("The user wrote \"A is better.\" and that is all.", 'B', "", true, "nor is a quotation"),
    ROW(PRAISE_A, 'A', "", true, "praise of the verdict's side"),
    ROW(PRAISE_A, 'B', "", false, "praise of the other side"),
    ROW(PRAISE_A, 'B', "margin=9", true, "below the margin"),
    ROW(PRAISE_A, 'B', "margin=0", true, "not counted"),
    ROW(PRAISE_A "Still, B is better.", 'B', "", true, "said in so many words: twice the margin"),
    ROW("A is not correct and never clear. A is not thorough, not sound. B is without any error.",
        'B', "", true, "denied praise is blame"),
    ROW("", 'A', "", true, "no thought"),
    ROW("So both are equally good.", 'A', "", true, "a tie rejects nobody"),
};

const struct filter filter_sides = {
    .name = "sides",
    .help = "rejects thoughts that argue for the side they reject",
    .scope = FILTER_ROLLOUT,
    .options = options,
    .keep = keep,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
