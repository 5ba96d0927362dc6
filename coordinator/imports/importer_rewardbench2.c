/* RewardBench 2: right answers over wrong ones; subset Ties has several right ones. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"id", "prompt", "chosen", "rejected", 0};
static const char *const said[] = {"subset", "num_correct", 0};

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "prompt", "chosen", "rejected", "num_correct");
    return n ? n + (json_get(line, "total_completions") != NULL) : 0;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice subset = json_string(json_get(line, "subset"));
    r->kind = "correctness";
    r->label = LABEL_CHECKED;
    r->source = r->eval_set = S("RewardBench 2");
    r->trust_known = slice_is(subset, "Math") || slice_is(subset, "Precise IF") ||
                     slice_is(subset, "Ties");
    r->trust = TRUST_VERIFIED;
    return answers_prompt(line, "prompt", r, arena, e) &&
           answers_list(line, "chosen", 0, r, arena, e) &&
           answers_list(line, "rejected", 1, r, arena, e) &&
           fields_label(line, "id", &r->name, arena, e) &&
           fields_text(line, "subset", &r->domain, arena, e) &&
           answers_details(line, said, r, arena, e) && fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(3, "one right, three wrong", {
        "id" : "x",
        "prompt" : "q",
        "chosen" : ["a"],
        "rejected" : [ "b", "c", "d" ],
        "num_correct" : 1,
        "total_completions" : 4,
        "models" : [ "m", "n" ],
        "subset" : "Math",
        "additional_metadata" : null
    }),
    JSON_PAIRS(6, "ties: several right ones, never one over another", {
        "id" : "x",
        "prompt" : "q",
        "chosen" : [ "a", "b", "c" ],
        "rejected" : [ "d", "e" ],
        "num_correct" : 3,
        "total_completions" : 5,
        "subset" : "Ties"
    }),
    JSON_BAD("'rejected' must be a list of texts", "nothing wrong",
             {"prompt" : "q", "chosen" : ["a"], "rejected" : [], "num_correct" : 1}),
    JSON_BAD("'chosen' must be", "not a text",
             {"prompt" : "q", "chosen" : [1], "rejected" : ["b"], "num_correct" : 1}),
};

const struct importer importer_rewardbench2 = {
    .name = "rewardbench2",
    .help = "RewardBench 2 (an evaluation set): every right answer over every wrong one",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
