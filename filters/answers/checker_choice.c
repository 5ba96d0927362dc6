/* The letter of one of several choices. */
#include "filters/answers/checker.h"
#include "filters/answers/letter.h"
#include "filters/answers/outcome.h"

static bool check_gold(struct slice gold, struct err *e)
{
    if (!outcome_check_text(gold, e))
        return false;
    return letter_read(gold, false) ||
           err_set(e, ERR_SYNTAX, "is not the letter of one choice, e.g. C or (C)");
}

static void compare(const struct answer_rules *rules, struct slice gold, struct slice candidate,
                    struct answer_result *r)
{
    (void)rules;
    if (outcome_without_look(gold, candidate, r))
        return;
    char known = letter_read(gold, false), given = letter_read(candidate, false);
    if (!known || !given)
        outcome_all(r, ANSWER_UNKNOWN, "the %s is not the letter of one choice",
                    known ? "candidate" : "known answer");
    else if (known == given)
        outcome_all(r, ANSWER_EQUAL, "both choose %c", known);
    else
        outcome_all(r, ANSWER_DIFFERENT, "%c is not %c", given, known);
}

#define EQ ANSWER_EQUAL, ANSWER_EQUAL, ANSWER_EQUAL
#define NE ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_DIFFERENT
#define NO ANSWER_UNKNOWN, ANSWER_UNKNOWN, ANSWER_UNKNOWN

static const struct checker_case cases[] = {
    {"C", "(C)", EQ, "brackets"},
    {"C", "\\text{(C)}", EQ, "as text in TeX"},
    {"\\text{C}", "C.", EQ, "a full stop"},
    {"C", "c)", EQ, "a small letter"},
    {"C", "C: because 3 is odd", EQ, "the reason after a colon"},
    {"C", "C) 45 degrees", EQ, "the text of the choice"},
    {"C", "option C", EQ, "the word before it"},
    {"C", "The answer is **(C)**.", EQ, "a sentence with emphasis"},
    {"C", "$\\textbf{(C)}$", EQ, "wrapped three times"},
    {"C", "**C**: 45", EQ, "emphasis around the letter alone"},
    {"C", "C because it is odd", EQ, "a reason"},
    {"C", "C. A cat", EQ, "a choice whose text begins with A"},
    {"I", "I", EQ, "a letter that is a word, too"},
    {"C", "D", NE, "another letter"},
    {"C", "(B)", NE, "another letter"},
    {"C", "", NE, "nothing"},
    {"A", "A cat", NO, "the article is no letter"},
    {"A", "A, B", NO, "several letters are not a choice"},
    {"A", "(A)(C)", NO, "several letters"},
    {"A", "A and C", NO, "several letters"},
    {"A", "Either A or C", NO, "several letters"},
    {"A", "AC", NO, "several letters"},
    {"A", "A. C.", NO, "several letters"},
    {"A", "A: A, B and D hold", NO, "several letters after the first"},
    {"C", "45 degrees", NO, "the text of a choice, not its letter"},
    {"C", "Cat", NO, "a word"},
};

const struct checker checker_choice = {
    .name = "choice",
    .help = "the letter of one of several choices: C, (C), \\text{(C)}, \"C: because\", option C",
    .check_gold = check_gold,
    .compare = compare,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
