/* Qwen's reward-model evaluation on MATH: several sampled solutions of a problem, each marked right
 * or wrong. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"idx",      "question", "gt",    "answer",
                                   "solution", "response", "score", 0};

static bool is_list(const json *line, const char *key)
{
    return json_type(json_get(line, key)) == JSON_LIST;
}

static int detect(const json *line)
{
    if (!is_list(line, "response") || !is_list(line, "score"))
        return 0;
    return FIELDS_HAVE(line, "question", "response", "score", "gt");
}

static bool read_answers(const json *line, struct seed_record *r, struct arena *arena,
                         struct err *e)
{
    const json *text = json_first(json_get(line, "response"));
    const json *mark = json_first(json_get(line, "score"));
    for (; text && mark; text = json_next(text), mark = json_next(mark)) {
        if (json_type(mark) != JSON_BOOL)
            return err_set(e, ERR_SYNTAX, "'score' must be a list of true and false");
        if (json_type(text) == JSON_STRING && !slice_trim(json_string(text)).n) {
            r->left_out++; /* the model said nothing */
            continue;
        }
        struct seed_response *response = answers_add(text, "response", r, arena, e);
        if (!response)
            return false;
        response->rank = !json_bool(mark, false);
    }
    if (text || mark)
        return err_set(e, ERR_SYNTAX, "'response' and 'score' are not of the same length");
    return r->n_responses > 0 || err_set(e, ERR_SYNTAX, "'response' holds no answer");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    r->kind = "correctness";
    r->label = LABEL_CHECKED;
    r->domain = S("math");
    r->source = r->eval_set = S("MATH test");
    r->answer_kind = S("math");
    return answers_prompt(line, "question", r, arena, e) && read_answers(line, r, arena, e) &&
           fields_label(line, "idx", &r->name, arena, e) &&
           fields_label(line, "gt", &r->answer, arena, e) &&
           fields_text(line, "solution", &r->reference, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(2, "two right, one wrong", {
        "idx" : 0,
        "question" : "q",
        "gt" : "4",
        "level" : "Level 3",
        "solution" : "s",
        "answer" : "4",
        "response" : [ "a", "b", "c" ],
        "pred" : [ "4", "5", "4" ],
        "score" : [ true, false, true ],
        "pred_score" : [ [1.5], [0.5], [1] ]
    }),
    JSON_NONE(SEED_ONE_SIDED, "all right", {
        "idx" : 0,
        "question" : "q",
        "gt" : "4",
        "response" : [ "a", "b" ],
        "score" : [ true, true ]
    }),
    JSON_BAD(
        "not of the same length", "a mark is missing",
        {"idx" : 0, "question" : "q", "gt" : "4", "response" : [ "a", "b" ], "score" : [true]}),
    JSON_BAD("true and false", "no mark",
             {"idx" : 0, "question" : "q", "gt" : "4", "response" : ["a"], "score" : [1]}),
};

const struct importer importer_qwen_math = {
    .name = "qwen_math",
    .help = "Qwen2.5-Math's sampled solutions of MATH (an evaluation set): right over wrong",
    .trust = TRUST_VERIFIED,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
