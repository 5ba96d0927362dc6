/* CodeUltraFeedback binarized: two answers and their ratings. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"instruction",   "chosen",          "rejected",
                                   "chosen_rating", "rejected_rating", 0};

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "instruction", "chosen", "rejected", "chosen_rating",
                       "rejected_rating");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct seed_response *a = &r->responses[0], *b = &r->responses[1];
    r->kind = "scores";
    r->source = S("CodeUltraFeedback");
    r->domain = S("code");
    if (!answers_prompt(line, "instruction", r, arena, e) ||
        !answers_two(line, "chosen", "rejected", r, arena, e) || !conversation_sides(r, arena, e) ||
        !fields_number(line, "chosen_rating", &a->score, &a->scored, e) ||
        !fields_number(line, "rejected_rating", &b->score, &b->scored, e))
        return false;
    if (a->scored && b->scored && a->score < b->score)
        return err_set(e, ERR_SYNTAX, "'chosen_rating' is lower than 'rejected_rating'");
    if (a->scored && b->scored)
        answers_by_score(r);
    return fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "rated", {
        "instruction" : "q",
        "chosen" : "a",
        "rejected" : "b",
        "chosen_rating" : "5",
        "rejected_rating" : "3",
        "preference" : "readability"
    }),
    JSON_NONE(SEED_TIE, "equal ratings", {
        "instruction" : "q",
        "chosen" : "a",
        "rejected" : "b",
        "chosen_rating" : 3,
        "rejected_rating" : 3
    }),
    JSON_BAD("lower than", "the ratings contradict the label", {
        "instruction" : "q",
        "chosen" : "a",
        "rejected" : "b",
        "chosen_rating" : 2,
        "rejected_rating" : 3
    }),
};

const struct importer importer_code_ultrafeedback = {
    .name = "code_ultrafeedback",
    .help = "CodeUltraFeedback binarized; equal ratings are ties",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
