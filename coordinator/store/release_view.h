/*
 * release_view: what an export reads. The horizon is fixed when the view is opened and rows are
 * read in chunks of short transactions, so that a run in progress neither disturbs the view nor is
 * held up by it.
 */
#ifndef STORE_RELEASE_VIEW_H
#define STORE_RELEASE_VIEW_H

#include "coordinator/store/store.h"
#include "schemas/call.h"

/* What a checker made of a rollout. */
enum release_check { RELEASE_UNCHECKED, RELEASE_CHECKED, RELEASE_DISPUTED };

/* One stored rollout with its text. */
struct release_rollout {
    enum lane lane;
    int k;
    struct id recipe; /* it was made under; with the pair it gives the nonce */
    enum verdict verdict;
    enum outcome outcome;
    struct slice filter; /* empty: no filter rejected it */
    struct slice thought, answer;
    struct slice segments; /* who wrote what (judges/history.h); empty: one call wrote all */
    struct slice model;    /* as the endpoint was asked for it */
    enum format format;
    enum verdict first;   /* verdict before any cue */
    int cues;             /* how many times it went on */
    int score_a, score_b; /* hundredths; SCORE_NONE: none */
    bool hinted;          /* of the second pass that was told the winner */
    enum release_check check;
    int64_t call;
};

/* A pair with all finished rollouts of the teacher under the recipe that decided it (an undecided
 * pair: under the newest recipe), and those of the hinted pass when it was accepted by it. Further
 * teachers', checkers' and students' rollouts are there only as what they say of these. */
struct release_pair {
    int64_t row;
    struct id id;
    enum trust trust;
    enum pair_state state;
    enum reason reason;
    struct slice seed_name, group, domain, source, language, eval_set, evidence;
    struct slice prompt, chosen, rejected; /* JSON lists of messages */
    struct slice reference, rubric, meta;
    int student_correct[2], student_n[2]; /* by order; of the first student model */
    uint64_t split_key;               /* equal for pairs that must stand on one side of a split */
    struct release_rollout *rollouts; /* by lane, then k */
    size_t n_rollouts;
};

/* Recipe and rules of the newest run: those in force. Nothing has run: zero ids, empty texts. */
struct release_terms {
    struct id recipe, rules;
    struct slice recipe_text, rules_text;
};

struct release_view;

/* release_view_open(s, e): fixes the horizon and computes the split keys (prompts and groups
 * joined). NULL on failure. The store must outlive the view and have no transaction open while the
 * view is read. */
struct release_view *release_view_open(struct store *s, struct err *e);
/* release_view_terms(v): lives as long as the view. */
const struct release_terms *release_view_terms(const struct release_view *v);
/* release_view_next(v, pair, e): the next pair in the order of rows: 1; 0 at the end; -1 on
 * failure. Its memory lives until the next call. */
int release_view_next(struct release_view *v, struct release_pair *pair, struct err *e);
/* release_view_rewind(v): from the start again, same horizon. */
void release_view_rewind(struct release_view *v);
/* release_view_close(v): NULL is fine. */
void release_view_close(struct release_view *v);

#endif
