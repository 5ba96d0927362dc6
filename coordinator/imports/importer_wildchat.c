/* WildChat and LMSYS-Chat-1M: real conversations; the last user turn with all before it is the
 * prompt. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"conversation_hash", "conversation_id", "conversation",
                                   "language",          "model",           0};

static int detect(const json *line)
{
    if (!json_get(line, "conversation_hash") && !json_get(line, "conversation_id"))
        return 0;
    return FIELDS_HAVE(line, "conversation", "model");
}

/* The answer that was given is kept as a response without a label. */
static bool split(struct seed_record *r, const struct chat *whole, struct err *e)
{
    size_t n = whole->n;
    while (n > 0 && !slice_is(whole->messages[n - 1].role, "user"))
        n--;
    if (n == 0)
        return err_set(e, ERR_SYNTAX, "'conversation' has no user turn");
    if (!slice_trim(whole->messages[n - 1].content).n)
        return err_set(e, ERR_SYNTAX, "the last user turn of 'conversation' is empty");
    r->prompt = (struct chat){whole->messages, n};
    struct chat answer = {whole->messages + n, whole->n - n};
    if (answer.n > 0 && slice_trim(answer.messages[answer.n - 1].content).n)
        r->responses[r->n_responses++].chat = answer;
    return true;
}

static bool is_flagged(const json *line)
{
    for (const json *m = json_first(json_get(line, "openai_moderation")); m; m = json_next(m))
        if (fields_flag(m, "flagged"))
            return true;
    return fields_flag(line, "toxic");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct chat whole;
    if (!chat_read(fields_get(line, "conversation"), "user", &whole, arena, "'conversation'", e) ||
        !split(r, &whole, e))
        return false;
    r->source = S("WildChat");
    r->moderated = is_flagged(line);
    bool hashed = json_get(line, "conversation_hash");
    if (!hashed)
        r->source = S("LMSYS-Chat-1M");
    return fields_label(line, hashed ? "conversation_hash" : "conversation_id", &r->name, arena,
                        e) &&
           fields_text(line, "language", &r->language, arena, e) &&
           (r->n_responses == 0 || answers_author(line, "model", &r->responses[0], arena, e)) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_NONE(SEED_PROMPT_ONLY, "two turns", {
        "conversation_hash" : "h",
        "model" : "m",
        "timestamp" : "t",
        "conversation" : [
            {
                "role" : "user",
                "content" : "q",
                "language" : "English",
                "toxic" : false,
                "redacted" : false
            },
            {"role" : "assistant", "content" : "a"}, {"role" : "user", "content" : "r"},
            {"role" : "assistant", "content" : "b"}
        ],
        "turn" : 2,
        "language" : "English",
        "openai_moderation" : [ {"flagged" : false} ],
        "detoxify_moderation" : [],
        "toxic" : false,
        "redacted" : false
    }),
    JSON_NONE(SEED_PROMPT_ONLY, "flagged, and kept", {
        "conversation_hash" : "h",
        "model" : "m",
        "conversation" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : ""} ],
        "turn" : 1,
        "toxic" : true
    }),
    JSON_NONE(SEED_PROMPT_ONLY, "LMSYS-Chat-1M", {
        "conversation_id" : "i",
        "model" : "m",
        "conversation" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "turn" : 1,
        "language" : "English",
        "openai_moderation" : [ {"flagged" : false} ],
        "redacted" : false
    }),
    JSON_BAD("has no user turn", "nobody asks", {
        "conversation_hash" : "h",
        "model" : "m",
        "conversation" : [ {"role" : "assistant", "content" : "a"} ]
    }),
    JSON_BAD("last user turn", "an empty turn", {
        "conversation_hash" : "h",
        "model" : "m",
        "conversation" :
            [ {"role" : "user", "content" : ""}, {"role" : "assistant", "content" : "a"} ]
    }),
};

const struct importer importer_wildchat = {
    .name = "wildchat",
    .help = "WildChat, LMSYS-Chat-1M: prompts with their history; flags of toxic and redacted text "
            "are kept",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
