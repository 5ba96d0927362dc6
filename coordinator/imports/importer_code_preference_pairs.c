/* Code-Preference-Pairs: code, and the same code with a fault put in. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"input", "accepted", "rejected", 0};

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "input", "accepted", "rejected");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    if (!answers_prompt(line, "input", r, arena, e) ||
        !answers_two(line, "accepted", "rejected", r, arena, e))
        return false;
    answers_decide(r, WINNER_FIRST);
    r->kind = "construction";
    r->domain = S("code");
    r->source = S("Code-Preference-Pairs");
    return fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "a pair", {"input" : "q", "accepted" : "a", "rejected" : "b", "ID" : 3}),
    JSON_NONE(SEED_IDENTICAL, "equal sides", {"input" : "q", "accepted" : "a", "rejected" : "a"}),
    JSON_BAD("'accepted' is empty", "an empty side",
             {"input" : "q", "accepted" : "", "rejected" : "b"}),
};

const struct importer importer_code_preference_pairs = {
    .name = "code_preference_pairs",
    .help = "Code-Preference-Pairs: code against the same with a fault",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
