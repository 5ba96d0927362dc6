/*
 * Thoughts that have fallen into a loop: most of their word 6-grams have been there before.
 * Ordinary repetition (a structure used again, a sentence quoted) stays far below the default.
 */
#include <string.h>

#include "filters/filter.h"
#include "filters/words.h"

enum { MAX_SHARE, MIN_WORDS };

#define GRAM 6
#define SLOTS 8192 /* a power of two; 64 KiB on the stack */

static const struct filter_option options[] = {
    [MAX_SHARE] = {"max", 0.7, 0, 1, "largest share of word 6-grams that were there before"},
    [MIN_WORDS] = {"min_words", 200, 0, 1e9, "texts with fewer words are not looked at"},
    {0},
};

/* The grams seen of late; a loop longer than half the slots is none that a model falls into. */
struct seen {
    size_t slots; /* a power of two, as many as the text can need */
    size_t n;
    uint64_t grams[SLOTS]; /* 0: free; only the first `slots` are used */
};

/* A word has a byte and one that parts it from the next. */
static void clear(struct seen *s, size_t text_bytes)
{
    for (s->slots = 64; s->slots < SLOTS && s->slots < text_bytes; s->slots *= 2)
        ;
    memset(s->grams, 0, s->slots * sizeof s->grams[0]);
    s->n = 0;
}

/* add(s, gram): false when it was there already. */
static bool add(struct seen *s, uint64_t gram)
{
    gram += gram == 0;
    if (s->n == s->slots / 2)
        clear(s, s->slots);
    size_t at = (size_t)gram & (s->slots - 1);
    while (s->grams[at] != 0 && s->grams[at] != gram)
        at = (at + 1) & (s->slots - 1);
    if (s->grams[at] == gram)
        return false;
    s->grams[at] = gram;
    s->n++;
    return true;
}

static uint64_t gram_ending(const uint64_t *last, size_t word)
{
    uint64_t h = 0;
    for (size_t i = word + 1 - GRAM; i <= word; i++)
        h = words_mix(h, last[i % GRAM]);
    return h;
}

static bool is_loop(struct slice text, double max, double min_words)
{
    struct seen seen;
    clear(&seen, text.n);
    struct words w = words_of(text);
    uint64_t last[GRAM];
    size_t n = 0, grams = 0, repeated = 0;
    for (; words_next(&w, &last[n % GRAM]); n++) {
        if (n + 1 < GRAM)
            continue;
        grams++;
        repeated += !add(&seen, gram_ending(last, n));
    }
    return (double)n >= min_words && (double)repeated > max * (double)grams;
}

static bool keep(const double *settings, const struct filter_view *view)
{
    const struct trace *trace = view->trace;
    return !is_loop(trace->thought, settings[MAX_SHARE], settings[MIN_WORDS]) &&
           !is_loop(trace->answer, settings[MAX_SHARE], settings[MIN_WORDS]);
}

#define TIMES_5(text) text text text text text
#define TIMES_55(text) TIMES_5(text) TIMES_5(TIMES_5(text)) TIMES_5(TIMES_5(text))
#define PROSE                                                                                      \
    "The first answer adds the apples before it takes away those that were eaten, which is what "  \
    "the question asks for; its sum is right and it names the unit. The second one forgets a day " \
    "and so ends with a number that is too small by three. "
#define CHINESE "\xE6\x88\x91\xE6\x83\xB3\xE4\xB8\x80\xE6\x83\xB3" /* four characters */

static const struct filter_case cases[] = {
    FILTER_CASE(PROSE, "[[A]]", "min_words=10", true, "prose"),
    FILTER_CASE(PROSE PROSE, "[[A]]", "min_words=10", true, "a paragraph said twice is no loop"),
    FILTER_CASE(TIMES_55("wait, let me think again. "), "[[A]]", "", false, "a loop"),
    FILTER_CASE(TIMES_55("Wait, LET me\nthink  again. "), "[[A]]", "", false,
                "a loop, whatever case and white space"),
    FILTER_CASE(PROSE TIMES_55("wait, let me think again. "), "[[A]]", "", false,
                "a loop after some prose"),
    FILTER_CASE(TIMES_5("wait, let me think again. "), "[[A]]", "", true,
                "too short to be looked at"),
    FILTER_CASE(TIMES_5("wait, let me think again. "), "[[A]]", "min_words=20", false,
                "unless asked for"),
    FILTER_CASE(TIMES_55("wait, let me think again. "), "[[A]]", "max=1", true,
                "a share is never over 1"),
    FILTER_CASE(PROSE PROSE, "[[A]]", "max=0.1 min_words=10", false, "a stricter share"),
    FILTER_CASE("short", TIMES_55("[[A]] or [[B]] or yet "), "", false, "a loop in the answer"),
    FILTER_CASE(TIMES_55(TIMES_5(CHINESE)), "[[A]]", "", false,
                "a loop in a script without spaces"),
    FILTER_CASE(TIMES_55("abcdefghabcdefghabcdefgh"), "[[A]]", "min_words=15", false,
                "a loop without any white space"),
    FILTER_CASE("", "", "min_words=0", true, "nothing at all"),
    FILTER_CASE("one two three", "[[A]]", "min_words=0 max=0", true, "too few words for one gram"),
};

const struct filter filter_repetition = {
    .name = "repetition",
    .help = "rejects texts that have fallen into a loop",
    .scope = FILTER_ROLLOUT,
    .options = options,
    .keep = keep,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
