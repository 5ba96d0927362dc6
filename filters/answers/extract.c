#include "filters/answers/extract.h"

#include <string.h>

#include "filters/answers/extract_hits.h"
#include "filters/answers/letter.h"
#include "judges/trace.h"

#define NAME(name, text, help) text,
#define HELP(name, text, help) help,
static const char *const reason_names[] = {EXTRACT_REASONS(NAME)};
static const char *const reason_helps[] = {EXTRACT_REASONS(HELP)};
#undef NAME
#undef HELP

const char *extract_reason_name(enum extract_reason reason)
{
    return reason_names[reason];
}

const char *extract_reason_help(enum extract_reason reason)
{
    return reason_helps[reason];
}

struct extract_how extract_how(enum answer_kind kind, enum extract_style style,
                               const struct answer_rules *rules)
{
    bool other = kind == ANSWER_KIND_REGEX || kind == ANSWER_KIND_EXEC;
    kind = kind == ANSWER_KIND_AUTO ? ANSWER_KIND_MATH : kind;
    return (struct extract_how){
        .style = style,
        .kind = kind,
        .same = checker_find(answer_kind_name(other ? ANSWER_KIND_TEXT : kind)),
        .rules = *rules,
    };
}

/* In running text "the answer is" may go on with anything: it must then look like an answer. */
static bool accepts_letter(struct slice s)
{
    return letter_read(s, false) != 0;
}

static bool accepts_number(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9')
            return true;
    return false;
}

static bool accepts_words(struct slice s)
{
    return s.n > 0 && !slice_starts(s, S("not "));
}

/* A formula, or one word. */
static bool accepts_formula(struct slice s)
{
    bool signs = s.n && (memchr(s.p, '\\', s.n) || memchr(s.p, '=', s.n) || memchr(s.p, '^', s.n));
    return s.n > 0 && (accepts_number(s) || signs || !memchr(s.p, ' ', s.n));
}

static void find_sentences(const struct extract_how *how, struct slice text, struct hits *h)
{
    hits_sentences(text,
                   how->kind == ANSWER_KIND_CHOICE   ? accepts_letter
                   : how->kind == ANSWER_KIND_NUMBER ? accepts_number
                   : how->kind == ANSWER_KIND_MATH   ? accepts_formula
                                                     : accepts_words,
                   h);
}

/* A last line that is nothing but a letter. */
static void find_letter(struct slice text, struct hits *h)
{
    struct slice line = hits_last_line(text);
    if (letter_read(line, true))
        hits_add(h, line, line);
}

/* The surer a place, the earlier it is asked; the first that has something is heard. */
static void find_auto(const struct extract_how *how, struct slice text, struct hits *h)
{
    hits_boxes(text, h);
    if (!h->n && !h->malformed)
        hits_hashes(text, true, h);
    if (!h->n && !h->malformed)
        hits_lines(text, h);
    if (!h->n && !h->malformed && how->kind != ANSWER_KIND_CHOICE)
        hits_a(text, h);
    if (!h->n && !h->malformed)
        find_sentences(how, text, h);
    if (!h->n && !h->malformed && how->kind == ANSWER_KIND_CHOICE)
        find_letter(text, h);
}

static void find(const struct extract_how *how, struct slice text, struct hits *h)
{
    switch (how->style) {
    case EXTRACT_BOXED:
        hits_boxes(text, h);
        return;
    case EXTRACT_HASHES:
        hits_hashes(text, false, h);
        return;
    case EXTRACT_ANSWER_LINE:
        hits_lines(text, h);
        if (!h->n && how->kind != ANSWER_KIND_CHOICE)
            hits_a(text, h);
        if (!h->n)
            find_sentences(how, text, h);
        return;
    case EXTRACT_AUTO:
    case EXTRACT_LAST_NUMBER:
    case EXTRACT_STYLE_COUNT:
        find_auto(how, text, h);
        if (!h->n && !h->malformed && how->style == EXTRACT_LAST_NUMBER)
            hits_number(text, h);
        return;
    }
}

static bool agree(const struct extract_how *how, const struct hits *h)
{
    struct answer_result r;
    for (size_t i = 0; i < h->n; i++) {
        if (slice_eq(h->spellings[i], h->last))
            continue;
        if (!how->same)
            return false;
        how->same->compare(&how->rules, h->last, h->spellings[i], &r);
        if (r.verdict != ANSWER_EQUAL)
            return false;
    }
    return !h->many;
}

struct extracted extract_answer(const struct extract_how *how, struct slice text,
                                struct slice reasoning, enum finish finish)
{
    struct hits h = {0};
    struct trace t = trace_split(text, reasoning, reasoning.n ? THOUGHT_REASONING : THOUGHT_ABSENT,
                                 finish);
    if (finish == FINISH_LENGTH || finish == FINISH_CONTENT_FILTER || t.unclosed)
        return (struct extracted){.reason = ANSWER_TRUNCATED};
    find(how, t.answer, &h);
    if (h.malformed || h.last.n > ANSWER_MAX)
        return (struct extracted){.reason = ANSWER_MALFORMED};
    if (h.n == 0)
        return (struct extracted){.reason = ANSWER_NO_ANSWER};
    if (!agree(how, &h))
        return (struct extracted){.reason = ANSWER_CONFLICTING};
    return (struct extracted){ANSWER_FOUND, h.last, h.last_place};
}
