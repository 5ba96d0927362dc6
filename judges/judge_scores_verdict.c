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

/* A thought, then both score tags and the answer tags with these texts inside. */
#define JUDGED(a, b, verdict)                                                                \
    "<think>t</think>\n<score_A>" a "</score_A>\n<score_B>" b "</score_B>\n<answer>" verdict \
    "</answer>"

static const struct judge_case cases[] = {
    {JUDGED(" 8 ", " 2.5 ", " [[A]] "), FINISH_STOP, VERDICT_A, "plain", 800, 250},
    {JUDGED("2", "8", "[[A]]"), FINISH_STOP, VERDICT_A, "the verdict decides over the scores", 200,
     800},
    {JUDGED("5", "5", "[[B]]"), FINISH_STOP, VERDICT_B, "also over equal ones", 500, 500},
    {JUDGED("5", "5", "[[C]]"), FINISH_STOP, VERDICT_TIE, "tie letter", 500, 500},
    {"<think>t</think><answer>[[B]]</answer>", FINISH_STOP, VERDICT_B, "no scores", SCORE_NONE,
     SCORE_NONE},
    {JUDGED("5", "eleven", "[[B]]"), FINISH_STOP, VERDICT_B, "one score is none", 500, SCORE_NONE},
    {JUDGED("11", "5", "[[B]]"), FINISH_STOP, VERDICT_B, "a score out of range is none", SCORE_NONE,
     500},
    {JUDGED("5", "4", "[[A]]") "<score_A>6</score_A>", FINISH_STOP, VERDICT_A,
     "scores that contradict each other are none", SCORE_NONE, 400},
    {"<think><score_A>1</score_A><answer>[[B]]</answer></think><answer>[[A]]</answer>", FINISH_STOP,
     VERDICT_A, "the thought neither scores nor votes", SCORE_NONE, SCORE_NONE},
    JUDGE_CASE(JUDGED("8", "2", "[[A]] [[B]]"), FINISH_STOP, VERDICT_CONFLICTING, "both letters"),
    JUDGE_CASE(JUDGED("8", "2", "A"), FINISH_STOP, VERDICT_MALFORMED, "no brackets"),
    JUDGE_CASE(JUDGED("8", "2", ""), FINISH_STOP, VERDICT_NONE, "nothing in the tags"),
    JUDGE_CASE("<think>t</think><score_A>8</score_A><score_B>2</score_B>", FINISH_STOP,
               VERDICT_NONE, "scores without a verdict are none"),
    JUDGE_CASE("<think>t</think><score_A>8</score_A><score_B>2</score_B> [[A]]", FINISH_STOP,
               VERDICT_OUTSIDE, "no tags around the verdict"),
    JUDGE_CASE("<think>t <answer>[[A]]</answer>", FINISH_STOP, VERDICT_UNCLOSED,
               "thought never closed"),
    JUDGE_CASE("<think>t</think>", FINISH_STOP, VERDICT_EMPTY, "thought alone"),
    JUDGE_CASE(JUDGED("8", "2", "[[A]]"), FINISH_LENGTH, VERDICT_TRUNCATED, "cut off"),
    JUDGE_CASE("", FINISH_CONTENT_FILTER, VERDICT_REFUSED, "content filter"),
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
