/* MATH: problems with a worked solution; the answer stands in its last \boxed{}. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"problem", "solution", "answer", "unique_id", 0};

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "problem", "solution");
    return n ? n + (json_get(line, "level") != NULL) + (json_get(line, "answer") != NULL) : 0;
}

/* braces(text): what stands between the first brace and its partner; empty when it has none. */
static struct slice braces(struct slice text)
{
    size_t depth = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\\')
            i++;
        else if (text.p[i] == '{')
            depth++;
        else if (text.p[i] == '}' && --depth == 0)
            return slice_sub(text, 1, i - 1);
    }
    return (struct slice){0};
}

/* boxed(text): of the last \boxed{…}, \fbox{…}, or "\boxed " up to a dollar sign. */
static struct slice boxed(struct slice text)
{
    size_t box = slice_rfind(text, S("\\boxed")), frame = slice_rfind(text, S("\\fbox"));
    if (box == SIZE_MAX && frame == SIZE_MAX)
        return (struct slice){0};
    bool is_box = frame == SIZE_MAX || (box != SIZE_MAX && box > frame);
    struct slice rest = is_box ? slice_from(text, box + 6) : slice_from(text, frame + 5);
    if (rest.n > 0 && rest.p[0] == '{')
        return slice_trim(braces(rest));
    return slice_trim(slice_sub(rest, 0, slice_find(rest, S("$"))));
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    if (!answers_prompt(line, "problem", r, arena, e) ||
        !fields_text(line, "solution", &r->reference, arena, e) ||
        !fields_label(line, "answer", &r->answer, arena, e) ||
        !fields_label(line, "unique_id", &r->name, arena, e))
        return false;
    if (!slice_trim(r->answer).n)
        r->answer = boxed(r->reference);
    if (r->answer.n)
        r->answer_kind = S("math");
    if (slice_starts(r->name, S("test/")))
        r->eval_set = S("MATH test");
    r->domain = S("math");
    r->source = S("MATH");
    return fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    CASE_NONE(SEED_ANSWER_ONLY, "nested braces",
              "{\"problem\":\"q\",\"level\":\"Level 5\",\"type\":\"Algebra\",\"solution\":\"first "
              "\\\\boxed{1}, then $\\\\boxed{\\\\frac{1}{2}}$.\"}"),
    CASE_NONE(SEED_ANSWER_ONLY, "a box without braces",
              "{\"problem\":\"q\",\"level\":\"Level 1\",\"type\":\"Algebra\",\"solution\":\"so "
              "$\\\\boxed 3$.\"}"),
    JSON_NONE(SEED_ANSWER_ONLY, "MATH-500", {
        "problem" : "q",
        "solution" : "s",
        "answer" : "7",
        "subject" : "Algebra",
        "level" : 2,
        "unique_id" : "test/algebra/1.json"
    }),
    JSON_NONE(SEED_PROMPT_ONLY, "a proof", {"problem" : "q", "solution" : "no box"}),
    JSON_BAD("'problem' is empty", "no problem", {"problem" : "", "solution" : "s"}),
    JSON_BAD("'problem' must be", "no text", {"problem" : null, "solution" : "s"}),
};

const struct importer importer_math = {
    .name = "math",
    .help =
        "MATH and MATH-500: problems with their answers; files called test are an evaluation set",
    .test_set = "MATH test",
    .trust = TRUST_VERIFIED,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
