/* GSM8K: questions with a solution that ends in the answer. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static int detect(const json *line)
{
    return json_count(line) == 2 ? FIELDS_HAVE(line, "question", "answer") : 0;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    if (!answers_prompt(line, "question", r, arena, e) ||
        !fields_text(line, "answer", &r->reference, arena, e))
        return false;
    size_t mark = slice_rfind(r->reference, S("####"));
    if (mark == SIZE_MAX)
        return err_set(e, ERR_SYNTAX,
                       "'answer' has no '#### ' before the final answer "
                       "(format: prompts takes all of it for the answer)");
    r->answer = slice_trim(slice_from(r->reference, mark + 4));
    r->answer_kind = S("number");
    r->domain = S("math");
    r->source = S("gsm8k");
    return r->answer.n || err_set(e, ERR_SYNTAX, "'answer' has nothing after '####'");
}

static const struct importer_case cases[] = {
    CASE_NONE(SEED_ANSWER_ONLY, "a solution",
              "{\"question\":\"q\",\"answer\":\"so <<2+2=4>>4\\n#### 1,800\"}"),
    JSON_BAD("no '#### '", "no mark", {"question" : "q", "answer" : "4"}),
    JSON_BAD("nothing after", "nothing after the mark", {"question" : "q", "answer" : "x #### "}),
    JSON_BAD("'question' is empty", "no question", {"question" : " ", "answer" : "#### 4"}),
};

const struct importer importer_gsm8k = {
    .name = "gsm8k",
    .help = "GSM8K: questions with their answers; files called test are an evaluation set",
    .test_set = "GSM8K test",
    .trust = TRUST_VERIFIED,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
