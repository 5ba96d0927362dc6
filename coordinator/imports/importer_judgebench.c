/* JudgeBench: two answers of one model, checked against the known answer. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"pair_id",    "question", "response_model", "response_A",
                                   "response_B", "label",    "source",         0};

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "pair_id", "question", "response_A", "response_B", "label");
}

static bool holds(struct slice text, const char *word)
{
    return slice_find(text, slice_of(word)) != SIZE_MAX;
}

static struct slice domain_of(struct slice source)
{
    return holds(source, "math")        ? S("math")
           : holds(source, "code")      ? S("code")
           : holds(source, "reasoning") ? S("reasoning")
                                        : S("knowledge");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    enum winner winner;
    if (!answers_prompt(line, "question", r, arena, e) ||
        !answers_two(line, "response_A", "response_B", r, arena, e) ||
        !answers_winner(line, "label", &winner, e))
        return false;
    answers_decide(r, winner);
    r->kind = "correctness";
    r->eval_set = S("JudgeBench");
    r->domain = domain_of(json_string(json_get(line, "source")));
    return fields_label(line, "pair_id", &r->name, arena, e) &&
           fields_text(line, "source", &r->source, arena, e) &&
           answers_author(line, "response_model", &r->responses[0], arena, e) &&
           answers_author(line, "response_model", &r->responses[1], arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "the first", {
        "pair_id" : "p",
        "original_id" : "o",
        "source" : "mmlu-pro-math",
        "question" : "q",
        "response_model" : "m",
        "response_A" : "a",
        "response_B" : "b",
        "label" : "A>B"
    }),
    JSON_PAIRS(1, "the second", {
        "pair_id" : "p",
        "source" : "livecodebench",
        "question" : "q",
        "response_model" : "m",
        "response_A" : "a",
        "response_B" : "b",
        "label" : "B>A"
    }),
    JSON_NONE(SEED_TIE, "a tie", {
        "pair_id" : "p",
        "question" : "q",
        "response_A" : "a",
        "response_B" : "b",
        "label" : "A=B"
    }),
    JSON_BAD(
        "'label' is 'C'", "an unknown label",
        {"pair_id" : "p", "question" : "q", "response_A" : "a", "response_B" : "b", "label" : "C"}),
};

const struct importer importer_judgebench = {
    .name = "judgebench",
    .help = "JudgeBench (an evaluation set): answers checked for correctness",
    .trust = TRUST_VERIFIED,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
