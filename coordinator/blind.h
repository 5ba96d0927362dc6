/*
 * blind: how far the label of a set of pairs can be guessed from the two answers alone, without the
 * prompt. Where that goes well, a judge that is trained on the set can learn the guess instead of
 * judging.
 *
 * Two kinds of guess. A cue (cues.h) says that the answer which has more of something wins. A model
 * (logistic regression) learns from words, pairs of neighbouring words and all cues; it sees only
 * the difference chosen - rejected and has no constant term, so it cannot know which answer is
 * which but by what stands in them. It is always measured on prompts that it has not seen: the
 * prompts are dealt into folds, and each fold is guessed by a model of the others.
 *
 * A guess that cannot tell (a tie) counts half, as if a coin was tossed. Several pairs of one
 * prompt are no independent cases: n_effective is the number of independent ones that are as good.
 *
 * Pure and deterministic: the same pairs in the same order and the same seed give the same result,
 * and to swap chosen and rejected in all pairs mirrors it exactly. About 100 MB at most.
 */
#ifndef COORDINATOR_BLIND_H
#define COORDINATOR_BLIND_H

#include "base/err.h"
#include "coordinator/cues.h"

#define BLIND_PAIRS_MAX 5000
#define BLIND_PROMPTS_MIN 50 /* fewer are too few to tell */
#define BLIND_FOLDS 5
#define BLIND_WORDS 8 /* most telling ones, a side */

struct blind_pair {
    uint64_t family; /* equal: the same prompt (or group); stays in one fold */
    struct slice prompt, chosen, rejected;
};

/* How often a guess is right. */
struct blind_share {
    double share;       /* of all pairs; ties count half */
    double n_effective; /* for an interval; at most the number of pairs */
    int64_t differs;    /* pairs where it can tell */
};

/* Words that give an answer away. */
struct blind_word {
    struct slice text;        /* from the user's data: not safe to print */
    int64_t chosen, rejected; /* pairs where that side has it more often */
};

struct blind_result {
    int64_t pairs, prompts;
    bool enough;                        /* prompts to tell; false: the rest is zero */
    struct blind_share cues[CUE_COUNT]; /* "more wins" */
    struct blind_share learned;         /* on prompts that were held out */
    /* What reads the prompt after all: words that an answer shares with it (of content,
     * |P ∩ A| / sqrt(|P| |A|)); "more wins", and the mean of either side. */
    struct blind_share overlap;
    double overlap_chosen, overlap_rejected;
    /* Most telling first, by what they add to the model's guesses. */
    struct blind_word chosen_words[BLIND_WORDS], rejected_words[BLIND_WORDS];
    size_t n_chosen_words, n_rejected_words;
};

struct blind;

/* blind_new(seed, e): seed: of the folds and of the order of learning. NULL without memory. */
struct blind *blind_new(uint64_t seed, struct err *e);
void blind_free(struct blind *b);

enum blind_got { BLIND_ADDED, BLIND_FULL, BLIND_FAILED };
/* blind_add(b, pair, e): keeps numbers, no text but the words' names. FULL: the pair was not taken,
 * BLIND_PAIRS_MAX or the room for words is used up; what is there can be measured. */
enum blind_got blind_add(struct blind *b, const struct blind_pair *pair, struct err *e);
/* blind_measure(b, result, e): once, after the last pair. Words live as long as b. False without
 * memory. */
bool blind_measure(struct blind *b, struct blind_result *result, struct err *e);

#endif
