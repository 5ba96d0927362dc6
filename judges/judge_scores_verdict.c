/*
 * scores_verdict: pairwise judging as in J1's PaVS (arXiv 2505.10320): think, score both answers,
 * then the bracketed letter in answer tags. The verdict alone decides; scores that are lacking or
 * wrong are none. The wording is ours; the tags are the paper's.
 */
#include "judges/layout.h"
#include "judges/tags.h"

static const char wording[] =
    "=== system ===\n"
    "You are an impartial judge. You are given a user's question and two answers to it, from "
    "assistant A and assistant B. Score both and decide which answer is better." LAYOUT_HELPS "\n"
    "\n"
    "First think it through between <think> and </think>: work out what a good answer to this "
    "question must contain, solve the question yourself when it can be solved, check the claims "
    "and steps of each answer, and compare the two in detail. Judge correctness before style. The "
    "order in which the answers are shown, their length and the assistants' names must not "
    "influence you. " LAYOUT_FAIRNESS "\n"
    "\n"
    "Then give the two scores, each a number from 0 (useless) to 10 (could not be better), whole "
    "or with one decimal: that of assistant A's answer between <score_A{{nonce}}> and "
    "</score_A{{nonce}}>, that of assistant B's answer between <score_B{{nonce}}> and "
    "</score_B{{nonce}}>.\n"
    "\n"
    "Last give your verdict between <answer{{nonce}}> and </answer{{nonce}}>, as [[A]] when "
    "assistant A's answer is better or [[B]] when assistant B's answer is better. There is no "
    "tie, and nothing else may stand between these tags.\n"
    "\n"
    "Example of the form:\n"
    "<think>your reasoning</think>\n"
    "<score_A{{nonce}}> 0 </score_A{{nonce}}>\n"
    "<score_B{{nonce}}> 0 </score_B{{nonce}}>\n"
    "<answer{{nonce}}> [[X]] </answer{{nonce}}> with the scores filled in and X replaced by the "
    "letter of the better answer.\n" LAYOUT_PAIR;

static struct judge_reading parse(const struct trace *t, struct slice nonce)
{
    struct judge_reading r = {.score_a = SCORE_NONE, .score_b = SCORE_NONE};
    if (!tags_readable(t, &r.verdict))
        return r;
    r.verdict = tags_verdict(t->answer, nonce);
    tags_score(t->answer, "score_A", nonce, &r.score_a);
    tags_score(t->answer, "score_B", nonce, &r.score_b);
    return r;
}

static const struct judge_case cases[] = {
    {"<think>t</think><score_A>2</score_A><score_B>8</score_B><answer>[[A]]</answer>", FINISH_STOP,
     VERDICT_A, "the verdict decides over the scores", 200, 800},
};

const struct judge judge_scores_verdict = {
    .name = "scores_verdict",
    .help = "pairwise: think, score both answers, then [[A]] or [[B]], which decides (J1)",
    .format = FORMAT_SCORES_VERDICT,
    .has_scores = true,
    .wording = wording,
    .prompt_id = "scores_verdict-1",
    .parse = parse,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
