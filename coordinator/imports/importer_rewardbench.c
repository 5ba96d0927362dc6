/* RewardBench 1: a prompt with a chosen and a rejected answer of two models. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"id",       "prompt",         "chosen", "chosen_model",
                                   "rejected", "rejected_model", 0};

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "prompt", "chosen", "rejected", "chosen_model", "rejected_model",
                       "subset");
}

/* What the subsets are about. */
static const struct {
    const char *begins, *domain;
    bool verified; /* by tests or a worked solution */
} subsets[] = {
    {"math-prm", "math", true},   {"hep-", "code", true},           {"refusals-", "safety", false},
    {"xstest-", "safety", false}, {"donotanswer", "safety", false}, {"alpacaeval-", "chat", false},
    {"mt-bench-", "chat", false}, {"llmbar-", "chat", false},
};

static void place(struct seed_record *r, struct slice subset)
{
    for (size_t i = 0; i < sizeof subsets / sizeof subsets[0]; i++) {
        if (!slice_starts(subset, slice_of(subsets[i].begins)))
            continue;
        r->domain = slice_of(subsets[i].domain);
        r->trust = subsets[i].verified ? TRUST_VERIFIED : TRUST_HUMAN;
        r->trust_known = true;
    }
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    r->kind = "benchmark";
    r->source = r->eval_set = S("RewardBench");
    place(r, json_string(json_get(line, "subset")));
    return answers_prompt(line, "prompt", r, arena, e) &&
           answers_two(line, "chosen", "rejected", r, arena, e) &&
           conversation_sides(r, arena, e) && fields_label(line, "id", &r->name, arena, e) &&
           answers_author(line, "chosen_model", &r->responses[0], arena, e) &&
           answers_author(line, "rejected_model", &r->responses[1], arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "texts", {
        "id" : 7,
        "subset" : "hep-python",
        "prompt" : "q",
        "chosen" : "a",
        "chosen_model" : "human",
        "rejected" : "b",
        "rejected_model" : "m"
    }),
    JSON_PAIRS(1, "conversations", {
        "id" : 7,
        "subset" : "xstest-should-refuse",
        "prompt" : [ {"role" : "user", "content" : "q"} ],
        "chosen" : [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "chosen_model" : "m",
        "rejected" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "b"} ],
        "rejected_model" : "n"
    }),
    JSON_NONE(SEED_IDENTICAL, "equal sides", {
        "subset" : "s",
        "prompt" : "q",
        "chosen" : "a",
        "chosen_model" : "m",
        "rejected" : "a ",
        "rejected_model" : null
    }),
    JSON_BAD("'rejected' is empty", "an empty side", {
        "subset" : "s",
        "prompt" : "q",
        "chosen" : "a",
        "chosen_model" : "m",
        "rejected" : "",
        "rejected_model" : "n"
    }),
    JSON_BAD("'prompt' is empty", "nobody asks", {
        "subset" : "s",
        "prompt" : "",
        "chosen" : "a",
        "chosen_model" : "m",
        "rejected" : "b",
        "rejected_model" : "n"
    }),
};

const struct importer importer_rewardbench = {
    .name = "rewardbench",
    .help = "RewardBench 1 (an evaluation set); verified: code and math, human: the rest",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
