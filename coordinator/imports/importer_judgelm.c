/* JudgeLM-100K: two answers, scored by a model. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {
    "question_id",      "question_body",    "answer1_body", "answer2_body",
    "answer1_model_id", "answer2_model_id", "score",        0};

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "question_body", "answer1_body", "answer2_body", "score");
}

static bool read_scores(const json *line, struct seed_record *r, struct err *e)
{
    json *text;
    const json *list = fields_decoded(line, "score", &text, e);
    const json *first = json_first(list);
    bool ok = list != NULL;
    if (ok && (json_count(list) != 2 || !json_double(first, &r->responses[0].score) ||
               !json_double(json_next(first), &r->responses[1].score)))
        ok = err_set(e, ERR_SYNTAX, "'score' must be a list of two numbers");
    r->responses[0].scored = r->responses[1].scored = true;
    json_free(text);
    return ok;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    if (!answers_prompt(line, "question_body", r, arena, e) ||
        !answers_two(line, "answer1_body", "answer2_body", r, arena, e) || !read_scores(line, r, e))
        return false;
    answers_by_score(r);
    r->kind = "scores";
    r->source = S("JudgeLM");
    return fields_label(line, "question_id", &r->name, arena, e) &&
           answers_author(line, "answer1_model_id", &r->responses[0], arena, e) &&
           answers_author(line, "answer2_model_id", &r->responses[1], arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "the second is better", {
        "question_id" : 0,
        "question_body" : "q",
        "answer1_body" : "a",
        "answer2_body" : "b",
        "answer1_model_id" : "m",
        "answer2_model_id" : "n",
        "score" : [ 6.0, 9.5 ],
        "text" : "t"
    }),
    JSON_PAIRS(
        1, "a list in a string",
        {"question_body" : "q", "answer1_body" : "a", "answer2_body" : "b", "score" : "[8, 7]"}),
    JSON_NONE(
        SEED_TIE, "equal scores",
        {"question_body" : "q", "answer1_body" : "a", "answer2_body" : "b", "score" : [ 8, 8.0 ]}),
    JSON_BAD("two numbers", "one score",
             {"question_body" : "q", "answer1_body" : "a", "answer2_body" : "b", "score" : [8]}),
};

const struct importer importer_judgelm = {
    .name = "judgelm",
    .help = "JudgeLM-100K; equal scores are ties",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
