/*
 * kind: what the reflection in a trace did to its verdict, and how often verdicts change after a
 * cue: a judge that learned only from traces in which "Wait" precedes a change would learn to
 * change its mind whenever it reads the word.
 */
#ifndef EXPORTS_KIND_H
#define EXPORTS_KIND_H

#include "coordinator/store/release_view.h"

/* name in rows, what it means */
#define KINDS(X)                                                                    \
    X(PLAIN, "", "no reflection was found in it")                                   \
    X(NATURAL, "natural", "the teacher reflected by itself")                        \
    X(RIGHT_TO_RIGHT, "right_to_right", "right before the cue, and right after it") \
    X(WRONG_TO_RIGHT, "wrong_to_right", "not right before the cue, right after it") \
    X(CONTINUED, "continued",                                                       \
      "it went on after a cue; what it was before cannot be told by "               \
      "itself, since pointwise scores are judged by twos")                          \
    X(RIGHT_TO_WRONG, "right_to_wrong", "the cue broke it")                         \
    X(WRONG_TO_WRONG, "wrong_to_wrong", "the cue did not help")

enum kind {
#define X(name, text, help) KIND_##name,
    KINDS(X)
#undef X
        KIND_COUNT
};

const char *kind_name(enum kind kind);
const char *kind_help(enum kind kind);
/* kind_of(rollout): by the outcomes before the first cue and at the end. */
enum kind kind_of(const struct release_rollout *rollout);

/* Cued judgments by what became of them; those whose outcome before the cue is not known
 * (pointwise) are left out. */
struct flips {
    uint64_t fixed, broken; /* became right; was right */
    uint64_t kept, stuck;   /* stayed right; stayed not right */
};

/* kind_count(counts, rollout): enters one finished rollout. */
void kind_count(struct flip_counts *counts, const struct release_rollout *rollout);
struct flips kind_flips(const struct flip_counts *counts);
/* kind_cued(f): how many were given a cue. */
uint64_t kind_cued(const struct flips *f);
/* kind_flip_share(f): P(flip | cue): the share in which being right changed; 0 without any. */
double kind_flip_share(const struct flips *f);
/* kind_gate(sft, all, gap, e): whether P(flip | cue) of the rows of sft exceeds that of all
 * judgments by at most `gap` (0: by anything); else ERR_LIMIT with both in a sentence. */
bool kind_gate(const struct flips *sft, const struct flips *all, double gap, struct err *e);

#endif
