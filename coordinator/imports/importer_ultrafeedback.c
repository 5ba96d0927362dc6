/* UltraFeedback as it was made: several answers, rated by a model in four respects. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"source", "instruction", "completions", "models", 0};

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "instruction", "completions");
    return n ? n + (json_get(line, "source") != NULL) + (json_get(line, "models") != NULL) : 0;
}

/* The mean of the ratings in all respects; "N/A" is none. `overall_score` takes its place where
 * there is no rating: it has known typing errors. */
static bool score(const json *completion, struct seed_response *response, struct err *e)
{
    double sum = 0;
    int n = 0;
    for (const json *m = json_first(json_get(completion, "annotations")); m; m = json_next(m)) {
        const json *rating = json_get(m, "Rating");
        double value;
        if (rating && (json_double(rating, &value) ||
                       slice_double(slice_trim(json_string(rating)), &value))) {
            sum += value;
            n++;
        }
    }
    response->scored = n > 0;
    response->score = n > 0 ? sum / n : 0;
    return n > 0 ||
           fields_number(completion, "overall_score", &response->score, &response->scored, e);
}

static bool read_completions(const json *list, struct seed_record *r, struct arena *arena,
                             struct err *e)
{
    for (const json *m = json_first(list); m; m = json_next(m)) {
        const json *text = json_get(m, "response");
        if (!text)
            return err_set(e, ERR_SYNTAX, "'completions' must hold {model, response, annotations}");
        if (!slice_trim(json_string(text)).n && json_type(text) == JSON_STRING) {
            r->left_out++; /* the model said nothing */
            continue;
        }
        struct seed_response *response = answers_add(text, "completions", r, arena, e);
        if (!response || !answers_author(m, "model", response, arena, e) || !score(m, response, e))
            return false;
        if (!response->scored) { /* nobody knows whether it is worse */
            r->responses[--r->n_responses] = (struct seed_response){0};
            r->left_out++;
        }
    }
    return true;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    json *text;
    const json *list = fields_decoded(line, "completions", &text, e);
    bool ok = list && answers_prompt(line, "instruction", r, arena, e) &&
              read_completions(list, r, arena, e);
    json_free(text);
    if (!ok || !fields_text(line, "source", &r->source, arena, e))
        return false;
    if (r->n_responses > 0)
        answers_by_score(r);
    r->kind = "scores";
    if (slice_is(r->source, "truthful_qa"))
        r->eval_set = S("TruthfulQA");
    return fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(2, "ranked by the mean of the ratings", {
        "source" : "s",
        "instruction" : "q",
        "models" : [ "m", "n", "o" ],
        "completions" : [
            {
                "model" : "m",
                "response" : "a",
                "overall_score" : 10,
                "annotations" : {"helpfulness" : {"Rating" : "2"}, "honesty" : {"Rating" : "N/A"}}
            },
            {
                "model" : "n",
                "response" : "b",
                "annotations" : {"helpfulness" : {"Rating" : "5"}, "honesty" : {"Rating" : "4"}}
            },
            {
                "model" : "o",
                "response" : "c",
                "annotations" : {"helpfulness" : {"Rating" : "4"}, "honesty" : {"Rating" : "4"}}
            }
        ]
    }),
    JSON_PAIRS(1, "overall scores alone, and an answer that says nothing", {
        "source" : "s",
        "instruction" : "q",
        "completions" : [
            {"model" : "m", "response" : "a", "overall_score" : 3},
            {"model" : "n", "response" : "", "overall_score" : 9},
            {"model" : "o", "response" : "c", "overall_score" : 7.5}
        ]
    }),
    JSON_PAIRS(1, "an answer without a rating is neither better nor worse", {
        "source" : "s",
        "instruction" : "q",
        "completions" : [
            {"model" : "m", "response" : "a", "overall_score" : 3},
            {"model" : "n", "response" : "b", "annotations" : {"honesty" : {"Rating" : "N/A"}}},
            {"model" : "o", "response" : "c", "overall_score" : 7.5}
        ]
    }),
    JSON_NONE(SEED_TIE, "equal scores", {
        "source" : "s",
        "instruction" : "q",
        "completions" : [
            {"model" : "m", "response" : "a", "overall_score" : 3},
            {"model" : "n", "response" : "b", "overall_score" : 3}
        ]
    }),
    JSON_NONE(SEED_PROMPT_ONLY, "no answers",
              {"source" : "s", "instruction" : "q", "completions" : []}),
    JSON_BAD("'completions' must hold", "no response",
             {"source" : "s", "instruction" : "q", "completions" : [ {"model" : "m"} ]}),
    JSON_BAD("'completions' must be a list", "a text",
             {"source" : "s", "instruction" : "q", "completions" : 3}),
};

const struct importer importer_ultrafeedback = {
    .name = "ultrafeedback",
    .help = "UltraFeedback, unbinarized: answers ranked by the mean of their four ratings",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
