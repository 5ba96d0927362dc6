/* UltraFeedback binarized (H4): two conversations and their scores. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/conversation.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"prompt",       "prompt_id",      "chosen",   "rejected",
                                   "score_chosen", "score_rejected", "messages", 0};

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "prompt", "chosen", "rejected", "score_chosen", "score_rejected");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct seed_response *a = &r->responses[0], *b = &r->responses[1];
    r->kind = "scores";
    r->source = S("UltraFeedback");
    if (!answers_prompt(line, "prompt", r, arena, e) ||
        !answers_two(line, "chosen", "rejected", r, arena, e) || !conversation_sides(r, arena, e) ||
        !fields_number(line, "score_chosen", &a->score, &a->scored, e) ||
        !fields_number(line, "score_rejected", &b->score, &b->scored, e))
        return false;
    if (a->scored && b->scored && a->score < b->score)
        return err_set(e, ERR_SYNTAX, "'score_chosen' is lower than 'score_rejected'");
    if (a->scored && b->scored)
        answers_by_score(r);
    return fields_label(line, "prompt_id", &r->name, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "conversations", {
        "prompt" : "q",
        "prompt_id" : "x",
        "chosen" : [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "rejected" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "b"} ],
        "messages" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "score_chosen" : 8.5,
        "score_rejected" : 7
    }),
    JSON_NONE(SEED_TIE, "equal scores are no preference", {
        "prompt" : "q",
        "prompt_id" : "x",
        "chosen" : [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "a"} ],
        "rejected" :
            [ {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "b"} ],
        "score_chosen" : 7,
        "score_rejected" : 7.0
    }),
    JSON_BAD("lower than", "the scores contradict the label", {
        "prompt" : "q",
        "prompt_id" : "x",
        "chosen" : "a",
        "rejected" : "b",
        "score_chosen" : 6,
        "score_rejected" : 7
    }),
    JSON_BAD("'score_chosen' must be a number", "no score", {
        "prompt" : "q",
        "prompt_id" : "x",
        "chosen" : "a",
        "rejected" : "b",
        "score_chosen" : "x",
        "score_rejected" : 7
    }),
};

const struct importer importer_ultrafeedback_binarized = {
    .name = "ultrafeedback_binarized",
    .help = "UltraFeedback binarized; equal scores are ties",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
