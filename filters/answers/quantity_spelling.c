#include "filters/answers/quantity_spelling.h"

#include <string.h>
#include <strings.h>

#include "filters/answers/wrapping.h"

/* Longer ones before those they begin with; what is not here stays. */
static const struct {
    const char *from, *to;
} spellings[] = {
    {"\\left", ""},
    {"\\right", ""},
    {"\\!", ""},
    {"\\,", " "},
    {"\\;", " "},
    {"\\:", " "},
    {"\\ ", " "},
    {"\\quad", " "},
    {"~", " "},
    {"{,}", ","},
    {"{.}", "."},
    {"\\$", "$"},
    {"\\%", "%"},
    {"\\dfrac", "\\frac"},
    {"\\tfrac", "\\frac"},
    {"\\cfrac", "\\frac"},
    {"\\times", "*"},
    {"\\cdot", "*"},
    {"\\approx", "\xe2\x89\x88"},
    {"\\pounds", "\xc2\xa3"},
    {"\\euro", "\xe2\x82\xac"},
    {"^\\circ", " degree "},
    {"^{\\circ}", " degree "},
    {"\\degree", " degree "},
    {"\\circ", " degree "},
    {"\\colon", ":"},
    {"\\textdollar", "$"},
    {"\xc2\xb0", " degree "}, /* ° */
    {"\xc2\xa0", " "},        /* blanks that do not break */
    {"\xe2\x80\x89", " "},
    {"\xe2\x80\xaf", " "},
    {"\xe2\x88\x92", "-"}, /* − */
    {"\xe2\x80\x93", "-"}, /* – */
    {"\xc3\x97", "*"},     /* × */
    {"\xc2\xb7", "*"},     /* · */
    {"\xe2\x8b\x85", "*"}, /* ⋅ */
    {"\xe2\x88\xb6", ":"}, /* ∶ */
    {"\xef\xbc\x85", "%"}, /* ％ */
    {"\xe2\x81\x84", "/"}, /* ⁄ */
    {"\xc2\xbd", " 1/2 "},
    {"\xc2\xbc", " 1/4 "},
    {"\xc2\xbe", " 3/4 "},
    {"\xe2\x85\x93", " 1/3 "},
    {"\xe2\x85\x94", " 2/3 "},
    {"\xe2\x85\x9b", " 1/8 "},
    {"\xe2\x81\xbb", "^-"},
    {"\xe2\x81\xb0", "^0"},
    {"\xc2\xb9", "^1"},
    {"\xc2\xb2", "^2"},
    {"\xc2\xb3", "^3"},
    {"\xe2\x81\xb4", "^4"},
    {"\xe2\x81\xb5", "^5"},
    {"\xe2\x81\xb6", "^6"},
    {"\xe2\x81\xb7", "^7"},
    {"\xe2\x81\xb8", "^8"},
    {"\xe2\x81\xb9", "^9"},
};

static const char *const groups[] = {"\\text",   "\\mathrm", "\\mbox",
                                     "\\textbf", "\\mathbf", "\\textrm",
                                     "\\mathit", "\\textit", "\\operatorname"};

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* \text{ and its like at the beginning of s: bytes up to and with the brace. */
static size_t group_opening(struct slice s)
{
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        size_t n = strlen(groups[i]);
        if (!slice_starts(s, slice_of(groups[i])))
            continue;
        while (n < s.n && s.p[n] == ' ')
            n++;
        if (n < s.n && s.p[n] == '{')
            return n + 1;
    }
    return 0;
}

/* A superscript behind another continues it: 10⁻³ is 10^-3. */
static void add(struct buf *out, const char *to)
{
    static const char digits[] = "0123456789-";
    bool power = to[0] == '^' && to[1] && strchr(digits, to[1]) && !to[2];
    bool goes_on = power && out->n >= 2 && strchr(digits, out->p[out->n - 1]) &&
                   (out->p[out->n - 2] == '^' || (out->n >= 3 && out->p[out->n - 3] == '^'));
    buf_str(out, goes_on ? to + 1 : to);
}

static size_t spelling_at(struct slice s, struct buf *out)
{
    if (is_letter(s.p[0]) || (s.p[0] >= '0' && s.p[0] <= '9'))
        return 0; /* none begins so */
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        struct slice from = slice_of(spellings[i].from);
        bool command = from.p[0] == '\\' && is_letter(from.p[from.n - 1]);
        if (!slice_starts(s, from) || (command && from.n < s.n && is_letter(s.p[from.n])))
            continue;
        add(out, spellings[i].to);
        return from.n;
    }
    return 0;
}

void quantity_spelling(struct slice text, struct buf *out)
{
    int open = 0; /* groups whose brace is left out */
    for (size_t i = 0; i < text.n;) {
        struct slice s = slice_from(text, i);
        size_t n = group_opening(s);
        if (n) {
            open++;
            buf_char(out, ' ');
        } else if (open && s.p[0] == '}') {
            open--;
            buf_char(out, ' ');
            n = 1;
        } else {
            n = spelling_at(s, out);
            if (n == 0) {
                buf_char(out, s.p[0]);
                n = 1;
            }
        }
        i += n;
    }
}

/* ---- words ---- */

static const struct {
    const char *word;
    unsigned long value;
} numbers[] = {
    {"zero", 0},          {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
    {"five", 5},          {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
    {"ten", 10},          {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
    {"fifteen", 15},      {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
    {"twenty", 20},       {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
    {"seventy", 70},      {"eighty", 80},  {"ninety", 90},    {"hundred", 100}, {"thousand", 1000},
    {"million", 1000000},
};

static bool find_word(struct slice word, unsigned long *value)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        *value = numbers[i].value;
        if (strlen(numbers[i].word) == word.n && strncasecmp(numbers[i].word, word.p, word.n) == 0)
            return true;
    }
    return false;
}

static struct slice take_word(struct slice *s)
{
    size_t from = 0, to;
    while (from < s->n && (s->p[from] == ' ' || s->p[from] == '-'))
        from++;
    for (to = from; to < s->n && is_letter(s->p[to]); to++)
        ;
    struct slice word = slice_sub(*s, from, to - from);
    *s = slice_from(*s, to);
    return word;
}

/* Units take the place of an empty one, tens that of two: "twenty one" is a number, "one twenty"
 * and "two three" are not. */
bool quantity_words(struct slice text, unsigned long *value)
{
    unsigned long total = 0, part = 0, v = 0, room = 1000, top = 1000000000;
    int words = 0;
    for (struct slice rest = slice_trim(text); slice_trim(rest).n; words++) {
        struct slice word = take_word(&rest);
        if (word.n == 3 && strncasecmp(word.p, "and", 3) == 0 && words > 0)
            continue;
        if (words == 12 || !find_word(word, &v))
            return false;
        if (v == 100 && part > 0 && part < 10 && room == 1) {
            part *= 100;
            room = 100;
        } else if (v >= 1000 && part > 0 && v < top) {
            total += part * v;
            top = v;
            part = 0;
            room = 1000;
        } else if (v < 100 && v < room && (words == 0 || v > 0)) {
            part += v;
            room = v >= 20 ? 10 : 1;
        } else {
            return false;
        }
    }
    *value = total + part;
    return words > 0;
}
