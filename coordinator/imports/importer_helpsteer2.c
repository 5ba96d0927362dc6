/* HelpSteer2: one scored answer a line; two lines after one another with the same prompt are a
 * pair. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"prompt",    "response",   "helpfulness", "correctness",
                                   "coherence", "complexity", "verbosity",   0};
static const char *const respects[] = {"helpfulness", "correctness", "coherence", "complexity",
                                       "verbosity"};
enum { RESPECTS = sizeof respects / sizeof respects[0] };

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "prompt", "response", "helpfulness", "correctness", "coherence",
                       "complexity", "verbosity");
}

static void key(const json *line, struct hash *h)
{
    hash_field(h, json_string(json_get(line, "prompt")));
}

/* A number, or the mean of a list with one of each annotator. */
static bool rating(const json *line, const char *key, double *value, struct err *e)
{
    const json *node = json_get(line, key), *m = json_first(node);
    double sum = 0, one;
    int n = 0;
    for (; m && json_double(m, &one); m = json_next(m), n++)
        sum += one;
    *value = n ? sum / n : 0;
    return (n > 0 && !m) || (n == 0 && json_double(node, value)) ||
           err_set(e, ERR_SYNTAX, "'%s' must be a number", key);
}

static bool write_ratings(struct jsonw *w, const char *name, const json *line, struct err *e)
{
    jsonw_key(w, name);
    jsonw_object(w);
    for (size_t i = 0; i < RESPECTS; i++) {
        double value;
        if (!rating(line, respects[i], &value, e))
            return false;
        jsonw_kdouble(w, respects[i], value);
    }
    jsonw_end_object(w);
    return true;
}

static bool write_details(const json *const *lines, struct seed_record *r, struct arena *arena,
                          struct err *e)
{
    struct buf text;
    buf_init(&text, arena->max);
    struct jsonw w = jsonw_to(&text);
    size_t chosen = r->responses[0].rank <= r->responses[1].rank ? 0 : 1;
    jsonw_object(&w);
    bool ok = write_ratings(&w, "chosen_ratings", lines[chosen], e) &&
              write_ratings(&w, "rejected_ratings", lines[1 - chosen], e);
    jsonw_end_object(&w);
    ok = ok && fields_keep(&r->details, &text, arena, e);
    buf_free(&text);
    return ok;
}

static bool read_group(const json *const *lines, size_t n, int part, struct seed_record *r,
                       size_t *lead, struct arena *arena, struct err *e)
{
    (void)part;
    *lead = 0;
    r->rows = n;
    r->kind = "scores";
    r->source = S("HelpSteer2");
    if (!answers_steerlm(lines[0], r, arena, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        const json *answer = fields_get(lines[i], "response");
        struct seed_response *response = answers_add(answer, "response", r, arena, e);
        if (!response || !rating(lines[i], "helpfulness", &response->score, e))
            return false;
        response->scored = true;
    }
    if (n < 2) /* nothing to compare it with */
        return fields_rest(lines[0], used, &r->meta, arena, e);
    answers_by_score(r);
    return write_details(lines, r, arena, e) && fields_rest(lines[0], used, &r->meta, arena, e);
}

static const struct importer_group group = {
    .key = key, .max = 2, .open = 1, .parts = 1, .read = read_group};

static const struct importer_case cases[] = {
    CASE_PAIRS(
        1, "two answers",
        "{\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":1,\"correctness\":3,\"coherence\":4,"
        "\"complexity\":1,\"verbosity\":2}\n{\"prompt\":\"q\",\"response\":\"b\",\"helpfulness\":3,"
        "\"correctness\":3,\"coherence\":4,\"complexity\":1,\"verbosity\":2}"),
    CASE_PAIRS(1, "several turns; the ratings of several annotators",
               "{\"prompt\":\"q\\n<extra_id_1>Assistant\\nx\\n<extra_id_1>User\\nr\",\"response\":"
               "\"a\",\"helpfulness\":[4,3],\"correctness\":3,\"coherence\":4,\"complexity\":1,"
               "\"verbosity\":2}\n{\"prompt\":\"q\\n<extra_id_1>Assistant\\nx\\n<extra_id_1>"
               "User\\nr\",\"response\":\"b\",\"helpfulness\":[2,3],\"correctness\":3,"
               "\"coherence\":4,\"complexity\":1,\"verbosity\":2}"),
    CASE_NONE(
        SEED_TIE, "equally helpful",
        "{\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":3,\"correctness\":3,\"coherence\":4,"
        "\"complexity\":1,\"verbosity\":2}\n{\"prompt\":\"q\",\"response\":\"b\",\"helpfulness\":3,"
        "\"correctness\":3,\"coherence\":4,\"complexity\":1,\"verbosity\":2}"),
    CASE_NONE(SEED_PROMPT_ONLY, "an answer without another",
              "{\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":3,\"correctness\":3,"
              "\"coherence\":4,\"complexity\":1,\"verbosity\":2}"),
    CASE_BAD("'helpfulness' must be a number", "no rating",
             "{\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":null,\"correctness\":3,"
             "\"coherence\":4,\"complexity\":1,\"verbosity\":2}"),
};

const struct importer importer_helpsteer2 = {
    .name = "helpsteer2",
    .help = "HelpSteer2: two adjacent lines of one prompt are a pair by helpfulness (0 to 4)",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .group = &group,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
