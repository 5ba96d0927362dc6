/* RMB: pairs, and best-of-N sets of one best answer and several losers. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"pair_uid", "bon_uid",    "conversation_input", "chosen",
                                   "reject",   "loser_list", "bon_best",           0};

static int detect(const json *line)
{
    int pair = FIELDS_HAVE(line, "conversation_input", "chosen", "reject");
    return pair ? pair : FIELDS_HAVE(line, "conversation_input", "bon_best", "loser_list");
}

static bool add(const json *answer, const char *key, int rank, struct seed_record *r,
                struct arena *arena, struct err *e)
{
    if (!answer || json_type(answer) != JSON_OBJECT)
        return err_set(e, ERR_SYNTAX, "'%s' must hold {llm_name, answer}", key);
    struct seed_response *response = answers_add(json_get(answer, "answer"), key, r, arena, e);
    if (!response)
        return false;
    response->rank = rank;
    return answers_author(answer, "llm_name", response, arena, e) &&
           fields_number(answer, "score", &response->score, &response->scored, e);
}

static bool add_losers(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    const json *list = fields_get(line, "loser_list");
    if (!list || json_type(list) != JSON_LIST || !json_first(list))
        return err_set(e, ERR_SYNTAX, "'loser_list' must be a list of answers");
    for (const json *m = json_first(list); m; m = json_next(m))
        if (!add(m, "loser_list", 1, r, arena, e))
            return false;
    return true;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    bool best = json_get(line, "bon_best");
    r->kind = "ranking";
    r->label = LABEL_RANKED;
    r->source = r->eval_set = S("RMB");
    return answers_prompt(line, "conversation_input", r, arena, e) &&
           add(fields_get(line, best ? "bon_best" : "chosen"), best ? "bon_best" : "chosen", 0, r,
               arena, e) &&
           (best ? add_losers(line, r, arena, e)
                 : add(fields_get(line, "reject"), "reject", 1, r, arena, e)) &&
           fields_label(line, best ? "bon_uid" : "pair_uid", &r->name, arena, e) &&
           fields_text(line, "category_path", &r->domain, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "a pair", {
        "pair_uid" : "1",
        "conversation_input" : [ {"role" : "user", "content" : "q"} ],
        "chosen" : {"llm_name" : "m", "answer" : "a", "score" : 3.5},
        "reject" : {"llm_name" : "n", "answer" : "b", "score" : 1.0},
        "category_path" : "Pairwise_set/Harmlessness/multi"
    }),
    JSON_PAIRS(2, "best of three", {
        "bon_uid" : 2,
        "conversation_input" : [
            {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "x"},
            {"role" : "user", "content" : "r"}
        ],
        "bon_best" : {"llm_name" : "m", "answer" : "a"},
        "loser_list" : [ {"llm_name" : "n", "answer" : "b"}, {"llm_name" : "o", "answer" : "c"} ],
        "category_path" : "BoN_set/Helpfulness/Code"
    }),
    JSON_BAD("'loser_list' must be", "nobody lost", {
        "conversation_input" : [ {"role" : "user", "content" : "q"} ],
        "bon_best" : {"llm_name" : "m", "answer" : "a"},
        "loser_list" : []
    }),
    JSON_BAD("'chosen' must hold", "a text instead of an answer", {
        "conversation_input" : [ {"role" : "user", "content" : "q"} ],
        "chosen" : "a",
        "reject" : {"llm_name" : "n", "answer" : "b"}
    }),
};

const struct importer importer_rmb = {
    .name = "rmb",
    .help = "RMB, pairwise and best-of-N (an evaluation set); scored by models",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
