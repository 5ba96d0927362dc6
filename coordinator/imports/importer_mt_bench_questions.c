/* MT-bench's questions: the first of their turns is a prompt. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"question_id", "category", 0};

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "question_id", "category", "turns");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    const json *first = json_first(json_get(line, "turns"));
    const json *reference = json_first(json_get(line, "reference"));
    if (!first || json_type(first) != JSON_STRING)
        return err_set(e, ERR_SYNTAX, "'turns' must be a list of texts");
    if (!answers_ask(json_string(first), r, arena, e))
        return false;
    r->source = r->eval_set = S("MT-bench");
    r->reference = arena_dup(arena, json_string(reference));
    if (!r->reference.p)
        return err_set(e, ERR_LIMIT, "'reference' is too large");
    return fields_label(line, "question_id", &r->name, arena, e) &&
           fields_text(line, "category", &r->domain, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_NONE(SEED_PROMPT_ONLY, "two turns",
              {"question_id" : 81, "category" : "writing", "turns" : [ "q", "r" ]}),
    JSON_NONE(SEED_PROMPT_ONLY, "with a reference", {
        "question_id" : 101,
        "category" : "math",
        "turns" : [ "q", "r" ],
        "reference" : [ "x", "y" ]
    }),
    JSON_BAD("'turns' must be", "no turns",
             {"question_id" : 81, "category" : "writing", "turns" : []}),
    JSON_BAD("the prompt is empty", "an empty turn",
             {"question_id" : 81, "category" : "writing", "turns" : [""]}),
};

const struct importer importer_mt_bench_questions = {
    .name = "mt_bench_questions",
    .help =
        "MT-bench's questions (an evaluation set): their first turn; the others are kept beside it",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
