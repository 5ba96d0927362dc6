#include "judges/novelty.h"

#include <string.h>

#include "judges/cue.h"
#include "judges/quotation.h"
#include "judges/stance.h"

#define MIN_BITS 4096
#define BITS_PER_BYTE 8
#define MIN_PAIRS 4     /* a sentence of fewer words is too short to say something */
#define MIN_QUOTATION 6 /* bytes */

enum kind { KIND_PAIR = 1, KIND_NUMBER, KIND_TERM, KIND_QUOTATION };

void novelty_init(struct novelty *n, size_t bytes)
{
    n->scored = false;
    for (n->n_bits = MIN_BITS; n->n_bits < NOVELTY_WORDS * 64 && n->n_bits / BITS_PER_BYTE < bytes;
         n->n_bits *= 2)
        ;
    memset(n->bits, 0, n->n_bits / 8);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    uint64_t x = (h ^ v) * 0x9E3779B97F4A7C15u; /* then the finish of splitmix64 */
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* add(n, kind, hash): whether it was not there. */
static bool add(struct novelty *n, enum kind kind, uint64_t hash)
{
    uint64_t h = mix(hash, (uint64_t)kind);
    bool fresh = false;
    for (int i = 0; i < 2; i++, h = h >> 32 | h << 32) {
        size_t bit = (size_t)h & (n->n_bits - 1);
        uint64_t mask = (uint64_t)1 << (bit % 64);
        fresh = fresh || !(n->bits[bit / 64] & mask);
        n->bits[bit / 64] |= mask;
    }
    return fresh;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters of a word; a character of Chinese or Japanese is a word. */
static size_t word_length(struct slice s)
{
    if ((unsigned char)s.p[0] >= 0xE3) {
        size_t n = (unsigned char)s.p[0] >= 0xF0 ? 4 : 3;
        return n < s.n ? n : s.n;
    }
    size_t n = 0;
    while (n < s.n && is_letter(s.p[n]) && (unsigned char)s.p[n] < 0xE3)
        n++;
    return n;
}

static uint64_t hash_text(struct slice s)
{
    uint64_t h = 0xCBF29CE484222325u; /* FNV-1a */
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        unsigned char folded = (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        h = (h ^ folded) * 0x100000001B3u;
    }
    return mix(h, s.n);
}

/* A number with its marks inside, without leading zeros' care: "1,234.5". */
static size_t number_length(struct slice s)
{
    size_t n = 0;
    while (n < s.n && (is_digit(s.p[n]) ||
                       ((s.p[n] == '.' || s.p[n] == ',') && n + 1 < s.n && is_digit(s.p[n + 1]))))
        n++;
    return n;
}

/* Bytes of the operator that the text begins with; 0: it begins with none. */
static size_t operator_length(struct slice s)
{
    static const char *const wide[] = {"×", "÷", "\xE2\x88\x92", "≠", "≤", "≥", "≈"};
    if ((unsigned char)s.p[0] < 0x80)
        return memchr("+-*/=<>^%", s.p[0], 9) != NULL;
    if (s.p[0] != wide[0][0] && s.p[0] != wide[2][0])
        return 0;
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (slice_starts(s, slice_of(wide[i])))
            return strlen(wide[i]);
    return 0;
}

/* What a sentence is made of: words in pairs, numbers, and calculations: rows of numbers with
 * operators between them. */
struct heard {
    uint64_t last_word, term;
    size_t pairs, fresh_pairs, operators, operands;
    bool fresh_number, fresh_term;
};

static void end_term(struct novelty *n, struct heard *h)
{
    if (h->operators > 0 && h->operands > 1)
        h->fresh_term = add(n, KIND_TERM, h->term) || h->fresh_term;
    h->term = 0;
    h->operators = h->operands = 0;
}

static size_t hear_word(struct novelty *n, struct heard *h, struct slice rest)
{
    size_t length = word_length(rest);
    uint64_t word = hash_text(slice_sub(rest, 0, length));
    if (h->last_word) {
        h->pairs++;
        h->fresh_pairs += add(n, KIND_PAIR, mix(h->last_word, word));
    }
    h->last_word = word;
    return length;
}

static size_t hear_number(struct novelty *n, struct heard *h, struct slice rest)
{
    size_t length = number_length(rest);
    uint64_t number = hash_text(slice_sub(rest, 0, length));
    h->fresh_number = add(n, KIND_NUMBER, number) || h->fresh_number;
    h->term = mix(h->term, number);
    h->operands++;
    return length;
}

static struct heard hear_words(struct novelty *n, struct slice rest)
{
    struct heard h = {0};
    while (rest.n) {
        size_t length = operator_length(rest);
        if (length > 0) {
            h.term = mix(h.term, (unsigned char)rest.p[length - 1]);
            h.operators++;
        } else if (is_digit(rest.p[0])) {
            length = hear_number(n, &h, rest);
        } else if (is_letter(rest.p[0])) {
            end_term(n, &h);
            length = hear_word(n, &h, rest);
        }
        rest = slice_from(rest, length ? length : 1);
    }
    end_term(n, &h);
    return h;
}

static bool hear_quotations(struct novelty *n, struct slice sentence)
{
    struct quotations all = quotations_of(sentence);
    bool fresh = false;
    for (struct quotation q; quotations_next(&all, &q);)
        if (q.inside.n >= MIN_QUOTATION)
            fresh = add(n, KIND_QUOTATION, hash_text(q.inside)) || fresh;
    return fresh;
}

bool novelty_hear(struct novelty *n, struct slice sentence)
{
    size_t cue = cue_length(sentence);
    bool filler = cue_is_filler(sentence);
    struct stance stance = stance_of(slice_from(sentence, cue));
    bool quotation = hear_quotations(n, sentence);
    struct heard h = hear_words(n, slice_from(sentence, cue));
    bool was_scored = n->scored;
    n->scored = n->scored || stance.scores;
    if (stance.concludes)
        return stance.scores && was_scored && h.fresh_number;
    if (quotation || h.fresh_number || h.fresh_term)
        return true;
    return !filler && h.pairs >= MIN_PAIRS && h.fresh_pairs * 2 >= h.pairs;
}
