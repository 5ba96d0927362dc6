#include "filters/answers/extract_hits.h"

#include <string.h>
#include <strings.h>

#include "filters/answers/wrapping.h"

/* Bytes of an answer within a line of running text: the search goes no further, which keeps it
 * linear however often a text begins one. */
#define SENTENCE_MAX 1024
#define BARE_MAX 256 /* of a box without braces */

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static struct slice skip_blanks(struct slice s)
{
    size_t i = 0;
    while (i < s.n && is_blank(s.p[i]))
        i++;
    return slice_from(s, i);
}

void hits_add(struct hits *h, struct slice answer, struct slice place)
{
    answer = wrapping_off(answer, WRAP_MATH | WRAP_MARKDOWN | WRAP_BOX | WRAP_STOP);
    if (answer.n == 0)
        return;
    h->last = answer;
    h->last_place = place;
    for (size_t i = 0; i < h->n; i++)
        if (slice_eq(h->spellings[i], answer))
            return;
    if (h->n == HITS_SPELLINGS)
        h->many = true;
    else
        h->spellings[h->n++] = answer;
}

/* ---- lines ---- */

/* The next line of *text, trimmed; false at the end. */
static bool next_line(struct slice *text, struct slice *line)
{
    if (text->n == 0)
        return false;
    *line = slice_trim(slice_cut(*text, '\n', text));
    return true;
}

struct slice hits_last_line(struct slice text)
{
    text = slice_trim(text);
    size_t at = slice_rfind(text, S("\n"));
    return at == SIZE_MAX ? text : slice_trim(slice_from(text, at));
}

/* ---- boxes ---- */

/* `\boxed 12$`: up to the end of the formula, or in running text the next word. */
static size_t bare_box(struct slice s)
{
    size_t i = 0, word = SIZE_MAX;
    s = slice_sub(s, 0, BARE_MAX);
    for (; i < s.n && s.p[i] != '\n'; i++) {
        bool math_end = s.p[i] == '$' ||
                        (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == ')' || s.p[i + 1] == ']'));
        if (math_end)
            return i;
        if (word == SIZE_MAX && is_blank(s.p[i]))
            word = i;
        if (s.p[i] == '\\')
            i++;
    }
    return word != SIZE_MAX ? word : i < s.n ? i : s.n;
}

/* Nothing, or room for something. */
static bool is_hollow(struct slice s)
{
    s = wrapping_off(s, WRAP_ALL);
    for (;;) {
        static const struct slice spaces[] = {{"\\phantom", 8}, {"\\hphantom", 9}, {"\\hspace", 7},
                                              {"\\quad", 5},    {"\\qquad", 6},    {"\\,", 2},
                                              {"\\;", 2},       {"\\ ", 2},        {"~", 1},
                                              {"_", 1},         {"?", 1},          {" ", 1}};
        size_t n = 0;
        for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
            if (slice_starts(s, spaces[i]))
                n = spaces[i].n;
        if (s.n == 0)
            return true;
        if (n == 0)
            return false;
        bool takes_group = n > 6 && n < s.n && s.p[n] == '{';
        size_t end = takes_group ? wrapping_brace(s, n) : SIZE_MAX;
        s = slice_from(s, end == SIZE_MAX ? n : end + 1);
    }
}

static size_t box_name(struct slice s)
{
    size_t n = slice_starts(s, S("\\boxed")) ? 6 : slice_starts(s, S("\\fbox")) ? 5 : 0;
    return n && n < s.n && is_letter(s.p[n]) ? 0 : n;
}

void hits_boxes(struct slice text, struct hits *h)
{
    bool hollow = false;
    for (size_t i = 0; i < text.n;) {
        const char *slash = memchr(text.p + i, '\\', text.n - i);
        if (!slash)
            break;
        i = (size_t)(slash - text.p);
        size_t name = box_name(slice_from(text, i));
        if (name == 0) {
            i++;
            continue;
        }
        size_t from = text.n - skip_blanks(slice_from(text, i + name)).n, end;
        bool brace = from < text.n && text.p[from] == '{';
        if (brace) {
            end = wrapping_brace(text, from);
            if (end == SIZE_MAX) {
                h->malformed = true;
                return;
            }
        } else {
            end = from + bare_box(slice_from(text, from));
        }
        struct slice inner = slice_sub(text, from + brace, end - from - brace);
        if (is_hollow(inner))
            hollow = true;
        else
            hits_add(h, inner, slice_sub(text, i, end + brace - i));
        i = end + brace;
    }
    h->malformed = hollow && h->n == 0;
}

/* ---- running text ---- */

static size_t colon(struct slice s)
{
    const struct slice wide = S("\xef\xbc\x9a");
    return slice_starts(s, S(":")) ? 1 : slice_starts(s, wide) ? wide.n : 0;
}

/* Behind "answer": " is", ":" or " is:"; bytes, 0 when none follows. */
static size_t link_words(struct slice s)
{
    struct slice rest = skip_blanks(s);
    size_t c = colon(rest);
    if (c == 0 && slice_starts(rest, S("is")) && rest.n > 2 && !is_letter(rest.p[2])) {
        rest = slice_from(rest, 2);
        c = colon(skip_blanks(rest));
        rest = c ? skip_blanks(rest) : rest;
        return s.n - rest.n + c;
    }
    return c ? s.n - rest.n + c : 0;
}

/* Where the sentence ends, or a clause begins that goes on with a word. */
static bool is_end(struct slice text, size_t i)
{
    struct slice s = slice_from(text, i);
    switch (s.p[0]) {
    case '\n':
        return true;
    case '.':
        return s.n == 1 || is_one_of(s.p[1], " \t\n\r");
    case ',':
        return s.n > 3 && s.p[1] == ' ' && s.p[2] >= 'a' && s.p[2] <= 'z' && s.p[3] >= 'a' &&
               s.p[3] <= 'z';
    default:
        return slice_starts(s, S("\xe3\x80\x82"));
    }
}

/* The answer that begins at `from`: what is wrapped as one piece, or else up to the end of the
 * sentence. *end is the first end behind the last answer: each byte is looked at once. */
static struct slice sentence(struct slice text, size_t from, size_t *end)
{
    size_t wrapped = wrapping_close(slice_sub(text, from, SENTENCE_MAX));
    if (wrapped)
        return slice_sub(text, from, wrapped);
    for (*end = *end < from ? from : *end; *end < text.n && !is_end(text, *end);)
        ++*end;
    return slice_sub(text, from, *end - from);
}

static size_t answer_word(struct slice text, size_t i)
{
    const struct slice word = S("answer"), chinese = S("\xe7\xad\x94\xe6\xa1\x88");
    struct slice s = slice_from(text, i);
    if (!is_one_of(s.p[0], "aA\xe7"))
        return 0;
    if (slice_starts(s, chinese))
        return chinese.n;
    bool inside = i > 0 && is_letter(text.p[i - 1]);
    return !inside && s.n >= word.n && strncasecmp(s.p, word.p, word.n) == 0 ? word.n : 0;
}

/* 答案是, 答案为 */
static size_t chinese_link(struct slice s)
{
    return slice_starts(s, S("\xe6\x98\xaf")) || slice_starts(s, S("\xe4\xb8\xba")) ? 3 : 0;
}

void hits_sentences(struct slice text, bool (*accepts)(struct slice answer), struct hits *h)
{
    size_t end = 0;
    for (size_t i = 0; i < text.n; i++) {
        size_t n = answer_word(text, i);
        if (n == 0)
            continue;
        size_t from = i + n, link = link_words(slice_from(text, from));
        if (link == 0)
            link = chinese_link(slice_from(text, from));
        if (link == 0)
            continue;
        for (from += link; from < text.n && is_one_of(text.p[from], " \t\n\r");)
            from++;
        struct slice answer = sentence(text, from, &end);
        if (answer.n < SENTENCE_MAX && accepts(wrapping_off(answer, WRAP_ALL)))
            hits_add(h, answer, slice_sub(text, i, from + answer.n - i));
        i += n - 1;
    }
}

/* ---- lines that name the answer ---- */

/* What a heading, a list or emphasis puts before the words of a line. */
static struct slice skip_marks(struct slice s, size_t *stars)
{
    *stars = 0;
    while (s.n && (is_blank(s.p[0]) || is_one_of(s.p[0], "#>*_-"))) {
        *stars += s.p[0] == '*' || s.p[0] == '_';
        s = slice_from(s, 1);
    }
    return s;
}

static size_t label_words(struct slice s)
{
    static const struct slice labels[] = {
        {"the final answer", 16},
        {"my final answer", 15},
        {"final answer", 12},
        {"the correct answer", 18},
        {"correct answer", 14},
        {"the answer", 10},
        {"answer", 6},
        {"ans", 3},
        {"\xe6\x9c\x80\xe7\xbb\x88\xe7\xad\x94\xe6\xa1\x88", 12}, /* 最终答案 */
        {"\xe7\xad\x94\xe6\xa1\x88", 6},                          /* 答案 */
    };
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (s.n >= labels[i].n && strncasecmp(s.p, labels[i].p, labels[i].n) == 0)
            return labels[i].n;
    return 0;
}

/* Emphasis that was opened before the label and ends behind the answer. */
static struct slice drop_tail(struct slice s, size_t stars)
{
    s = slice_trim(s);
    const char *first = s.n ? memchr(s.p, '*', s.n) : NULL;
    size_t tail = 0;
    while (tail < s.n && s.p[s.n - 1 - tail] == '*')
        tail++;
    bool only_tail = first && (size_t)(first - s.p) + tail == s.n;
    return only_tail && stars ? slice_trim(slice_sub(s, 0, s.n - tail)) : s;
}

/* The answer of such a line: true with what follows the label, which may be nothing: then it is on
 * the next line. */
static bool read_label(struct slice line, struct slice *answer)
{
    size_t stars, closing;
    struct slice s = skip_marks(line, &stars);
    bool heading = s.n < line.n && (stars || slice_starts(line, S("#")));
    size_t n = label_words(s);
    if (n == 0)
        return false;
    s = skip_blanks(slice_from(s, n));
    if (stars) {
        s = skip_blanks(skip_marks(s, &closing));
        stars = closing ? 0 : stars;
    }
    size_t c = colon(s);
    if (c == 0) {
        *answer = s;
        return heading && s.n == 0;
    }
    s = slice_from(s, c);
    if (stars) {
        struct slice rest = skip_blanks(s);
        while (rest.n && stars && rest.p[0] == '*') {
            rest = slice_from(rest, 1);
            stars--;
            s = rest;
        }
    }
    *answer = drop_tail(s, stars);
    return true;
}

/* A formula that stands on lines of its own begins in `line`: the rest of it is taken, too. */
static struct slice whole_formula(struct slice line, struct slice *rest)
{
    struct slice close = slice_is(line, "\\[") ? S("\\]") : S("$$");
    if (!slice_is(line, "\\[") && !slice_is(line, "$$"))
        return line;
    struct slice all = {line.p, (size_t)(rest->p + rest->n - line.p)};
    size_t end = slice_find(slice_sub(all, line.n, SENTENCE_MAX), close);
    if (end == SIZE_MAX)
        return line;
    end += line.n + close.n;
    *rest = slice_from(all, end);
    return slice_sub(all, 0, end);
}

static bool accepts_all(struct slice answer)
{
    return answer.n > 0;
}

/* "Final answer: The final answer is $5$. I hope it is correct." */
static struct slice within_sentence(struct slice answer)
{
    struct hits inner = {0};
    if (answer.n < SENTENCE_MAX)
        hits_sentences(answer, accepts_all, &inner);
    return inner.n ? inner.last : answer;
}

void hits_lines(struct slice text, struct hits *h)
{
    struct slice line, answer;
    while (next_line(&text, &line)) {
        if (!read_label(line, &answer))
            continue;
        while (answer.n == 0 && next_line(&text, &answer))
            ;
        hits_add(h, within_sentence(whole_formula(answer, &text)), line);
    }
}

void hits_hashes(struct slice text, bool last_only, struct hits *h)
{
    struct slice line, answer;
    if (last_only)
        text = hits_last_line(text);
    while (next_line(&text, &line)) {
        if (!slice_starts(line, S("####")) || slice_starts(line, S("#####")))
            continue;
        struct slice rest = slice_trim(slice_from(line, 4));
        hits_add(h, read_label(rest, &answer) && answer.n ? answer : rest, line);
    }
}

void hits_a(struct slice text, struct hits *h)
{
    struct slice line = hits_last_line(text);
    if (slice_starts(line, S("A:")))
        hits_add(h, slice_from(line, 2), line);
}

/* ---- the last number ---- */

/* A sign that is not between two things. */
static bool is_sign(struct slice text, size_t i)
{
    return text.p[i] == '-' && (i == 0 || !(is_letter(text.p[i - 1]) || is_digit(text.p[i - 1]) ||
                                            text.p[i - 1] == ')'));
}

void hits_number(struct slice text, struct hits *h)
{
    size_t end = text.n;
    while (end > 0 && !is_digit(text.p[end - 1]))
        end--;
    size_t from = end;
    while (from > 0 &&
           (is_digit(text.p[from - 1]) || (is_one_of(text.p[from - 1], ",./") && from > 1 &&
                                           is_digit(text.p[from - 2]) && is_digit(text.p[from]))))
        from--;
    if (from == end)
        return;
    if (from > 1 && text.p[from - 1] == '.' && !is_digit(text.p[from - 2]))
        from--; /* .5 */
    from -= from > 0 && is_sign(text, from - 1);
    struct slice percent = slice_from(text, end);
    end += slice_starts(percent, S("%")) ? 1 : slice_starts(percent, S("\\%")) ? 2 : 0;
    struct slice number = slice_sub(text, from, end - from);
    hits_add(h, number, number);
}
