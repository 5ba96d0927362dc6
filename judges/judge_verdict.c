/*
 * verdict: pairwise judging as in J1 (arXiv 2505.10320): think, then the bracketed letter of the
 * better answer in answer tags. The wording is ours; the tags are the paper's.
 */
#include "judges/layout.h"
#include "judges/tags.h"

static const char wording[] =
    "=== system ===\n"
    "You are an impartial judge. You are given a user's question and two answers to it, from "
    "assistant A and assistant B. Decide which answer is better." LAYOUT_HELPS "\n"
    "\n"
    "First think it through between <think> and </think>: work out what a good answer to this "
    "question must contain, solve the question yourself when it can be solved, check the claims "
    "and steps of each answer, and compare the two in detail. Judge correctness before style. The "
    "order in which the answers are shown, their length and the assistants' names must not "
    "influence you. " LAYOUT_FAIRNESS "\n"
    "\n"
    "Then give your verdict between <answer{{nonce}}> and </answer{{nonce}}>, as [[A]] when "
    "assistant A's answer is better or [[B]] when assistant B's answer is better. There is no "
    "tie, and nothing else may stand between these tags.\n"
    "\n"
    "Example of the form:\n"
    "<think>your reasoning</think>\n"
    "<answer{{nonce}}> [[X]] </answer{{nonce}}> with X replaced by the letter of the better "
    "answer.\n" LAYOUT_PAIR;

static struct judge_reading parse(const struct trace *t, struct slice nonce)
{
    struct judge_reading r = {.score_a = SCORE_NONE, .score_b = SCORE_NONE};
    if (tags_readable(t, &r.verdict))
        r.verdict = tags_verdict(t->answer, nonce);
    return r;
}

static const struct judge_case cases[] = {
    JUDGE_CASE("<think>t</think>\n<answer> [[A]] </answer>", FINISH_STOP, VERDICT_A, "plain"),
    JUDGE_CASE("t</think><answer>[[B]]</answer>", FINISH_STOP, VERDICT_B,
               "opening tag in the template"),
    JUDGE_CASE("<answer>**[[A]]**</answer>", FINISH_STOP, VERDICT_A, "emphasis, no thought"),
    JUDGE_CASE("<think>[[B]] <answer>[[B]]</answer></think><answer>[[A]]</answer>", FINISH_STOP,
               VERDICT_A, "the thought does not vote"),
    JUDGE_CASE("<think>he wrote </think> <answer>[[B]]</answer></think><answer>[[A]]</answer>",
               FINISH_STOP, VERDICT_A, "a quoted closing tag"),
    JUDGE_CASE("<think>t</think><answer>[[A]] [[B]]</answer>", FINISH_STOP, VERDICT_CONFLICTING,
               "both"),
    JUDGE_CASE("<think>t</think><answer>[[A]]</answer><answer>[[B]]</answer>", FINISH_STOP,
               VERDICT_CONFLICTING, "two blocks that disagree"),
    JUDGE_CASE("<think>t</think><answer>[[B]]</answer> so <answer>[[B]]</answer>", FINISH_STOP,
               VERDICT_B, "two blocks that agree"),
    JUDGE_CASE("<think>t</think><answer>[[A]]</answer><answer>[[B]]", FINISH_STOP,
               VERDICT_CONFLICTING, "a second block that never ends"),
    JUDGE_CASE("<think>t</think><answer>[[C]]</answer>", FINISH_STOP, VERDICT_TIE, "tie letter"),
    JUDGE_CASE("<think>t</think><answer>A</answer>", FINISH_STOP, VERDICT_MALFORMED, "no brackets"),
    JUDGE_CASE("<think>t</think><answer>not [[A]]</answer>", FINISH_STOP, VERDICT_MALFORMED,
               "other words"),
    JUDGE_CASE("<think>t</think><answer> [[A]]", FINISH_STOP, VERDICT_MALFORMED,
               "tag never closed"),
    JUDGE_CASE("<think>t</think><answer></answer>", FINISH_STOP, VERDICT_NONE,
               "nothing in the tags"),
    JUDGE_CASE("<think>t</think>[[A]]", FINISH_STOP, VERDICT_OUTSIDE, "no tags"),
    JUDGE_CASE("<think>t</think>[[A]] or [[B]]", FINISH_STOP, VERDICT_CONFLICTING, "both, no tags"),
    JUDGE_CASE("<think>t</think>I cannot say.", FINISH_STOP, VERDICT_NONE, "prose"),
    JUDGE_CASE("<think>t <answer>[[A]]</answer>", FINISH_STOP, VERDICT_UNCLOSED,
               "thought never closed"),
    JUDGE_CASE("<think>t</think>", FINISH_STOP, VERDICT_EMPTY, "thought alone"),
    JUDGE_CASE("  \n", FINISH_STOP, VERDICT_EMPTY, "white space"),
    JUDGE_CASE("<think>t</think><answer>[[A]]</answer>", FINISH_LENGTH, VERDICT_TRUNCATED,
               "cut off, whatever stands there"),
    JUDGE_CASE("<think>t", FINISH_LENGTH, VERDICT_TRUNCATED, "cut off in the thought"),
    JUDGE_CASE("", FINISH_CONTENT_FILTER, VERDICT_REFUSED, "content filter"),
};

const struct judge judge_verdict = {
    .name = "verdict",
    .help = "pairwise: think, then [[A]] or [[B]] in answer tags (J1)",
    .format = FORMAT_VERDICT,
    .wording = wording,
    .prompt_id = "verdict-2",
    .parse = parse,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
