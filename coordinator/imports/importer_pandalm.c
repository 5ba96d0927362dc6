/* PandaLM's test set: two answers and the words of three annotators. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {
    "idx",        "instruction", "input",      "response1", "response2",
    "annotator1", "annotator2",  "annotator3", "cmp_key",   0};

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "instruction", "response1", "response2", "annotator1", "annotator2");
}

static bool read_votes(const json *line, struct seed_record *r, struct err *e)
{
    static const char *const keys[] = {"annotator1", "annotator2", "annotator3"};
    unsigned votes[3] = {0};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        double value;
        bool given;
        if (!fields_number(line, keys[i], &value, &given, e))
            return false;
        if (given && value != 0 && value != 1 && value != 2)
            return err_set(e, ERR_SYNTAX, "'%s' must be 0 (a tie), 1 or 2", keys[i]);
        if (given)
            votes[(int)value]++;
    }
    if (votes[0] + votes[1] + votes[2] == 0)
        return err_set(e, ERR_SYNTAX, "no annotator says anything");
    answers_votes(r, votes[1], votes[2], votes[0]);
    return true;
}

/* "llama-7b_opt-7b": the models of both answers. */
static bool read_authors(const json *line, struct seed_record *r, struct arena *arena,
                         struct err *e)
{
    struct slice key = {0}, second = {0};
    if (!fields_text(line, "cmp_key", &key, arena, e))
        return false;
    r->responses[0].author = slice_cut(key, '_', &second);
    r->responses[1].author = second;
    return true;
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    r->kind = "votes";
    r->source = r->eval_set = S("PandaLM test");
    return answers_instruction(line, r, arena, e) &&
           answers_two(line, "response1", "response2", r, arena, e) && read_votes(line, r, e) &&
           read_authors(line, r, arena, e) && fields_label(line, "idx", &r->name, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "of one mind", {
        "idx" : 0,
        "motivation_app" : "x.com",
        "cmp_key" : "m_n",
        "instruction" : "q",
        "input" : "i",
        "response1" : "a",
        "response2" : "b",
        "annotator1" : 1,
        "annotator2" : 1,
        "annotator3" : 1
    }),
    JSON_PAIRS(1, "two of three; no input, as Python writes it", {
        "idx" : 0,
        "cmp_key" : "m_n",
        "instruction" : "q",
        "input" : NaN,
        "response1" : "a",
        "response2" : "b",
        "annotator1" : 2,
        "annotator2" : 0,
        "annotator3" : 2
    }),
    JSON_NONE(SEED_TIE, "most see a tie", {
        "idx" : 0,
        "instruction" : "q",
        "input" : "",
        "response1" : "a",
        "response2" : "b",
        "annotator1" : 0,
        "annotator2" : 0,
        "annotator3" : 2
    }),
    JSON_NONE(SEED_ANNOTATORS, "everyone else", {
        "idx" : 0,
        "instruction" : "q",
        "response1" : "a",
        "response2" : "b",
        "annotator1" : 0,
        "annotator2" : 1,
        "annotator3" : 2
    }),
    JSON_BAD("must be 0", "an unknown word", {
        "idx" : 0,
        "instruction" : "q",
        "response1" : "a",
        "response2" : "b",
        "annotator1" : 3,
        "annotator2" : 1,
        "annotator3" : 2
    }),
    JSON_BAD("no annotator", "nobody said anything", {
        "idx" : 0,
        "instruction" : "q",
        "response1" : "a",
        "response2" : "b",
        "annotator1" : null,
        "annotator2" : null
    }),
};

const struct importer importer_pandalm = {
    .name = "pandalm",
    .help = "PandaLM's test set (an evaluation set); a majority of its annotators decides",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
