#include "cli/sim_teacher/words.h"

#include <strings.h>

#define SHORTEST 4

static bool is_letter(char c)
{
    return (unsigned char)c >= 0x80 || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool is_inside_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

bool words_next(struct slice *rest, struct slice *word)
{
    size_t from = 0, to;
    while (from < rest->n && !is_letter(rest->p[from]))
        from++;
    for (to = from; to < rest->n && to - from < WORDS_MAX_BYTES && is_letter(rest->p[to]);)
        to++;
    if (to < rest->n)
        while (to > from && is_inside_character(rest->p[to]))
            to--;
    *word = slice_sub(*rest, from, to - from);
    *rest = slice_from(*rest, to);
    return word->n > 0;
}

bool words_tells(struct slice word)
{
    static const char *const common[] = {
        "about", "after", "also",  "been",  "before", "could", "does",   "each",  "even", "from",
        "have",  "here",  "into",  "just",  "like",   "make",  "many",   "more",  "most", "much",
        "must",  "only",  "other", "over",  "please", "same",  "should", "some",  "such", "than",
        "that",  "their", "them",  "then",  "there",  "these", "they",   "this",  "very", "were",
        "what",  "when",  "where", "which", "while",  "will",  "with",   "would", "your"};
    if (word.n < SHORTEST)
        return false;
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        struct slice c = slice_of(common[i]);
        if (c.n == word.n && strncasecmp(c.p, word.p, c.n) == 0)
            return false;
    }
    return true;
}

size_t words_count(struct slice text)
{
    struct slice word;
    size_t n = 0;
    while (words_next(&text, &word))
        n += words_tells(word);
    return n;
}

struct slice words_at(struct slice text, size_t i)
{
    struct slice word = {0};
    for (size_t n = 0; words_next(&text, &word);)
        if (words_tells(word) && n++ == i)
            break;
    return word;
}
