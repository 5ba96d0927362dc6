/* PPE correctness: up to 32 answers of one model, each marked right or wrong. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

#include <stdio.h>

enum { NOWHERE = SEED_MAX_RESPONSES };

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "prompt", "response_1", "scores");
    return n ? n + (json_get(line, "sampled_conflict_pairs") != NULL) : 0;
}

static const json *nth(const json *list, size_t n)
{
    const json *m = json_first(list);
    while (m && n-- > 0)
        m = json_next(m);
    return m;
}

static bool is_right(const json *mark)
{
    double value;
    return json_type(mark) == JSON_BOOL ? json_bool(mark, false)
                                        : json_double(mark, &value) && value > 0.5;
}

/* read_answers(…, places): places[i]: where response_<i+1> stands among the responses; an empty
 * answer is nowhere. */
static bool read_answers(const json *line, const json *scores, struct seed_record *r,
                         size_t *places, size_t *n, struct arena *arena, struct err *e)
{
    char key[32];
    for (*n = 0; *n < SEED_MAX_RESPONSES; ++*n) {
        snprintf(key, sizeof key, "response_%zu", *n + 1);
        const json *answer = json_get(line, key), *mark = nth(scores, *n);
        if (!answer)
            break;
        if (!mark || json_type(mark) == JSON_NULL)
            return err_set(e, ERR_SYNTAX, "'scores' has no mark for '%s'", key);
        places[*n] = NOWHERE;
        if (json_type(answer) == JSON_NULL || !slice_trim(json_string(answer)).n)
            continue;
        struct seed_response *response = answers_add(answer, key, r, arena, e);
        if (!response || !answers_author(line, "model_name", response, arena, e))
            return false;
        response->rank = is_right(mark) ? 0 : 1;
        places[*n] = r->n_responses - 1;
    }
    return r->n_responses > 0 || err_set(e, ERR_SYNTAX, "no answer in 'response_1' and so on");
}

static bool has_pair(const struct seed_record *r, size_t chosen, size_t rejected)
{
    for (size_t i = 0; i < r->n_pairs; i++)
        if (r->pairs[i].chosen == chosen && r->pairs[i].rejected == rejected)
            return true;
    return false;
}

/* The data set's own choice of pairs of a right and a wrong answer. */
static bool read_pairs(const json *list, struct seed_record *r, const size_t *places, size_t n,
                       struct err *e)
{
    for (const json *m = json_first(list); m; m = json_next(m)) {
        int64_t a, b;
        if (json_count(m) != 2 || !json_i64(json_first(m), &a) ||
            !json_i64(json_next(json_first(m)), &b) || a < 0 || b < 0 || (size_t)a >= n ||
            (size_t)b >= n)
            return err_set(e, ERR_SYNTAX, "'sampled_conflict_pairs' must hold pairs of answers");
        size_t x = places[a], y = places[b];
        if (x == NOWHERE || y == NOWHERE || r->responses[x].rank == r->responses[y].rank ||
            r->n_pairs == SEED_MAX_PAIRS) {
            r->left_out++;
            continue;
        }
        bool first = r->responses[x].rank == 0;
        size_t chosen = first ? x : y, rejected = first ? y : x;
        if (!has_pair(r, chosen, rejected))
            r->pairs[r->n_pairs++] = (struct seed_pair){.chosen = chosen, .rejected = rejected};
    }
    return true;
}

static bool read_meta(const json *line, struct seed_record *r, size_t n, struct arena *arena,
                      struct err *e)
{
    char names[SEED_MAX_RESPONSES][32];
    const char *used[SEED_MAX_RESPONSES + 5] = {"question_id", "prompt", "model_name", "scores"};
    for (size_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "response_%zu", i + 1);
        used[4 + i] = names[i];
    }
    return fields_rest(line, used, &r->meta, arena, e);
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    size_t places[SEED_MAX_RESPONSES], n = 0;
    json *score_text = NULL, *pair_text = NULL;
    r->kind = "correctness";
    r->label = LABEL_CHECKED;
    r->source = r->eval_set = S("PPE");
    const json *scores = fields_decoded(line, "scores", &score_text, e);
    bool ok = scores && answers_prompt(line, "prompt", r, arena, e) &&
              read_answers(line, scores, r, places, &n, arena, e);
    if (ok && fields_get(line, "sampled_conflict_pairs")) {
        const json *pairs = fields_decoded(line, "sampled_conflict_pairs", &pair_text, e);
        ok = pairs && read_pairs(pairs, r, places, n, e);
    }
    json_free(score_text);
    json_free(pair_text);
    return ok && fields_label(line, "question_id", &r->name, arena, e) &&
           read_meta(line, r, n, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(2, "its own choice of pairs, one of them twice", {
        "question_id" : 3,
        "prompt" : "q",
        "response_1" : "a",
        "response_2" : "b",
        "response_3" : "c",
        "scores" : [ true, false, false ],
        "model_name" : "m",
        "sampled_conflict_pairs" : [ [ 0, 1 ], [ 2, 0 ], [ 1, 0 ] ]
    }),
    JSON_PAIRS(2, "no choice: right over wrong", {
        "question_id" : 3,
        "prompt" : "q",
        "response_1" : "a",
        "response_2" : "b",
        "response_3" : "c",
        "scores" : [ 1, 0, 1 ]
    }),
    JSON_NONE(SEED_ONE_SIDED, "all right", {
        "question_id" : 3,
        "prompt" : "q",
        "response_1" : "a",
        "response_2" : "b",
        "scores" : "[true, true]",
        "sampled_conflict_pairs" : []
    }),
    JSON_BAD("no mark for 'response_2'", "a mark is missing",
             {"prompt" : "q", "response_1" : "a", "response_2" : "b", "scores" : [true]}),
    JSON_BAD("pairs of answers", "an answer that is not there", {
        "prompt" : "q",
        "response_1" : "a",
        "response_2" : "b",
        "scores" : [ true, false ],
        "sampled_conflict_pairs" : [[ 0, 2 ]]
    }),
};

const struct importer importer_ppe_best_of_k = {
    .name = "ppe_best_of_k",
    .help =
        "PPE correctness, best of K (an evaluation set): the pairs it names, else right over wrong",
    .trust = TRUST_VERIFIED,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
