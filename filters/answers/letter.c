#include "filters/answers/letter.h"

#include <strings.h>

#include "filters/answers/wrapping.h"

#define WORDS_MAX 12 /* before the letter, and between one letter and the next */

/* A letter as it stands, and what is behind it. */
struct form {
    char letter; /* 0: none */
    bool closed; /* by a bracket, stop or colon: more may follow */
    struct slice rest;
};

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_one_of(char c, const char *set)
{
    for (; *set; set++)
        if (*set == c)
            return true;
    return false;
}

/* The word at the beginning of s, when it is one of these. */
static size_t word_at(struct slice s, const char *const *words)
{
    size_t n = 0;
    while (n < s.n && (is_letter(s.p[n]) || s.p[n] == '\''))
        n++;
    for (; *words; words++)
        if (slice_of(*words).n == n && n && strncasecmp(s.p, *words, n) == 0)
            return n;
    return 0;
}

static struct slice skip_lead(struct slice s)
{
    static const char *const words[] = {"the",    "option", "choice",  "answer", "letter", "is",
                                        "final",  "right",  "best",    "i",      "choose", "pick",
                                        "select", "my",     "correct", 0};
    for (int i = 0; i < WORDS_MAX; i++) {
        size_t n = word_at(s, words);
        bool blank = n < s.n && is_one_of(s.p[n], " \t:\n");
        if (n == 0 || !blank || (n == 1 && s.p[n] != ' '))
            break;
        struct slice rest = slice_trim(slice_from(s, n));
        if (slice_starts(rest, S(":")))
            rest = slice_trim(slice_from(rest, 1));
        if (n == 1 && word_at(rest, words) == 0)
            break; /* "I" may be the letter itself */
        s = rest;
    }
    return s;
}

/* A letter with its brackets at the beginning of s: the letter alone needs an end behind it. */
static struct form form_at(struct slice s)
{
    struct form f = {0};
    size_t wrapped = wrapping_close(s);
    struct slice inner = wrapping_off(slice_sub(s, 0, wrapped), WRAP_ALL & ~(unsigned)WRAP_STOP);
    if (wrapped && inner.n && inner.n < 8) {
        f = form_at(inner);
        f.letter = f.rest.n ? 0 : f.letter;
        f.closed = true;
        f.rest = slice_from(s, wrapped);
        return f;
    }
    size_t i = s.n && is_one_of(s.p[0], "([{");
    if (i >= s.n || !is_letter(s.p[i]))
        return f;
    size_t end = i + 1;
    bool bracket = end < s.n && is_one_of(s.p[end], ")]}");
    if (i && !bracket)
        return f;
    end += bracket;
    f.closed = bracket;
    if (end < s.n && is_one_of(s.p[end], ".:")) {
        f.closed = true;
        end++;
    }
    if (!f.closed && end < s.n && !is_one_of(s.p[end], " \t\n,;/&+-"))
        return f;
    f.letter = (char)(s.p[i] & ~0x20);
    f.rest = slice_from(s, end);
    return f;
}

static struct slice skip_joints(struct slice s)
{
    static const char *const words[] = {"and", "or", "but", "also", 0};
    for (int i = 0; i < WORDS_MAX; i++) {
        s = slice_trim(s);
        size_t n = s.n && is_one_of(s.p[0], ",;/&+") ? 1 : word_at(s, words);
        if (n == 0)
            break;
        s = slice_from(s, n);
    }
    return s;
}

/* "A, B", "A and B", "(A) (C)": is another letter chosen, too? A sentence that begins with the word
 * "A" is none. */
static bool goes_on_with_letter(struct slice rest)
{
    struct form f = form_at(skip_joints(rest));
    if (!f.letter)
        return false;
    struct slice after = slice_trim(f.rest);
    return f.closed || after.n == 0 || is_one_of(after.p[0], ",;/&+") ||
           skip_joints(after).n < after.n;
}

/* Behind an open letter a reason may stand, but no word that the letter would belong to. */
static bool explains(struct slice rest)
{
    static const char *const words[] = {"because", "since", "as", "for", 0};
    rest = slice_trim(rest);
    return rest.n == 0 || rest.p[0] == '-' || rest.p[0] == ',' || rest.p[0] == ';' ||
           word_at(rest, words) > 0;
}

char letter_read(struct slice text, bool bare)
{
    struct slice s = skip_lead(wrapping_off(text, WRAP_ALL & ~(unsigned)WRAP_STOP));
    s = wrapping_off(s, WRAP_ALL & ~(unsigned)WRAP_STOP);
    struct form f = form_at(s);
    struct slice rest = slice_trim(f.rest);
    if (!f.letter)
        return 0;
    if (rest.n == 1 && (rest.p[0] == '.' || rest.p[0] == ':'))
        rest.n = 0;
    if (bare && rest.n)
        return 0;
    if (rest.n && (goes_on_with_letter(rest) || (!f.closed && !explains(rest))))
        return 0;
    return f.letter;
}
