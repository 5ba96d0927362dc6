/* HelpSteer3's preferences: -3 to 3, below 0 for the first answer; several annotators. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"domain",    "language",           "context", "response1",
                                   "response2", "overall_preference", 0};
enum { STRENGTH_MOST = 3 };

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "context", "response1", "response2", "overall_preference");
}

static void count_votes(const json *list, struct seed_record *r, bool second)
{
    for (const json *m = json_first(list); m; m = json_next(m)) {
        double score;
        if (!json_double(json_get(m, "score"), &score))
            continue;
        r->votes++;
        r->undecided += score == 0;
        r->agreed += score != 0 && (score > 0) == second;
    }
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    double strength;
    bool given;
    if (!answers_prompt(line, "context", r, arena, e) ||
        !answers_two(line, "response1", "response2", r, arena, e) ||
        !fields_number(line, "overall_preference", &strength, &given, e))
        return false;
    if (!given || strength < -STRENGTH_MOST || strength > STRENGTH_MOST)
        return err_set(e, ERR_SYNTAX, "'overall_preference' must be a number from -3 to 3");
    answers_decide(r, strength == 0 ? WINNER_TIE : strength > 0 ? WINNER_SECOND : WINNER_FIRST);
    r->kind = "votes";
    r->source = S("HelpSteer3");
    r->has_margin = r->has_overall = true;
    r->margin = strength;
    count_votes(json_get(line, "individual_preference"), r, strength > 0);
    return fields_text(line, "domain", &r->domain, arena, e) &&
           fields_text(line, "language", &r->language, arena, e) &&
           fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "the first", {
        "domain" : "Code",
        "language" : "python",
        "context" : [ {"role" : "user", "content" : "q"} ],
        "response1" : "a",
        "response2" : "b",
        "overall_preference" : -2,
        "individual_preference" : [
            {"score" : -2, "reasoning" : "x", "feedback1" : "y", "feedback2" : "z"}, {"score" : -1},
            {"score" : 1}
        ]
    }),
    JSON_PAIRS(1, "the second, after a turn", {
        "domain" : "General",
        "language" : "english",
        "context" : [
            {"role" : "user", "content" : "q"}, {"role" : "assistant", "content" : "x"},
            {"role" : "user", "content" : "r"}
        ],
        "response1" : "a",
        "response2" : "b",
        "overall_preference" : 1,
        "individual_preference" : []
    }),
    JSON_NONE(SEED_TIE, "a tie", {
        "domain" : "STEM",
        "context" : [ {"role" : "user", "content" : "q"} ],
        "response1" : "a",
        "response2" : "b",
        "overall_preference" : 0,
        "individual_preference" : null
    }),
    JSON_BAD("from -3 to 3", "out of range", {
        "context" : [ {"role" : "user", "content" : "q"} ],
        "response1" : "a",
        "response2" : "b",
        "overall_preference" : -4
    }),
};

const struct importer importer_helpsteer3 = {
    .name = "helpsteer3",
    .help = "HelpSteer3's preferences; its annotators' scores are votes in the evidence",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
