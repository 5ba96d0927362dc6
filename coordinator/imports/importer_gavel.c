/* Gavel's own seed line: schemas/seed.schema.json says what it may hold. */
#include "base/text.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"
#include "schemas/project.h"

static const char *const keys[] = {"answer",   "answer_kind", "chosen", "domain", "group",
                                   "id",       "language",    "meta",   "prompt", "reference",
                                   "rejected", "rubric",      "source", "system", "trust"};
#define N_KEYS (sizeof keys / sizeof keys[0])

static bool is_known(struct slice key)
{
    for (size_t i = 0; i < N_KEYS; i++)
        if (slice_is(key, keys[i]))
            return true;
    return false;
}

/* A list of plain strings is no conversation. */
static bool is_texts(const json *node)
{
    return json_type(json_first(node)) == JSON_STRING && json_type(node) == JSON_LIST;
}

static int detect(const json *line)
{
    int n = 0;
    const json *chosen = json_get(line, "chosen");
    if (!json_get(line, "prompt") || (chosen && is_texts(chosen)))
        return 0;
    for (const json *m = json_first(line); m; m = json_next(m), n++)
        if (!is_known(json_key(m)))
            return 0;
    return n + 1; /* before plain prompts */
}

/* A key with a typing error would otherwise be lost without a word. */
static bool check_keys(const json *line, struct err *e)
{
    for (const json *m = json_first(line); m; m = json_next(m)) {
        if (is_known(json_key(m)))
            continue;
        const char *near = text_nearest(json_key(m), keys, N_KEYS);
        return err_set(e, ERR_SYNTAX, "unknown key '%s'%s%s%s; what is yours belongs into 'meta'",
                       fields_quote(json_key(m)).text, near ? " (did you mean '" : "",
                       near ? near : "", near ? "'?)" : "");
    }
    return true;
}

static bool read_trust(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice name = {0};
    if (!fields_text(line, "trust", &name, arena, e))
        return false;
    r->trust_given = name.n > 0;
    return !r->trust_given || trust_parse(name, &r->trust) ||
           err_set(e, ERR_SYNTAX, "'trust' must be verified, human or synthetic");
}

static bool read_meta(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    const json *meta = fields_get(line, "meta");
    if (!meta)
        return true;
    if (json_type(meta) != JSON_OBJECT)
        return err_set(e, ERR_SYNTAX, "'meta' must be an object, not %s",
                       json_type_name(json_type(meta)));
    struct buf text;
    buf_init(&text, arena->max);
    json_print(meta, &text);
    bool ok = fields_keep(&r->meta, &text, arena, e);
    buf_free(&text);
    return ok;
}

static bool read_labels(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    return fields_label(line, "id", &r->name, arena, e) &&
           fields_label(line, "group", &r->group, arena, e) &&
           fields_text(line, "domain", &r->domain, arena, e) &&
           fields_text(line, "source", &r->source, arena, e) &&
           fields_text(line, "language", &r->language, arena, e) &&
           fields_text(line, "reference", &r->reference, arena, e) &&
           fields_text(line, "rubric", &r->rubric, arena, e) && read_trust(line, r, arena, e) &&
           read_meta(line, r, arena, e);
}

static bool read_kind(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    if (!fields_text(line, "answer_kind", &r->answer_kind, arena, e))
        return false;
    enum answer_kind kind;
    return !r->answer_kind.n || answer_kind_parse(r->answer_kind, &kind) ||
           err_set(e, ERR_SYNTAX,
                   "'answer_kind' must be math, number, choice, text, regex or exec");
}

static bool read_answer(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    if (!fields_label(line, "answer", &r->answer, arena, e))
        return false;
    if (fields_get(line, "answer") && !slice_trim(r->answer).n)
        return err_set(e, ERR_SYNTAX, "'answer' is empty");
    return read_kind(line, r, arena, e);
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice system = {0};
    if (!check_keys(line, e))
        return false;
    bool chosen = fields_get(line, "chosen"), rejected = fields_get(line, "rejected");
    if (chosen != rejected)
        return err_set(e, ERR_SYNTAX, "'%s' without '%s'", chosen ? "chosen" : "rejected",
                       chosen ? "rejected" : "chosen");
    if (!(chosen ? conversation_pair : conversation_prompt)(line, r, arena, e))
        return false;
    return fields_text(line, "system", &system, arena, e) &&
           conversation_system(r, system, arena, e) && read_answer(line, r, arena, e) &&
           read_labels(line, r, arena, e);
}

#define Q "{\"role\":\"user\",\"content\":\"q\"}"
#define A(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"

static const struct importer_case cases[] = {
    CASE_PAIRS(1, "strings", "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}"),
    CASE_PAIRS(1, "a list and a message",
               "{\"prompt\":[" Q "],\"chosen\":[" A("a") "],\"rejected\":" A("b") "}"),
    CASE_PAIRS(1, "both sides repeat the prompt",
               "{\"prompt\":\"q\",\"chosen\":[" Q "," A("a") "],\"rejected\":[" Q "," A("b") "]}"),
    CASE_PAIRS(1, "one side repeats the prompt",
               "{\"prompt\":\"q\",\"chosen\":[" Q "," A("a") "],\"rejected\":\"b\"}"),
    CASE_PAIRS_BY_NAME(1, "the shared beginning is the prompt",
                       "{\"chosen\":[" Q "," A("a") "],\"rejected\":[" Q "," A("b") "]}"),
    CASE_BAD("not those of 'prompt'", "another question in the answers",
             "{\"prompt\":\"other\",\"chosen\":[" Q "," A("a") "],\"rejected\":[" Q
                                                               "," A("b") "]}"),
    CASE_BAD("no answer after the prompt", "nothing but the prompt",
             "{\"prompt\":\"q\",\"chosen\":[" Q "],\"rejected\":\"b\"}"),
    CASE_BAD(
        "assistant message", "a user's answer",
        "{\"prompt\":\"q\",\"chosen\":[{\"role\":\"user\",\"content\":\"z\"}],\"rejected\":\"b\"}"),
    CASE_NONE(SEED_ANSWER_ONLY, "verifiable", "{\"prompt\":\"q\",\"answer\":\"18\"}"),
    CASE_NONE(SEED_ANSWER_ONLY, "a kind of answer",
              "{\"prompt\":\"q\",\"answer\":\"B\",\"answer_kind\":\"choice\"}"),
    CASE_BAD("'answer_kind' must be", "an unknown kind of answer",
             "{\"prompt\":\"q\",\"answer\":\"B\",\"answer_kind\":\"magic\"}"),
    CASE_NONE(SEED_ANSWER_ONLY, "a number as answer", "{\"prompt\":\"q\",\"answer\":18.50}"),
    CASE_NONE(SEED_PROMPT_ONLY, "open", "{\"prompt\":\"q\"}"),
    CASE_NONE(SEED_PROMPT_ONLY, "null is absent",
              "{\"prompt\":\"q\",\"chosen\":null,\"rejected\":null}"),
    CASE_PAIRS(
        1, "every key",
        "{\"prompt\":\"q\",\"id\":12345678901234567890,\"group\":7,\"system\":\"s\",\"domain\":"
        "\"d\","
        "\"source\":\"s\",\"language\":\"en\",\"reference\":\"r\",\"rubric\":\"r\",\"trust\":"
        "\"human\","
        "\"meta\":{\"a\":[1]},\"chosen\":\"a\",\"rejected\":\"b\"}"),
    CASE_BAD_BY_NAME("unknown key 'truts' (did you mean 'trust'?)", "a typing error",
                     "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"truts\":\"human\"}"),
    CASE_BAD_BY_NAME("unknown key 'zzzzzzzzz';", "nothing near",
                     "{\"prompt\":\"q\",\"zzzzzzzzz\":1}"),
    CASE_BAD("'chosen' without 'rejected'", "half a pair", "{\"prompt\":\"q\",\"chosen\":\"a\"}"),
    CASE_BAD("'rejected' without 'chosen'", "half a pair", "{\"prompt\":\"q\",\"rejected\":\"a\"}"),
    CASE_BAD_BY_NAME("'prompt' must be", "no prompt", "{\"answer\":\"a\"}"),
    CASE_BAD("'prompt' must be", "mistyped prompt", "{\"prompt\":7}"),
    CASE_BAD("'prompt': 0 messages", "no message", "{\"prompt\":[]}"),
    CASE_BAD("'prompt' is empty", "blank prompt", "{\"prompt\":\" \\n\"}"),
    CASE_BAD("no user message", "nobody asks",
             "{\"prompt\":[{\"role\":\"system\",\"content\":\"s\"}]}"),
    CASE_BAD("'chosen' is empty", "empty", "{\"prompt\":\"q\",\"chosen\":\"\",\"rejected\":\"b\"}"),
    CASE_BAD("'rejected' is empty", "blank",
             "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\" \"}"),
    CASE_BAD("are the same", "they differ in white space alone",
             "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"a\\n\"}"),
    CASE_BAD("'answer' is empty", "blank answer", "{\"prompt\":\"q\",\"answer\":\" \"}"),
    CASE_BAD("'answer' must be", "mistyped answer", "{\"prompt\":\"q\",\"answer\":true}"),
    CASE_BAD("'id' must be", "mistyped id", "{\"prompt\":\"q\",\"id\":[1]}"),
    CASE_BAD("'domain' must be a string", "mistyped domain", "{\"prompt\":\"q\",\"domain\":1}"),
    CASE_BAD("'trust' must be", "unknown trust", "{\"prompt\":\"q\",\"trust\":\"yes\"}"),
    CASE_BAD("'meta' must be an object", "mistyped meta", "{\"prompt\":\"q\",\"meta\":\"x\"}"),
    CASE_BAD("another system message", "two system messages",
             "{\"prompt\":[{\"role\":\"system\",\"content\":\"s\"}," Q "],\"system\":\"t\"}"),
    CASE_NONE(SEED_PROMPT_ONLY, "the same system message twice",
              "{\"prompt\":[{\"role\":\"system\",\"content\":\"s\"}," Q "],\"system\":\"s\"}"),
};

const struct importer importer_gavel = {
    .name = "gavel",
    .help = "Gavel's own seed lines: prompt with chosen + rejected, with answer, or alone",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
