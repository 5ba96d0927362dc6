/* PPE human preferences: votes of people from the Chatbot Arena. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"question_id", "model_a",  "model_b", "prompt", "response_1",
                                   "response_2",  "language", "winner",  0};

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "question_id", "model_a", "model_b", "winner", "prompt", "response_1",
                       "response_2");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    enum winner winner;
    if (!answers_prompt(line, "prompt", r, arena, e) ||
        !answers_two(line, "response_1", "response_2", r, arena, e) ||
        !answers_winner(line, "winner", &winner, e))
        return false;
    answers_decide(r, winner);
    r->kind = "vote";
    r->source = r->eval_set = S("PPE");
    r->domain = fields_flag(line, "is_code")       ? S("code")
                : fields_flag(line, "math_prompt") ? S("math")
                                                   : S("chat");
    return fields_label(line, "question_id", &r->name, arena, e) &&
           fields_text(line, "language", &r->language, arena, e) &&
           answers_author(line, "model_a", &r->responses[0], arena, e) &&
           answers_author(line, "model_b", &r->responses[1], arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "a vote", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "model_b",
        "prompt" : "q",
        "response_1" : "a",
        "response_2" : "b",
        "language" : "English",
        "is_code" : false,
        "math_prompt" : true,
        "length_a" : 1
    }),
    JSON_NONE(SEED_TIE, "a tie", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "tie",
        "prompt" : "q",
        "response_1" : "a",
        "response_2" : "b"
    }),
    JSON_NONE(SEED_BOTH_BAD, "both bad", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : "tie (bothbad)",
        "prompt" : "q",
        "response_1" : "a",
        "response_2" : "b"
    }),
    JSON_BAD("'winner' must be a string", "no winner", {
        "question_id" : "x",
        "model_a" : "m",
        "model_b" : "n",
        "winner" : null,
        "prompt" : "q",
        "response_1" : "a",
        "response_2" : "b"
    }),
};

const struct importer importer_ppe_preference = {
    .name = "ppe_preference",
    .help = "PPE human preferences (an evaluation set, drawn from Arena votes: arena data overlap "
            "with it)",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
