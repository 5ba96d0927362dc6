/* Math-Step-DPO: a right and a wrong continuation of the same first steps. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {
    "dataset", "prompt", "initial_reason_steps", "full_chosen", "answer", "full_rejected", 0};

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "prompt", "chosen", "rejected", "full_chosen", "full_rejected");
    return n ? n + (json_get(line, "initial_reason_steps") != NULL) : 0;
}

/* side(…): the first steps, and how this side goes on. */
static bool side(const json *line, const char *key, struct slice steps, struct seed_response *s,
                 struct arena *arena, struct err *e)
{
    struct slice rest = json_string(json_get(line, key)), whole;
    struct buf text;
    if (!slice_trim(rest).n)
        return err_set(e, ERR_SYNTAX, "'%s' is missing or empty", key);
    buf_init(&text, arena->max);
    buf_slice(&text, steps);
    buf_slice(&text, rest);
    bool ok = fields_keep(&whole, &text, arena, e);
    buf_free(&text);
    if (!ok)
        return false;
    s->chat.messages = arena_alloc(arena, sizeof *s->chat.messages);
    if (!s->chat.messages)
        return err_set(e, ERR_LIMIT, "the line is too large");
    s->chat.messages[0] = (struct message){S("assistant"), whole};
    s->chat.n = 1;
    return true;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice steps = json_string(json_get(line, "initial_reason_steps"));
    if (!answers_prompt(line, "prompt", r, arena, e) ||
        !side(line, "full_chosen", steps, &r->responses[0], arena, e) ||
        !side(line, "full_rejected", steps, &r->responses[1], arena, e))
        return false;
    r->n_responses = 2;
    answers_decide(r, WINNER_FIRST);
    r->label = LABEL_CHECKED;
    r->kind = "correctness";
    r->domain = S("math");
    r->answer_kind = S("math");
    return fields_text(line, "dataset", &r->source, arena, e) &&
           fields_label(line, "answer", &r->answer, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "steps in common", {
        "dataset" : "gsm8k_dpo",
        "prompt" : "q",
        "prefix" : "p",
        "chosen" : "c",
        "rejected" : "d",
        "initial_reason_steps" : "one. ",
        "full_chosen" : "two",
        "full_rejected" : "three",
        "answer" : "7"
    }),
    JSON_PAIRS(1, "no steps", {
        "prompt" : "q",
        "chosen" : "c",
        "rejected" : "d",
        "full_chosen" : "two",
        "full_rejected" : "three",
        "answer" : 7
    }),
    JSON_NONE(SEED_IDENTICAL, "equal sides", {
        "prompt" : "q",
        "chosen" : "c",
        "rejected" : "d",
        "full_chosen" : "two",
        "full_rejected" : "two",
        "answer" : null
    }),
    JSON_BAD("'full_rejected' is missing", "no wrong one", {
        "prompt" : "q",
        "chosen" : "c",
        "rejected" : "d",
        "full_chosen" : "two",
        "full_rejected" : ""
    }),
};

const struct importer importer_math_step_dpo = {
    .name = "math_step_dpo",
    .help = "Math-Step-DPO-10K: whole solutions, the first steps with each continuation",
    .trust = TRUST_VERIFIED,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
