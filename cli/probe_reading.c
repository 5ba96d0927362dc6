#include "cli/probe_reading.h"

#include "base/json.h"

#define LEAST_CONTEXT 64
#define REST "ee"

const char probe_reading_count[] = "Write the numbers from one to ten as English words on one "
                                   "line, with commas between them, and nothing else.";
/* The label is nothing that an answer from the beginning would have: such an answer is not taken
 * for one that repeats what it goes on with. */
const char probe_reading_prefill[] = "Row 7Q: one, two, thr";

static bool goes_on(struct slice text, bool *echoes)
{
    struct slice prefill = slice_of(probe_reading_prefill);
    *echoes = slice_starts(text, prefill);
    if (*echoes)
        text = slice_from(text, prefill.n);
    if (!slice_starts(text, S(REST)))
        return false;
    text = slice_from(text, sizeof REST - 1);
    return text.n == 0 || text.p[0] == ',' || text.p[0] == ' ' || text.p[0] == '\n';
}

/* Where thoughts have a field of their own, what goes on may be taken for one. */
bool probe_reading_continues(const struct teacher_answer *a, bool *echoes)
{
    return goes_on(a->content, echoes) || goes_on(a->reasoning, echoes);
}

enum known probe_reading_seed(struct slice once, struct slice again, struct slice other)
{
    if (!slice_eq(once, again))
        return NO;
    return slice_eq(once, other) ? UNKNOWN : YES;
}

enum known probe_reading_counts_all(const struct teacher_answer *a, uint32_t limit)
{
    if (a->n_more != 1 || a->finish != FINISH_LENGTH || a->more[0].finish != FINISH_LENGTH)
        return UNKNOWN;
    return a->completion_tokens == 2 * limit ? YES : a->completion_tokens == limit ? NO : UNKNOWN;
}

enum known probe_reading_logprobs(struct slice body)
{
    struct err ignored;
    json *root = json_parse(body, JSON_ANSWER, &ignored);
    const json *logprobs = json_get(json_first(json_get(root, "choices")), "logprobs");
    const json *content = json_get(logprobs, "content");
    enum known known = !root || !json_get(root, "choices")          ? UNKNOWN
                       : content && json_type(content) == JSON_LIST ? YES
                                                                    : NO;
    json_free(root);
    return known;
}

int64_t probe_reading_props(struct slice body)
{
    struct err ignored;
    int64_t tokens = 0;
    json *root = json_parse(body, JSON_ANSWER, &ignored);
    const json *settings = json_get(root, "default_generation_settings");
    if (!json_i64(json_get(settings, "n_ctx"), &tokens) &&
        !json_i64(json_get(root, "n_ctx"), &tokens))
        tokens = 0;
    json_free(root);
    return tokens > 0 ? tokens : 0;
}

/* number_at(text, at): the digits from there on; -1: none, or too many. */
static int64_t number_at(struct slice text, size_t at)
{
    int64_t value = -1;
    size_t end = at;
    while (end < text.n && text.p[end] >= '0' && text.p[end] <= '9')
        end++;
    return slice_i64(slice_sub(text, at, end - at), &value) ? value : -1;
}

int64_t probe_reading_context(struct slice message)
{
    size_t at = slice_find(message, S("context"));
    for (; at < message.n; at++) {
        bool first = message.p[at] >= '0' && message.p[at] <= '9' &&
                     !(message.p[at - 1] >= '0' && message.p[at - 1] <= '9');
        int64_t n = first ? number_at(message, at) : -1;
        if (n >= LEAST_CONTEXT)
            return n;
    }
    return 0;
}
