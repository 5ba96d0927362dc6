/*
 * scores: pairwise judging as in J1's PaS (arXiv 2505.10320): think, then a score for each answer;
 * the larger one wins, equal ones are a tie. The wording is ours; the tags are the paper's.
 */
#include "judges/layout.h"
#include "judges/tags.h"

static const char wording[] =
    "=== system ===\n"
    "You are an impartial judge. You are given a user's question and two answers to it, from "
    "assistant A and assistant B. Score both, so that the better answer has the higher "
    "score." LAYOUT_HELPS "\n"
    "\n"
    "First think it through between <think> and </think>: work out what a good answer to this "
    "question must contain, solve the question yourself when it can be solved, check the claims "
    "and steps of each answer, and compare the two in detail. Judge correctness before style. The "
    "order in which the answers are shown, their length and the assistants' names must not "
    "influence you. " LAYOUT_FAIRNESS "\n"
    "\n"
    "Then give the two scores, each a number from 0 (useless) to 10 (could not be better), whole "
    "or with one decimal, and nothing else between the tags: that of assistant A's answer between "
    "<score_A{{nonce}}> and </score_A{{nonce}}>, that of assistant B's answer between "
    "<score_B{{nonce}}> and </score_B{{nonce}}>. There is no tie: the scores must differ.\n"
    "\n"
    "Example of the form:\n"
    "<think>your reasoning</think>\n"
    "<score_A{{nonce}}> X </score_A{{nonce}}>\n"
    "<score_B{{nonce}}> X </score_B{{nonce}}>\n"
    "with each X replaced by a score.\n" LAYOUT_PAIR;

/* Why there is no pair of scores, when each has a reason: the graver one, whichever it is of. */
static enum verdict graver(enum verdict a, enum verdict b)
{
    static const enum verdict by_weight[] = {VERDICT_CONFLICTING, VERDICT_MALFORMED,
                                             VERDICT_OUT_OF_RANGE, VERDICT_OUTSIDE};
    for (size_t i = 0; i < sizeof by_weight / sizeof by_weight[0]; i++)
        if (a == by_weight[i] || b == by_weight[i])
            return by_weight[i];
    return VERDICT_NONE;
}

static struct judge_reading parse(const struct trace *t, struct slice nonce)
{
    struct judge_reading r = {.score_a = SCORE_NONE, .score_b = SCORE_NONE};
    if (!tags_readable(t, &r.verdict))
        return r;
    int a, b;
    enum verdict of_a = tags_score(t->answer, "score_A", nonce, &a);
    enum verdict of_b = tags_score(t->answer, "score_B", nonce, &b);
    if (of_a != VERDICT_SCORE || of_b != VERDICT_SCORE) {
        r.verdict = graver(of_a, of_b);
        return r;
    }
    r.verdict = a > b ? VERDICT_A : b > a ? VERDICT_B : VERDICT_TIE;
    r.score_a = a;
    r.score_b = b;
    return r;
}

static const struct judge_case cases[] = {
    {"<think>t</think><score_A> 7 </score_A><score_B> 6.5 </score_B>", FINISH_STOP, VERDICT_A,
     "plain", 700, 650},
};

const struct judge judge_scores = {
    .name = "scores",
    .help = "pairwise: think, then a score from 0 to 10 for each answer; the larger wins (J1)",
    .format = FORMAT_SCORES,
    .has_scores = true,
    .wording = wording,
    .prompt_id = "scores-1",
    .parse = parse,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
