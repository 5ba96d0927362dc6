/*
 * plan: pairwise judging as in EvalPlanner (arXiv 2501.18099) and J1's variant of it: a plan of how
 * to judge this question, its execution on the two answers, then the bracketed letter in answer
 * tags. Plan and execution are the thought, or, of a judge that thinks in a place of its own, what
 * follows it. The wording is ours; the tags are J1's.
 */
#include "judges/layout.h"
#include "judges/tags.h"

static const char wording[] =
    "=== system ===\n"
    "You are an impartial judge. You are given a user's question and two answers to it, from "
    "assistant A and assistant B. Decide which answer is better." LAYOUT_HELPS "\n"
    "\n"
    "First think it through between <think> and </think>, in two steps. Write a plan between "
    "<plan> and </plan>: from the question alone, what a good answer must contain and by which "
    "steps you will check the answers. Then carry the plan out between <execution> and "
    "</execution>, step by step on both answers: solve the question yourself when it can be "
    "solved, check the claims and steps of each answer, and compare the two in detail. Judge "
    "correctness before style. The order in which the answers are shown, their length and the "
    "assistants' names must not influence you. " LAYOUT_FAIRNESS "\n"
    "\n"
    "Then give your verdict between <answer{{nonce}}> and </answer{{nonce}}>, as [[A]] when "
    "assistant A's answer is better or [[B]] when assistant B's answer is better. There is no "
    "tie, and nothing else may stand between these tags.\n"
    "\n"
    "Example of the form:\n"
    "<think>\n"
    "<plan>your plan</plan>\n"
    "<execution>your plan carried out</execution>\n"
    "</think>\n"
    "<answer{{nonce}}> [[X]] </answer{{nonce}}> with X replaced by the letter of the better "
    "answer.\n" LAYOUT_PAIR;

/* What follows plan and execution; false when one of them was begun and not ended. */
static bool conclusion(struct slice answer, struct slice *rest)
{
    size_t plan = tags_closed(answer, "plan", S(""));
    size_t execution = tags_closed(answer, "execution", S(""));
    *rest = slice_from(answer, plan > execution ? plan : execution);
    return !tags_opened(*rest, "plan", S("")) && !tags_opened(*rest, "execution", S(""));
}

static struct judge_reading parse(const struct trace *t, struct slice nonce)
{
    struct judge_reading r = {.score_a = SCORE_NONE, .score_b = SCORE_NONE};
    struct slice rest;
    if (!tags_readable(t, &r.verdict))
        return r;
    r.verdict = conclusion(t->answer, &rest) ? tags_verdict(rest, nonce) : VERDICT_UNCLOSED;
    return r;
}

#define PLANNED "<plan>p</plan>\n<execution>e</execution>\n"

static const struct judge_case cases[] = {
    JUDGE_CASE("<think>\n" PLANNED "</think>\n<answer> [[A]] </answer>", FINISH_STOP, VERDICT_A,
               "plain"),
    JUDGE_CASE(PLANNED "<answer>[[B]]</answer>", FINISH_STOP, VERDICT_B, "as the paper has it"),
    JUDGE_CASE("<think>t</think>" PLANNED "<answer>[[B]]</answer>", FINISH_STOP, VERDICT_B,
               "a thought before the plan"),
    JUDGE_CASE("<think>t</think><answer>[[A]]</answer>", FINISH_STOP, VERDICT_A,
               "the plan was thought, not written"),
    JUDGE_CASE("<plan><answer>[[B]]</answer></plan><execution>[[B]] <answer>[[B]]</answer>"
               "</execution><answer>[[A]]</answer>",
               FINISH_STOP, VERDICT_A, "plan and execution do not vote"),
    JUDGE_CASE("<think>t</think><plan>p</plan><execution>wrote </execution> "
               "<answer>[[B]]</answer></execution><answer>[[A]]</answer>",
               FINISH_STOP, VERDICT_A, "a quoted closing tag"),
    JUDGE_CASE("<plan>p</plan><execution>e <answer>[[A]]</answer>", FINISH_STOP, VERDICT_UNCLOSED,
               "execution never closed"),
    JUDGE_CASE("<plan>p <answer>[[A]]</answer>", FINISH_STOP, VERDICT_UNCLOSED,
               "plan never closed"),
    JUDGE_CASE("<think>" PLANNED "<answer>[[A]]</answer>", FINISH_STOP, VERDICT_UNCLOSED,
               "thought never closed"),
    JUDGE_CASE(PLANNED "<execution>again <answer>[[A]]</answer>", FINISH_STOP, VERDICT_UNCLOSED,
               "begun once more and not ended"),
    JUDGE_CASE("<plan>p</plan><answer>[[A]]</answer>", FINISH_STOP, VERDICT_A,
               "a plan carried out in thought"),
    JUDGE_CASE(PLANNED "<answer>[[A]]</answer><answer>[[B]]</answer>", FINISH_STOP,
               VERDICT_CONFLICTING, "two blocks that disagree"),
    JUDGE_CASE(PLANNED "<answer>[[C]]</answer>", FINISH_STOP, VERDICT_TIE, "tie letter"),
    JUDGE_CASE(PLANNED "<answer>A</answer>", FINISH_STOP, VERDICT_MALFORMED, "no brackets"),
    JUDGE_CASE(PLANNED "<answer>[[A]]", FINISH_STOP, VERDICT_MALFORMED, "tag never closed"),
    JUDGE_CASE(PLANNED "<answer></answer>", FINISH_STOP, VERDICT_NONE, "nothing in the tags"),
    JUDGE_CASE(PLANNED "So it is [[A]].", FINISH_STOP, VERDICT_OUTSIDE, "no tags"),
    JUDGE_CASE(PLANNED, FINISH_STOP, VERDICT_EMPTY, "no conclusion"),
    JUDGE_CASE(PLANNED "<answer>[[A]]</answer>", FINISH_LENGTH, VERDICT_TRUNCATED, "cut off"),
    JUDGE_CASE("", FINISH_CONTENT_FILTER, VERDICT_REFUSED, "content filter"),
};

const struct judge judge_plan = {
    .name = "plan",
    .help = "pairwise: a plan, its execution, then [[A]] or [[B]] in answer tags (EvalPlanner)",
    .format = FORMAT_PLAN,
    .wording = wording,
    .prompt_id = "plan-1",
    .parse = parse,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
