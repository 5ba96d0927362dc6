/*
 * Traces that mention a hint: what was told to a teacher in a second pass must not show. Words of a
 * hint that the question or the answers use themselves are not looked for.
 */
#include "filters/filter.h"

#include "base/buf.h"

enum { ALWAYS };

static const struct filter_option options[] = {
    [ALWAYS] = {"always", 1, 0, 1, "0: only of judgments that were given a hint"},
    {0},
};

/* In lower case. `topic`: a word that the material may be about; then the phrase proves nothing. */
static const struct {
    const char *phrase, *topic;
} rows[] = {
    {"the hint", "hint"},
    {"this hint", "hint"},
    {"as hinted", "hint"},
    {"hint says", "hint"},
    {"hint tells", "hint"},
    {"this note", "note"},
    {"the note says", "note"},
    {"the note above", "note"},
    {"according to the note", "note"},
    {"the given label", "label"},
    {"the provided label", "label"},
    {"the gold label", "label"},
    {"ground truth label", "label"},
    {"ground-truth label", "label"},
    {"the label says", "label"},
    {"the given verdict", "verdict"},
    {"the known verdict", "verdict"},
    {"the given winner", "winner"},
    {"the known winner", "winner"},
    {"i was told that", ""},
    {"i was told assistant", ""},
    {"i was told answer", ""},
    {"i have been told that", ""},
    {"we were told that assistant", ""},
    {"we are told that assistant", ""},
    {"i am told that", ""},
    {"i'm told that", ""},
    {"is known to be the better", ""},
    {"is known to be better", ""},
    {"already know that answer", ""},
    {"already know that assistant", ""},
    {"since we know that assistant", ""},
    {"since i know that assistant", ""},
    {"must justify why", ""},
    {"提示说", "提示"},   /* the hint says */
    {"根据提示", "提示"}, /* by the hint */
    {"已知答案", ""},     /* known: answer ... */
    {"已知回答", ""},     /* known: response ... */
    {"已知助手", ""},     /* known: assistant ... */
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The phrase, whatever its letter case and the white space between its words. */
static bool stands_at(struct slice text, struct slice phrase)
{
    size_t at = 0;
    for (size_t i = 0; i < phrase.n; i++) {
        if (at == text.n)
            return false;
        bool space = text.p[at] == ' ' || (text.p[at] >= '\t' && text.p[at] <= '\r');
        if (phrase.p[i] == ' ' ? !space : lower(text.p[at]) != phrase.p[i])
            return false;
        at++;
    }
    return true;
}

static bool has(struct slice text, const char *phrase)
{
    struct slice p = slice_of(phrase);
    for (size_t at = 0; at + p.n <= text.n; at++)
        if (lower(text.p[at]) == p.p[0] && stands_at(slice_from(text, at), p))
            return true;
    return false;
}

static bool chat_has(const struct chat *chat, const char *phrase)
{
    for (size_t i = 0; i < chat->n; i++)
        if (has(chat->messages[i].content, phrase))
            return true;
    return false;
}

static bool is_about(const struct judge_task *task, const char *topic)
{
    return topic[0] && (chat_has(&task->prompt, topic) || chat_has(&task->answer_a, topic) ||
                        chat_has(&task->answer_b, topic) || has(task->reference, topic) ||
                        has(task->rubric, topic));
}

static bool keep(const double *settings, const struct filter_view *view)
{
    if (settings[ALWAYS] < 1 && !view->task->hint)
        return true;
    for (size_t i = 0; i < COUNT(rows); i++)
        if ((has(view->trace->thought, rows[i].phrase) ||
             has(view->trace->answer, rows[i].phrase)) &&
            !is_about(view->task, rows[i].topic))
            return false;
    return true;
}

static const struct filter_case cases[] = {
    {.thought = "B forgets the carry, A does not.",
     .answer = "[[A]]",
     .options = "",
     .keep = true,
     .why = "reasons"},
    {.thought = "As the hint says, A is right.",
     .answer = "[[A]]",
     .options = "",
     .keep = false,
     .why = "names the hint"},
    {.thought = "As THE\nHINT says, A is right.",
     .answer = "[[A]]",
     .options = "",
     .keep = false,
     .why = "whatever case and white space"},
    {.thought = "The hint is used well by A.",
     .answer = "[[A]]",
     .options = "",
     .keep = true,
     .answer_a = "By the hint, x is 3.",
     .answer_b = "x is 4.",
     .why = "the answers speak of a hint"},
    {.thought = "The hint is clear.",
     .answer = "[[A]]",
     .options = "always=0",
     .keep = true,
     .why = "no hint was given"},
    {.thought = "I was told that A is better.",
     .answer = "[[A]]",
     .options = "",
     .keep = false,
     .why = "says that it was told"},
    {.thought = "The user was told to wait.",
     .answer = "[[A]]",
     .options = "",
     .keep = true,
     .why = "somebody else was told"},
    {.thought = "Fine.",
     .answer = "<answer>[[A]]</answer> Assistant A is known to be the better one.",
     .options = "",
     .keep = false,
     .why = "in the answer"},
    {.thought = "根据提示，"
                "A。",
     .answer = "[[A]]",
     .options = "",
     .keep = false,
     .why = "in Chinese"},
};

const struct filter filter_hint = {
    .name = "hint",
    .help = "rejects traces that mention being told the winner",
    .scope = FILTER_ROLLOUT,
    .options = options,
    .keep = keep,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
