/* Plain prompts, under the names that data sets give them, with an answer if there is one. */
#include "base/text.h"
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const names[] = {"prompt", "instruction", "question", "problem",
                                    "query",  "text",        "messages", 0};
static const char *const answer_names[] = {"answer", "final_answer", "ground_truth", 0};
static const char *const gavel_keys[] = {"answer",   "answer_kind", "chosen", "domain", "group",
                                         "id",       "language",    "meta",   "prompt", "reference",
                                         "rejected", "rubric",      "source", "system", "trust"};
enum { N_GAVEL_KEYS = sizeof gavel_keys / sizeof gavel_keys[0] };

static const char *key_of(const json *line, const char *const *among)
{
    for (; *among; among++)
        if (fields_get(line, *among))
            return *among;
    return NULL;
}

/* A prompt beside a key that is nearly one of gavel's own is a typing error. */
static bool is_mistyped(const json *line)
{
    for (const json *m = json_first(line); m; m = json_next(m)) {
        const char *near = text_nearest(json_key(m), gavel_keys, N_GAVEL_KEYS);
        if (near && !slice_is(json_key(m), near))
            return true;
    }
    return false;
}

/* What compares answers, in a way that nobody here knows, must not be taken for a mere prompt. */
static bool compares(const json *line)
{
    static const char *const begins[] = {
        "response_", "response0", "response1", "responses", "completion_", "completions",
        "output_",   "outputs",   "answer_",   "answer0",   "answer1",     "answers",
        "winner",    "prefer",    "better_",   "safer_",    "score",       "rank"};
    for (const json *m = json_first(line); m; m = json_next(m))
        for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
            if (slice_starts(json_key(m), slice_of(begins[i])) &&
                !slice_is(json_key(m), "answer_kind"))
                return true;
    return false;
}

static int detect(const json *line)
{
    const char *key = key_of(line, names);
    if (!key || json_get(line, "chosen") || json_get(line, "rejected") || compares(line))
        return 0;
    return !(slice_is(slice_of(key), "prompt") && is_mistyped(line));
}

/* What follows the last user turn of a conversation is no part of the prompt. */
static bool cut_answer(struct seed_record *r, struct err *e)
{
    while (r->prompt.n > 0 && slice_is(r->prompt.messages[r->prompt.n - 1].role, "assistant"))
        r->prompt.n--;
    return r->prompt.n > 0 || err_set(e, ERR_SYNTAX, "'messages' has no user turn");
}

static bool read_prompt(const json *line, const char *key, struct seed_record *r,
                        struct arena *arena, struct err *e)
{
    if (slice_is(slice_of(key), "instruction"))
        return answers_instruction(line, r, arena, e);
    if (!answers_prompt(line, key, r, arena, e))
        return false;
    return !slice_is(slice_of(key), "messages") || cut_answer(r, e);
}

static bool read_meta(const json *line, const char *key, const char *answer, struct seed_record *r,
                      struct arena *arena, struct err *e)
{
    const char *used[10] = {"id", "group", "domain", "language", "source", "system", "reference"};
    size_t n = 7;
    /* the answers after a conversation stay in the meta data */
    if (!slice_is(slice_of(key), "messages"))
        used[n++] = key;
    if (answer)
        used[n++] = answer;
    return fields_rest(line, used, &r->meta, arena, e);
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice system = {0};
    const char *key = key_of(line, names), *answer = key_of(line, answer_names);
    if (!key)
        return err_set(e, ERR_SYNTAX,
                       "no prompt: none of prompt, instruction, question, problem, "
                       "query, text and messages is there");
    return read_prompt(line, key, r, arena, e) &&
           (!answer || fields_label(line, answer, &r->answer, arena, e)) &&
           fields_text(line, "system", &system, arena, e) &&
           conversation_system(r, system, arena, e) &&
           fields_label(line, "id", &r->name, arena, e) &&
           fields_label(line, "group", &r->group, arena, e) &&
           fields_text(line, "domain", &r->domain, arena, e) &&
           fields_text(line, "language", &r->language, arena, e) &&
           fields_text(line, "source", &r->source, arena, e) &&
           fields_text(line, "reference", &r->reference, arena, e) &&
           read_meta(line, key, answer, r, arena, e);
}

static const struct importer_case cases[] = {
    JSON_NONE(SEED_PROMPT_ONLY, "an instruction and its input",
              {"instruction" : "q", "input" : "i", "output" : "a"}),
    JSON_NONE(SEED_PROMPT_ONLY, "a prompt and columns of somebody's own",
              {"prompt" : "q", "category" : "c", "turn" : 1}),
    JSON_NONE(SEED_ANSWER_ONLY, "a question with an answer and more",
              {"question" : "q", "answer" : 12, "idx" : 4}),
    JSON_NONE(SEED_PROMPT_ONLY, "a text", {"text" : "q"}),
    JSON_NONE(SEED_PROMPT_ONLY, "a conversation", {
        "messages" : [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ]
    }),
    JSON_BAD("'question' is empty", "an empty question", {"question" : "", "idx" : 4}),
    {.line = "{\"prompt\":\"q\",\"response_0\":\"a\",\"response_1\":\"b\"}",
     .reason = SEED_PROMPT_ONLY,
     .why = "answers in a form of their own: only by name",
     .by_name = true},
    JSON_BAD_BY_NAME("no prompt", "nothing", {"a" : 1}),
};

const struct importer importer_prompts = {
    .name = "prompts",
    .help =
        "plain prompts: prompt, instruction (+ input), question, problem, query, text or messages",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
