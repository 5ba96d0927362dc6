/* Intel's orca_dpo_pairs: a system message, a question and two models' answers. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"system", "question", "chosen", "rejected", 0};

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "question", "chosen", "rejected");
    return n ? n + (json_get(line, "system") != NULL) : 0;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice system = {0};
    if (!answers_prompt(line, "question", r, arena, e) ||
        !answers_two(line, "chosen", "rejected", r, arena, e) ||
        !fields_text(line, "system", &system, arena, e) ||
        !conversation_system(r, system, arena, e))
        return false;
    answers_decide(r, WINNER_FIRST);
    r->kind = "construction";
    r->source = S("orca_dpo_pairs");
    return fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "with a system message",
               {"system" : "s", "question" : "q", "chosen" : "a", "rejected" : "b"}),
    JSON_PAIRS(1, "an empty system message",
               {"system" : "", "question" : "q", "chosen" : "a", "rejected" : "b"}),
    JSON_NONE(SEED_IDENTICAL, "equal sides",
              {"system" : "", "question" : "q", "chosen" : "a", "rejected" : "a"}),
    JSON_BAD("'system' must be a string", "no text",
             {"system" : 1, "question" : "q", "chosen" : "a", "rejected" : "b"}),
};

const struct importer importer_orca_dpo_pairs = {
    .name = "orca_dpo_pairs",
    .help = "orca_dpo_pairs: a large model's answer over a small one's",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
