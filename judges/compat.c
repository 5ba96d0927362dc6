#include "judges/compat.h"

#include <string.h>

static bool has(struct slice text, const char *what)
{
    return slice_find(text, slice_of(what)) != SIZE_MAX;
}

/* allenai/reward-bench, rewardbench/generative.py, process_judgement: A is looked for first, so a
 * text that holds both says A. */
static enum verdict rewardbench(struct slice text)
{
    return has(text, "[[A]]") ? VERDICT_A : has(text, "[[B]]") ? VERDICT_B : VERDICT_NONE;
}

/* facebookresearch/RAM, projects/self_taught_evaluator/src/utils.py, parse_judgement. */
static enum verdict ste(struct slice text)
{
    bool a = has(text, "[[A]]"), b = has(text, "[[B]]");
    if (a && b)
        return VERDICT_CONFLICTING;
    return a ? VERDICT_A : b ? VERDICT_B : has(text, "[[C]]") ? VERDICT_TIE : VERDICT_NONE;
}

/* The last n code points, as the harnesses' language counts them. */
static struct slice tail(struct slice text, size_t n)
{
    size_t at = text.n;
    while (at > 0 && n > 0)
        if (((unsigned char)text.p[--at] & 0xc0) != 0x80)
            n--;
    return slice_from(text, at);
}

/* RM-R1-UIUC/RM-R1, its reward for reinforcement learning: only the last 80 characters count, and
 * the tags must be written without blanks. */
static enum verdict rm_r1(struct slice text)
{
    struct slice end = tail(text, 80);
    bool a = has(end, "<answer>[[A]]</answer>"), b = has(end, "<answer>[[B]]</answer>");
    return a && b ? VERDICT_CONFLICTING : a ? VERDICT_A : b ? VERDICT_B : VERDICT_NONE;
}

static bool is_label(char c)
{
    return c == 'A' || c == 'B' || c == '<' || c == '>' || c == '=';
}

/* The next hit of \[\[([AB<>=]+)\]\] in *rest, which is moved behind it; empty: none. */
static struct slice next_label(struct slice *rest)
{
    for (size_t at = 0; at + 2 < rest->n; at++) {
        if (rest->p[at] != '[' || rest->p[at + 1] != '[')
            continue;
        struct slice inside = slice_from(*rest, at + 2);
        size_t n = 0;
        while (n < inside.n && is_label(inside.p[n]))
            n++;
        if (n && slice_starts(slice_from(inside, n), S("]]"))) {
            *rest = slice_from(inside, n + 2);
            return slice_sub(inside, 0, n);
        }
    }
    return (struct slice){0};
}

/* ScalerLab/JudgeBench, utils/judges.py, ArenaHard.get_score: all labels must be the same one; a
 * bare [[A]] is a label, too, but none that its metrics know. */
static enum verdict judgebench(struct slice text)
{
    struct slice rest = text, first = next_label(&rest);
    for (struct slice label = first; label.n; label = next_label(&rest))
        if (!slice_eq(label, first))
            return VERDICT_CONFLICTING;
    if (slice_is(first, "A>B") || slice_is(first, "A>>B"))
        return VERDICT_A;
    if (slice_is(first, "B>A") || slice_is(first, "B>>A"))
        return VERDICT_B;
    return slice_is(first, "A=B") ? VERDICT_TIE : VERDICT_NONE;
}

/* lm-sys/FastChat, fastchat/llm_judge/common.py, run_judge_pair with the output format [[A]]. */
static enum verdict mt_bench(struct slice text)
{
    return has(text, "[[A]]")   ? VERDICT_A
           : has(text, "[[B]]") ? VERDICT_B
           : has(text, "[[C]]") ? VERDICT_TIE
                                : VERDICT_NONE;
}

const struct compat compat_table[] = {
    {"rewardbench", "RewardBench: [[A]] anywhere is A, else [[B]] anywhere is B", rewardbench},
    {"ste", "Self-Taught Evaluators: [[A]] or [[B]] anywhere, not both; else [[C]] is a tie", ste},
    {"rm-r1", "RM-R1's reward: <answer>[[X]]</answer> in the last 80 characters, not both", rm_r1},
    {"judgebench", "JudgeBench: all labels [[A>B]], [[B>>A]], [[A=B]] … must be the same one",
     judgebench},
    {"mt-bench", "MT-Bench: [[A]] anywhere is A, else [[B]] is B, else [[C]] is a tie", mt_bench},
    {0},
};

const struct compat *compat_find(const char *name)
{
    for (const struct compat *c = compat_table; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}
