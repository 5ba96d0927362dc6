/* Nectar: seven answers in a model's ranking. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/dialogue.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"prompt", "answers", "source", 0};

static int detect(const json *line)
{
    int n = FIELDS_HAVE(line, "prompt", "answers");
    return n ? n + (json_get(line, "num_responses") != NULL) +
                   (json_get(line, "good_natured") != NULL)
             : 0;
}

static bool read_answer(const json *m, struct seed_record *r, struct arena *arena, struct err *e)
{
    double rank;
    bool given;
    if (json_type(json_get(m, "answer")) == JSON_STRING &&
        !slice_trim(json_string(json_get(m, "answer"))).n) {
        r->left_out++; /* the model said nothing */
        return true;
    }
    struct seed_response *response = answers_add(json_get(m, "answer"), "answers", r, arena, e);
    if (!response || !fields_number(m, "rank", &rank, &given, e))
        return false;
    if (!given || rank < 0 || rank > 1e6)
        return err_set(e, ERR_SYNTAX, "'answers' must hold {answer, model, rank}");
    response->rank = (int)rank;
    return answers_author(m, "model", response, arena, e);
}

static bool read_answers(const json *line, struct seed_record *r, struct arena *arena,
                         struct err *e)
{
    json *text;
    const json *list = fields_decoded(line, "answers", &text, e);
    bool ok = list != NULL;
    for (const json *m = json_first(list); ok && m; m = json_next(m))
        ok = read_answer(m, r, arena, e);
    json_free(text);
    return ok;
}

static bool read_prompt(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    struct slice text = json_string(json_get(line, "prompt"));
    if (slice_find(text, S("\n\nHuman:")) == SIZE_MAX)
        return answers_prompt(line, "prompt", r, arena, e);
    return dialogue_read(text, &r->prompt, arena, e) &&
           (!chat_is_blank(&r->prompt) || err_set(e, ERR_SYNTAX, "'prompt' is empty"));
}

static bool read_source(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    const json *source = fields_get(line, "source"), *first = json_first(source);
    struct slice text = json_string(first ? first : source);
    r->source = arena_dup(arena, text);
    return r->source.p || err_set(e, ERR_LIMIT, "'source' is too large");
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    r->kind = "ranking";
    if (!read_prompt(line, r, arena, e) || !read_answers(line, r, arena, e) ||
        !read_source(line, r, arena, e))
        return false;
    r->label = r->n_responses > 0 ? LABEL_RANKED : LABEL_NONE;
    return fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(2, "the best over each of the rest", {
        "prompt" : "\n\nHuman: q\n\nAssistant: ",
        "answers" : [
            {"answer" : "b", "model" : "n", "rank" : 2.0},
            {"answer" : "a", "model" : "m", "rank" : 1.0},
            {"answer" : "c", "model" : "o", "rank" : 3.0}
        ],
        "turns" : 1,
        "num_responses" : 3,
        "source" : ["s"],
        "good_natured" : true
    }),
    JSON_PAIRS(1, "equal ranks below the best", {
        "prompt" : "\n\nHuman: q\n\nAssistant: x\n\nHuman: r\n\nAssistant: ",
        "answers" : [
            {"answer" : "a", "model" : "m", "rank" : 1},
            {"answer" : "c", "model" : "o", "rank" : 2}, {"answer" : "", "model" : "p", "rank" : 2}
        ],
        "num_responses" : 3
    }),
    JSON_NONE(SEED_TIE, "equal ranks", {
        "prompt" : "q",
        "answers" : [
            {"answer" : "a", "model" : "m", "rank" : 1}, {"answer" : "c", "model" : "o", "rank" : 1}
        ],
        "num_responses" : 2
    }),
    JSON_BAD(
        "{answer, model, rank}", "no rank",
        {"prompt" : "q", "answers" : [ {"answer" : "a", "model" : "m"} ], "num_responses" : 1}),
};

const struct importer importer_nectar = {
    .name = "nectar",
    .help = "Nectar: answers as a model ranked them; import.ranking says which pairs are taken",
    .trust = TRUST_SYNTHETIC,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
