/* HelpSteer2's preferences: -3 to 3, above 0 for the second answer. */
#include "coordinator/imports/answers.h"
#include "coordinator/imports/fields.h"

static const char *const used[] = {"prompt", "response_1", "response_2", "preference_strength", 0};
enum { STRENGTH_MOST = 3, NEITHER = -100 };

static int detect(const json *line)
{
    return FIELDS_HAVE(line, "prompt", "response_1", "response_2", "preference_strength");
}

static bool is_neither(double strength)
{
    return strength > NEITHER - 0.5 && strength < NEITHER + 0.5;
}

/* All annotators' words, where they are given as a list. */
static void count_votes(const json *list, struct seed_record *r, bool second)
{
    for (const json *m = json_first(list); m; m = json_next(m)) {
        double strength;
        if (!json_double(json_get(m, "strength"), &strength))
            continue;
        bool neither = strength == 0 || is_neither(strength);
        r->votes++;
        r->undecided += neither;
        r->agreed += !neither && (strength > 0) == second;
    }
}

static bool read_line(const json *line, struct seed_record *r, struct arena *arena, struct err *e)
{
    double strength;
    bool given;
    if (!answers_steerlm(line, r, arena, e) ||
        !answers_two(line, "response_1", "response_2", r, arena, e) ||
        !fields_number(line, "preference_strength", &strength, &given, e))
        return false;
    bool neither = given && is_neither(strength);
    if (!given || (!neither && (strength < -STRENGTH_MOST || strength > STRENGTH_MOST)))
        return err_set(e, ERR_SYNTAX, "'preference_strength' must be a number from -3 to 3");
    answers_decide(r, neither         ? WINNER_BOTH_BAD
                      : strength == 0 ? WINNER_TIE
                      : strength > 0  ? WINNER_SECOND
                                      : WINNER_FIRST);
    r->kind = "votes";
    r->source = S("HelpSteer2");
    r->has_margin = r->has_overall = true;
    r->margin = strength;
    count_votes(json_get(line, "all_preferences_unprocessed"), r, strength > 0);
    return fields_rest(line, used, &r->meta, arena, e);
}

static const struct importer_case cases[] = {
    JSON_PAIRS(1, "the second", {
        "split" : "train",
        "prompt" : "q",
        "response_1" : "a",
        "response_2" : "b",
        "preference_strength" : 2,
        "preference_statement" : "s",
        "preference_elaboration" : "e",
        "three_most_similar_preferences" : [],
        "all_preferences_unprocessed" :
            [ {"strength" : 2, "justification" : "j"}, {"strength" : -1, "justification" : "k"} ]
    }),
    JSON_PAIRS(
        1, "the first, as text",
        {"prompt" : "q", "response_1" : "a", "response_2" : "b", "preference_strength" : "-1"}),
    JSON_NONE(SEED_TIE, "a tie",
              {"prompt" : "q", "response_1" : "a", "response_2" : "b", "preference_strength" : 0}),
    JSON_NONE(
        SEED_BOTH_BAD, "neither",
        {"prompt" : "q", "response_1" : "a", "response_2" : "b", "preference_strength" : -100}),
    JSON_BAD("from -3 to 3", "out of range",
             {"prompt" : "q", "response_1" : "a", "response_2" : "b", "preference_strength" : 4}),
    JSON_BAD(
        "from -3 to 3", "no strength",
        {"prompt" : "q", "response_1" : "a", "response_2" : "b", "preference_strength" : null}),
};

const struct importer importer_helpsteer2_preference = {
    .name = "helpsteer2_preference",
    .help = "HelpSteer2's preference folder; import.min_margin is in steps of its scale",
    .trust = TRUST_HUMAN,
    .detect = detect,
    .read = read_line,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
