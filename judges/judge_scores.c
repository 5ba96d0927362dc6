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

/* A thought, then both tags with these texts inside. */
#define SCORED(a, b) "<think>t</think>\n<score_A>" a "</score_A>\n<score_B>" b "</score_B>"

static const struct judge_case cases[] = {
    {SCORED(" 7 ", " 6.5 "), FINISH_STOP, VERDICT_A, "plain", 700, 650},
    {SCORED("6", "7"), FINISH_STOP, VERDICT_B, "the other side", 600, 700},
    {SCORED("9.75", "9.74"), FINISH_STOP, VERDICT_A, "a hundredth is a difference", 975, 974},
    {SCORED("7", "7.0"), FINISH_STOP, VERDICT_TIE, "equal, spelt differently", 700, 700},
    {SCORED("10", "10.00"), FINISH_STOP, VERDICT_TIE, "the highest", 1000, 1000},
    {SCORED("0", "0.0"), FINISH_STOP, VERDICT_TIE, "the lowest", 0, 0},
    {SCORED("**8**", "\n8.5\n"), FINISH_STOP, VERDICT_B, "emphasis, line breaks", 800, 850},
    {SCORED("08", "007.10"), FINISH_STOP, VERDICT_A, "leading zeros say nothing", 800, 710},
    {"<score_B>3</score_B><score_A>4</score_A>", FINISH_STOP, VERDICT_A, "in the other order", 400,
     300},
    {SCORED("5", "4") "<score_A>5.00</score_A>", FINISH_STOP, VERDICT_A, "said twice", 500, 400},
    {SCORED("5", "4") "<answer>[[B]]</answer>", FINISH_STOP, VERDICT_A,
     "a verdict was not asked for", 500, 400},
    {"<think><score_A>1</score_A><score_B>9</score_B></think><score_A>6</score_A> "
     "<score_B>2</score_B>",
     FINISH_STOP, VERDICT_A, "the thought does not score", 600, 200},
    JUDGE_CASE(SCORED("5", "4") "<score_B>6</score_B>", FINISH_STOP, VERDICT_CONFLICTING,
               "two scores of one answer"),
    JUDGE_CASE(SCORED("5", "4") "<score_B>4", FINISH_STOP, VERDICT_CONFLICTING,
               "a second tag that never ends"),
    JUDGE_CASE(SCORED("5", "11"), FINISH_STOP, VERDICT_OUT_OF_RANGE, "over ten"),
    JUDGE_CASE(SCORED("5", "10.01"), FINISH_STOP, VERDICT_OUT_OF_RANGE, "a hundredth over ten"),
    JUDGE_CASE(SCORED("-1", "5"), FINISH_STOP, VERDICT_OUT_OF_RANGE, "below zero"),
    JUDGE_CASE(SCORED("5", "99999999999999999999999999"), FINISH_STOP, VERDICT_OUT_OF_RANGE,
               "larger than any number type"),
    JUDGE_CASE(SCORED("5", "4294967297"), FINISH_STOP, VERDICT_OUT_OF_RANGE, "one more than 2^32"),
    JUDGE_CASE(SCORED("nan", "2"), FINISH_STOP, VERDICT_MALFORMED, "nan"),
    JUDGE_CASE(SCORED("inf", "2"), FINISH_STOP, VERDICT_MALFORMED, "infinity"),
    JUDGE_CASE(SCORED("1e1", "2"), FINISH_STOP, VERDICT_MALFORMED, "an exponent"),
    JUDGE_CASE(SCORED("0x5", "2"), FINISH_STOP, VERDICT_MALFORMED, "hexadecimal"),
    JUDGE_CASE(SCORED("7/10", "2"), FINISH_STOP, VERDICT_MALFORMED, "a fraction"),
    JUDGE_CASE(SCORED("7,5", "2"), FINISH_STOP, VERDICT_MALFORMED, "a decimal comma"),
    JUDGE_CASE(SCORED("7.125", "2"), FINISH_STOP, VERDICT_MALFORMED, "three decimals"),
    JUDGE_CASE(SCORED("7.", "2"), FINISH_STOP, VERDICT_MALFORMED, "a point and nothing"),
    JUDGE_CASE(SCORED(".5", "2"), FINISH_STOP, VERDICT_MALFORMED, "nothing before the point"),
    JUDGE_CASE(SCORED("+5", "2"), FINISH_STOP, VERDICT_MALFORMED, "a plus"),
    JUDGE_CASE(SCORED("-", "2"), FINISH_STOP, VERDICT_MALFORMED, "a minus alone"),
    JUDGE_CASE(SCORED("5 of 10", "2"), FINISH_STOP, VERDICT_MALFORMED, "words"),
    JUDGE_CASE(SCORED("\xEF\xBC\x97", "2"), FINISH_STOP, VERDICT_MALFORMED, "a full-width digit"),
    JUDGE_CASE("<think>t</think><score_A>7", FINISH_STOP, VERDICT_MALFORMED, "tag never closed"),
    JUDGE_CASE(SCORED("", "2"), FINISH_STOP, VERDICT_NONE, "nothing in the tags"),
    JUDGE_CASE("<think>t</think><score_A>7</score_A>", FINISH_STOP, VERDICT_NONE,
               "one answer was not scored"),
    JUDGE_CASE("<think>t</think><score_a>7</score_a><score_b>6</score_b>", FINISH_STOP,
               VERDICT_NONE, "other tags"),
    JUDGE_CASE("<think>t</think>A: 7, B: 6", FINISH_STOP, VERDICT_NONE, "prose"),
    JUDGE_CASE("<think>t <score_A>7</score_A><score_B>6</score_B>", FINISH_STOP, VERDICT_UNCLOSED,
               "thought never closed"),
    JUDGE_CASE("<think>t</think>", FINISH_STOP, VERDICT_EMPTY, "thought alone"),
    JUDGE_CASE(SCORED("7", "6"), FINISH_LENGTH, VERDICT_TRUNCATED, "cut off"),
    JUDGE_CASE("", FINISH_CONTENT_FILTER, VERDICT_REFUSED, "content filter"),
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
