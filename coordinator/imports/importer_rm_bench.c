/* RM-Bench: three right and three wrong answers, in three styles: nine pairs. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"id", "prompt", "chosen", "rejected", "domain", 0};
static const char *const styles[] = {"concise", "detailed", "detailed_markdown"};
enum { STYLES = sizeof styles / sizeof styles[0] };

static bool is_texts(const json *node)
{
    return node && json_type(node) == JSON_LIST && json_type(json_first(node)) == JSON_STRING;
}

static int detect(const json *line)
{
    if (!is_texts(json_get(line, "chosen")) || !is_texts(json_get(line, "rejected")) ||
        !json_get(line, "prompt") || json_get(line, "num_correct"))
        return 0;
    return 3 + (json_get(line, "domain") != NULL);
}

static bool name_styles(struct seed_record *r, struct err *e)
{
    if (r->n_responses != (size_t)2 * STYLES)
        return err_set(e, ERR_SYNTAX, "'chosen' and 'rejected' must be lists of three styles each");
    for (size_t i = 0; i < r->n_responses; i++) {
        if (r->responses[i].rank != (i >= STYLES))
            return err_set(e, ERR_SYNTAX,
                           "'chosen' and 'rejected' must be lists of three styles each");
        r->responses[i].note = slice_of(styles[i % STYLES]);
    }
    return true;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    r->kind = "correctness";
    r->label = LABEL_CHECKED;
    r->source = r->eval_set = S("RM-Bench");
    return answers_prompt(line, "prompt", r, arena, e) &&
           answers_list(line, "chosen", 0, r, arena, e) &&
           answers_list(line, "rejected", 1, r, arena, e) && name_styles(r, e) &&
           fields_label(line, "id", &r->name, arena, e) &&
           fields_text(line, "domain", &r->domain, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(9, "three by three", {
        "id" : 1,
        "prompt" : "q",
        "chosen" : [ "a", "aa", "aaa" ],
        "rejected" : [ "b", "bb", "bbb" ],
        "domain" : "code"
    }),
    JSON_PAIRS(9, "a raw file", {
        "id" : "x_1",
        "prompt" : "q",
        "chosen" : [ "a", "aa", "aaa" ],
        "rejected" : [ "b", "bb", "bbb" ],
        "domain" : "chat",
        "subset" : "s",
        "error_key" : "k",
        "error" : "w"
    }),
    JSON_BAD("three styles", "a style is missing", {
        "prompt" : "q",
        "chosen" : [ "a", "aa" ],
        "rejected" : [ "b", "bb", "bbb" ],
        "domain" : "code"
    }),
    JSON_BAD("three styles", "on the wrong side", {
        "prompt" : "q",
        "chosen" : [ "a", "aa" ],
        "rejected" : [ "b", "bb", "bbb", "bbbb" ],
        "domain" : "code"
    }),
};

const struct importer importer_rm_bench = {
    .name = "rm_bench",
    .help = "RM-Bench (an evaluation set): 3 x 3 pairs, their styles in the evidence",
    .trust = TRUST_VERIFIED,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
