#include "filters/words.h"

#define LONGEST_WORD 64 /* bytes; longer ones are cut into pieces */

struct words words_of(struct slice text)
{
    return (struct words){text};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ideograph(s): bytes of the character at the start when it is from U+3000 on, otherwise 0. */
static size_t ideograph(struct slice s)
{
    unsigned char c = (unsigned char)s.p[0];
    size_t n = c >= 0xF0 ? 4 : c >= 0xE3 ? 3 : 0;
    return n < s.n ? n : n == 0 ? 0 : s.n;
}

/* word_length(s): of the word that s begins with; s is not empty and begins with no white space. */
static size_t word_length(struct slice s)
{
    size_t n = ideograph(s);
    if (n > 0)
        return n;
    while (n < s.n && n < LONGEST_WORD && !is_space(s.p[n]) && ideograph(slice_from(s, n)) == 0)
        n++;
    return n;
}

uint64_t words_mix(uint64_t a, uint64_t b)
{
    uint64_t x = (a ^ (b >> 32)) * 0x9E3779B97F4A7C15u + b; /* then the finish of splitmix64 */
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

uint64_t words_hash(struct slice word)
{
    uint64_t h = 0xCBF29CE484222325u; /* FNV-1a */
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        unsigned char folded = (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        h = (h ^ folded) * 0x100000001B3u;
    }
    return words_mix(h, word.n);
}

bool words_next_text(struct words *w, struct slice *word)
{
    while (w->rest.n > 0 && is_space(w->rest.p[0]))
        w->rest = slice_from(w->rest, 1);
    if (w->rest.n == 0)
        return false;
    *word = slice_sub(w->rest, 0, word_length(w->rest));
    w->rest = slice_from(w->rest, word->n);
    return true;
}

bool words_next(struct words *w, uint64_t *hash)
{
    struct slice word;
    if (!words_next_text(w, &word))
        return false;
    *hash = words_hash(word);
    return true;
}
