/*
 * pointwise: each answer is judged alone, as in J1's PoS (arXiv 2505.10320): think, then one score.
 * Which answer is better is decided where both scores are known. The wording is ours; the tags are
 * the paper's.
 */
#include "judges/layout.h"
#include "judges/tags.h"

static const char wording[] =
    "=== system ===\n"
    "You are an impartial judge. You are given a user's question and an assistant's answer to it. "
    "You will see several answers, one at a time and never side by side: score each so that the "
    "scores can be compared." LAYOUT_HELPS "\n"
    "\n"
    "First think it through between <think> and </think>: work out what a good answer to this "
    "question must contain and write down what an ideal one would say, solve the question yourself "
    "when it can be solved, and check the claims and steps of the answer against that. Judge "
    "correctness before style. The answer's length and the assistant's name must not influence "
    "you. " LAYOUT_FAIRNESS "\n"
    "\n"
    "Then give your score, a number from 0 (useless) to 10 (could not be better), whole or with "
    "one decimal, between <score{{nonce}}> and </score{{nonce}}>, and nothing else between these "
    "tags. Use the whole scale.\n"
    "\n"
    "Example of the form:\n"
    "<think>your reasoning</think>\n"
    "<score{{nonce}}> X </score{{nonce}}> with X replaced by the score.\n" LAYOUT_SINGLE;

static struct judge_reading parse(const struct trace *t, struct slice nonce)
{
    struct judge_reading r = {.score_a = SCORE_NONE, .score_b = SCORE_NONE};
    if (tags_readable(t, &r.verdict))
        r.verdict = tags_score(t->answer, "score", nonce, &r.score_a);
    return r;
}

static const struct judge_case cases[] = {
    {"<think>t</think>\n<score> 7.25 </score>", FINISH_STOP, VERDICT_SCORE, "plain", 725,
     SCORE_NONE},
    {"t</think><score>0</score>", FINISH_STOP, VERDICT_SCORE, "opening tag in the template", 0,
     SCORE_NONE},
    {"<score>**10**</score>", FINISH_STOP, VERDICT_SCORE, "emphasis, no thought", 1000, SCORE_NONE},
    {"<think>t</think><score>7</score> so <score>7.0</score>", FINISH_STOP, VERDICT_SCORE,
     "said twice", 700, SCORE_NONE},
    {"<think><score>1</score></think><score>9</score>", FINISH_STOP, VERDICT_SCORE,
     "the thought does not score", 900, SCORE_NONE},
    JUDGE_CASE("<think>t</think><score>7</score><score>8</score>", FINISH_STOP, VERDICT_CONFLICTING,
               "two scores"),
    JUDGE_CASE("<think>t</think><score>10.5</score>", FINISH_STOP, VERDICT_OUT_OF_RANGE,
               "over ten"),
    JUDGE_CASE("<think>t</think><score>-0.5</score>", FINISH_STOP, VERDICT_OUT_OF_RANGE,
               "below zero"),
    JUDGE_CASE("<think>t</think><score>7 out of 10</score>", FINISH_STOP, VERDICT_MALFORMED,
               "words"),
    JUDGE_CASE("<think>t</think><score>7", FINISH_STOP, VERDICT_MALFORMED, "tag never closed"),
    JUDGE_CASE("<think>t</think><score></score>", FINISH_STOP, VERDICT_NONE, "nothing in the tags"),
    JUDGE_CASE("<think>t</think><score_A>7</score_A>", FINISH_STOP, VERDICT_NONE, "another tag"),
    JUDGE_CASE("<think>t</think>I give it a 7.", FINISH_STOP, VERDICT_NONE, "prose"),
    JUDGE_CASE("<think>t <score>7</score>", FINISH_STOP, VERDICT_UNCLOSED, "thought never closed"),
    JUDGE_CASE("<think>t</think>", FINISH_STOP, VERDICT_EMPTY, "thought alone"),
    JUDGE_CASE("<think>t</think><score>7</score>", FINISH_LENGTH, VERDICT_TRUNCATED, "cut off"),
    JUDGE_CASE("", FINISH_CONTENT_FILTER, VERDICT_REFUSED, "content filter"),
};

const struct judge judge_pointwise = {
    .name = "pointwise",
    .help = "one answer at a time: think, then a score from 0 to 10 in score tags (J1)",
    .format = FORMAT_POINTWISE,
    .pointwise = true,
    .has_scores = true,
    .wording = wording,
    .prompt_id = "pointwise-1",
    .parse = parse,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
