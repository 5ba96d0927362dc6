/* Anthropic's hh-rlhf: whole dialogues as texts, of which people preferred one. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/dialogue.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"chosen", "rejected", 0};

static int detect(const json *line)
{
    if (json_get(line, "prompt") || json_get(line, "question") || json_get(line, "instruction") ||
        json_type(json_get(line, "chosen")) != JSON_STRING ||
        json_type(json_get(line, "rejected")) != JSON_STRING)
        return 0;
    return 3;
}

static bool read_side(const json *line, const char *key, struct chat *chat, struct arena *arena,
                      struct err *e)
{
    return dialogue_read(json_string(json_get(line, key)), chat, arena, e) ||
           err_wrap(e, "'%s'", key);
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    r->kind = "preference";
    r->source = S("hh-rlhf");
    if (!read_side(line, "chosen", &r->responses[0].chat, arena, e) ||
        !read_side(line, "rejected", &r->responses[1].chat, arena, e) ||
        !conversation_sides(r, arena, e))
        return false;
    return fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(
        1, "one turn",
        {"chosen" : "\n\nHuman: q\n\nAssistant: a", "rejected" : "\n\nHuman: q\n\nAssistant: b"}),
    JSON_PAIRS(1, "several turns in common", {
        "chosen" : "\n\nHuman: q\n\nAssistant: x\n\nHuman: r\n\nAssistant: a",
        "rejected" : "\n\nHuman: q\n\nAssistant: x\n\nHuman: r\n\nAssistant: b"
    }),
    JSON_PAIRS(1, "one side ends earlier", {
        "chosen" : "\n\nHuman: q\n\nAssistant: x\n\nHuman: r\n\nAssistant: a",
        "rejected" : "\n\nHuman: q\n\nAssistant: x"
    }),
    JSON_NONE(
        SEED_IDENTICAL, "equal sides",
        {"chosen" : "\n\nHuman: q\n\nAssistant: a", "rejected" : "\n\nHuman: q\n\nAssistant: a"}),
    JSON_BAD(
        "'rejected' has no answer", "an answer of nothing",
        {"chosen" : "\n\nHuman: q\n\nAssistant: a", "rejected" : "\n\nHuman: q\n\nAssistant:"}),
    JSON_BAD(
        "no first user turn in common", "two questions",
        {"chosen" : "\n\nHuman: q\n\nAssistant: a", "rejected" : "\n\nHuman: r\n\nAssistant: b"}),
    JSON_BAD("'chosen': the dialogue does not begin", "no dialogue",
             {"chosen" : "a", "rejected" : "b"}),
};

const struct importer importer_hh_rlhf = {
    .name = "hh_rlhf",
    .help = "hh-rlhf: two dialogues as texts; what they share is the prompt",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
