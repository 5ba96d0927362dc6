/* How answers are checked: keys that do not go together. A key that the kind never looks at is a
 * mistake, not a wish; under `auto` seeds may be of any kind. */
#include "schemas/project_check.h"

static bool is_for(const struct project *p, enum answer_kind kind)
{
    return p->answers.kind == ANSWER_KIND_AUTO || p->answers.kind == (int)kind;
}

/* The command of the user's: there must be one where it is needed, and only there. */
static bool check_exec(const struct project *p, struct err *e)
{
    const struct project_answers *a = &p->answers;
    bool given = a->exec[0] != '\0';
    if (given && slice_trim(slice_of(a->exec)).n == 0)
        return project_check_complain(p, "answers.exec", e, "must not be blank");
    if (a->kind == ANSWER_KIND_EXEC && !given)
        return project_check_complain(
            p, "answers.exec", e,
            "is missing: the kind exec needs a command, e.g. 'python3 exec_checker.py'");
    return !given || is_for(p, ANSWER_KIND_EXEC) ||
           project_check_complain(p, "answers.exec", e,
                                  "is not used by the kind %s; set answers.kind to exec, or leave "
                                  "the command out",
                                  answer_kind_name((enum answer_kind)a->kind));
}

bool project_check_answers(const struct project *p, struct err *e)
{
    const struct project_answers *a = &p->answers;
    const char *kind = answer_kind_name((enum answer_kind)a->kind);
    bool numbers = is_for(p, ANSWER_KIND_NUMBER), maths = numbers || is_for(p, ANSWER_KIND_MATH);
    const struct {
        bool wrong;
        const char *path, *whose;
    } rows[] = {
        {a->relative > 0 && !numbers, "answers.relative", "number"},
        {a->absolute > 0 && !numbers, "answers.absolute", "number"},
        {a->fold_case && !is_for(p, ANSWER_KIND_TEXT), "answers.fold_case", "text"},
        {a->ratios && !maths, "answers.ratios", "math and number"},
        {a->extract == EXTRACT_LAST_NUMBER && !maths && a->kind != ANSWER_KIND_EXEC,
         "answers.extract", "math, number and exec (last_number)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].wrong)
            return project_check_complain(p, rows[i].path, e,
                                          "is not used by the kind %s; it is for %s", kind,
                                          rows[i].whose);
    return check_exec(p, e);
}
