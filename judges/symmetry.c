#include "judges/symmetry.h"

#include <stdlib.h>

#define LINES_MAX_BYTES ((size_t)64 << 20)

struct symmetry_line {
    int line;
    uint64_t words, mirrored;
};

void symmetry_init(struct symmetry *s)
{
    *s = (struct symmetry){.waiting = -1};
    buf_init(&s->lines, LINES_MAX_BYTES);
}

void symmetry_free(struct symmetry *s)
{
    buf_free(&s->lines);
}

/* FNV-1a with a finish that spreads short words over all bits, since sums of these are compared. */
static uint64_t hash_of(struct slice word, uint64_t place)
{
    uint64_t h = 0xcbf29ce484222325u ^ place;
    for (size_t i = 0; i < word.n; i++)
        h = (h ^ (unsigned char)word.p[i]) * 0x100000001b3u;
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
    return h ^ h >> 32;
}

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* ---- what follows a letter ---- */

static void follow(struct symmetry *s, uint64_t word)
{
    struct symmetry_followers *f = &s->of[s->waiting];
    if (f->n < SYMMETRY_LETTERS)
        f->words[f->n++] = word;
    s->waiting = -1;
}

static void follow_freely(struct symmetry *s)
{
    s->of[s->waiting].free++;
    s->waiting = -1;
}

static bool is_one_of(struct slice word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_is(word, words[i]))
            return true;
    return false;
}

/* A letter waits over brackets and quotation marks for the word, or the end of the sentence. */
static void pass_waiting(struct symmetry *s, struct slice word, uint64_t hash)
{
    static const char *const joins[] = {"or", "and", "nor", "with", "versus", "vs", "und", "oder",
                                        "et", "ou",  "y",   "o",    "e",      ",",  "/",   "&",
                                        "|",  "和",  "或",  "与",   "及",     "跟", "、",  "，"};
    static const char *const ends[] = {".", ";", ":", "?", "!", "。", "；", "：", "？", "！"};
    if (s->waiting < 0)
        return;
    if (is_one_of(word, joins, sizeof joins / sizeof joins[0]))
        follow_freely(s);
    else if (is_one_of(word, ends, sizeof ends / sizeof ends[0]))
        follow(s, 0);
    else if (((unsigned char)word.p[0] & 0x80) || is_letter_or_digit(word.p[0]))
        follow(s, hash);
}

/* Every follower of A must be one of B, apart from those that are free. */
static bool followers_agree(const struct symmetry_followers *a, const struct symmetry_followers *b)
{
    bool taken[SYMMETRY_LETTERS] = {false};
    int met = 0;
    if (a->n == SYMMETRY_LETTERS || b->n == SYMMETRY_LETTERS)
        return true;
    for (int i = 0; i < a->n; i++) {
        int j = 0;
        while (j < b->n && (taken[j] || a->words[i] != b->words[j]))
            j++;
        if (j == b->n)
            continue;
        taken[j] = true;
        met++;
    }
    return a->n - met <= b->free && b->n - met <= a->free;
}

/* ---- lines ---- */

static void end_line(struct symmetry *s)
{
    if (s->waiting >= 0)
        follow(s, 0);
    if (s->bag != s->mirrored_bag) {
        struct symmetry_line line = {s->line, s->words, s->mirrored};
        buf_add(&s->lines, &line, sizeof line);
    } else if (!followers_agree(&s->of[0], &s->of[1]) && !s->uneven) {
        s->uneven = s->line;
    }
    s->words = s->mirrored = s->bag = s->mirrored_bag = 0;
    s->of[0] = s->of[1] = (struct symmetry_followers){0};
}

static void begin_line(struct symmetry *s, int line)
{
    if (line == s->line)
        return;
    end_line(s);
    s->line = line;
    s->sentence_begins = true;
}

static void add(struct symmetry *s, uint64_t word, uint64_t mirrored)
{
    s->words = s->words * 0x100000001b3u + word;
    s->mirrored = s->mirrored * 0x100000001b3u + mirrored;
    s->bag += word;
    s->mirrored_bag += mirrored;
}

/* An answer that is set in more than the other is told by its place. */
static void add_space(struct symmetry *s, char space)
{
    uint64_t bag = s->bag, mirrored_bag = s->mirrored_bag;
    add(s, (unsigned char)space, (unsigned char)space);
    s->bag = bag;
    s->mirrored_bag = mirrored_bag;
    s->after_underscore = false;
}

/* A run of ASCII letters and digits, or one code point. */
static size_t word_length(struct slice text)
{
    size_t n = 0;
    while (n < text.n && is_letter_or_digit(text.p[n]))
        n++;
    if (n)
        return n;
    n = 1;
    while (n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* What is said of somebody called A; before any other word, at the beginning of a sentence, "A" is
 * the article. */
static bool is_said_of_somebody(struct slice word)
{
    static const char *const said[] = {
        "always",  "and",    "are",   "as",     "beats", "because", "but",     "can",   "comes",
        "does",    "first",  "for",   "gets",   "goes",  "had",     "has",     "if",    "in",
        "is",      "loses",  "looks", "may",    "means", "might",   "more",    "must",  "never",
        "nor",     "not",    "of",    "often",  "on",    "only",    "or",      "over",  "rather",
        "scores",  "seems",  "shall", "should", "tends", "than",    "then",    "to",    "unless",
        "usually", "versus", "vs",    "was",    "when",  "where",   "whereas", "which", "while",
        "will",    "win",    "wins",  "with",   "would", "deserves"};
    return is_one_of(word, said, sizeof said / sizeof said[0]);
}

static bool is_article(const struct symmetry *s, struct slice rest)
{
    char small[16];
    if (!s->sentence_begins || !slice_starts(rest, S("A ")))
        return false;
    struct slice next = slice_from(rest, 2);
    next.n = next.n ? word_length(next) : 0;
    for (size_t i = 0; i < next.n && i < sizeof small; i++) {
        small[i] = (char)(next.p[i] | 32);
        if (small[i] < 'a' || small[i] > 'z')
            return false;
    }
    return next.n > 1 && next.n <= sizeof small &&
           !is_said_of_somebody((struct slice){small, next.n});
}

/* 0 for A, 1 for B, else -1; `rest` begins with the word. A small letter counts only as in
 * answer_a: "a" is a word. */
static int letter_of(const struct symmetry *s, struct slice word, struct slice rest)
{
    if (word.n != 1 || is_article(s, rest))
        return -1;
    char c = word.p[0];
    if (s->after_underscore && (c == 'a' || c == 'b'))
        return c - 'a';
    return c == 'A' || c == 'B' ? c - 'A' : -1;
}

static void add_word(struct symmetry *s, struct slice word, struct slice rest, uint64_t place)
{
    static const char *const ends[] = {".", "!", "?", ":"};
    uint64_t hash = hash_of(word, place);
    int letter = letter_of(s, word, rest);
    if (letter < 0) {
        pass_waiting(s, word, hash);
        add(s, hash, hash);
    } else {
        const char other = (char)(word.p[0] ^ 'A' ^ 'B');
        if (s->waiting >= 0)
            follow_freely(s);
        s->waiting = letter;
        add(s, hash, hash_of((struct slice){&other, 1}, place));
    }
    s->after_underscore = slice_is(word, "_");
    if (is_letter_or_digit(word.p[0]))
        s->sentence_begins = false;
    else if (is_one_of(word, ends, sizeof ends / sizeof ends[0]))
        s->sentence_begins = true;
}

void symmetry_text(struct symmetry *s, struct slice text, int line, uint64_t place)
{
    begin_line(s, line);
    while (text.n) {
        size_t n = word_length(text);
        if (text.p[0] == '\n')
            begin_line(s, ++line);
        else if (slice_trim(slice_sub(text, 0, n)).n)
            add_word(s, slice_sub(text, 0, n), text, place);
        else
            add_space(s, text.p[0]);
        text = slice_from(text, n);
    }
}

void symmetry_hole(struct symmetry *s, struct slice name, int line, uint64_t place)
{
    begin_line(s, line);
    struct slice mirror = slice_is(name, "answer_a")   ? S("answer_b")
                          : slice_is(name, "answer_b") ? S("answer_a")
                                                       : name;
    add(s, hash_of(name, ~place), hash_of(mirror, ~place));
    s->after_underscore = s->sentence_begins = false;
}

/* ---- lines that name one letter must come in pairs ---- */

static int by_words(const void *x, const void *y)
{
    const struct symmetry_line *a = x, *b = y;
    if (a->words != b->words)
        return a->words < b->words ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static int by_mirrored(const void *x, const void *y)
{
    const struct symmetry_line *a = x, *b = y;
    if (a->mirrored != b->mirrored)
        return a->mirrored < b->mirrored ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

/* The first line whose mirror is no line; 0: none. `all` and `mirrors` hold the same lines. */
static int first_alone(struct symmetry_line *all, struct symmetry_line *mirrors, size_t n)
{
    int alone = 0;
    qsort(all, n, sizeof *all, by_words);
    qsort(mirrors, n, sizeof *mirrors, by_mirrored);
    for (size_t i = 0, j = 0; j < n;) {
        while (i < n && all[i].words < mirrors[j].mirrored)
            i++;
        bool met = i < n && all[i].words == mirrors[j].mirrored;
        if (!met && (!alone || mirrors[j].line < alone))
            alone = mirrors[j].line;
        i += met;
        j++;
    }
    return alone;
}

int symmetry_broken(struct symmetry *s, int *line, bool *both, struct err *e)
{
    begin_line(s, s->line + 1);
    if (!buf_ok(&s->lines, "a template's lines", e))
        return -1;
    size_t n = s->lines.n / sizeof(struct symmetry_line);
    struct symmetry_line *copies = calloc(2 * n + 1, sizeof *copies);
    if (!copies) {
        err_set(e, ERR_NOMEM, "out of memory");
        return -1;
    }
    const struct symmetry_line *all = (const void *)s->lines.p;
    for (size_t i = 0; i < n; i++)
        copies[i] = copies[n + i] = all[i];
    int alone = first_alone(copies, copies + n, n);
    free(copies);
    *both = s->uneven && (!alone || s->uneven < alone);
    *line = *both ? s->uneven : alone;
    return *line != 0;
}
