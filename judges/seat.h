/*
 * seat: who judges within a run. Each seat has a recipe of its own, which its rollouts belong to:
 * the teacher (seat 0), further teacher models whose agreement is asked for, the teacher with a
 * hint, the checker, the students; and, last of them, who writes the answers that pairs are built
 * of.
 */
#ifndef JUDGES_SEAT_H
#define JUDGES_SEAT_H

#include "judges/wording.h"
#include "schemas/call.h"

struct seat {
    enum seat_kind kind;
    const char *model;  /* that its endpoints serve */
    uint64_t endpoints; /* bit i: endpoint i of the project has it */
    struct id recipe;
    int n; /* STUDENT: rollouts of each order; HINTED: at most; else 0 */
};

struct seats {
    struct seat all[CALL_MAX_SEAT]; /* all[0] is the teacher */
    size_t n;
};

/* seats_build(seats, p, e): in the order of SEAT_KINDS, models in the project's order. ERR_USAGE
 * when there are more than CALL_MAX_SEAT. */
bool seats_build(struct seats *seats, const struct project *p, struct err *e);
/* seats_generator(seats): the index of the one that writes; -1: nothing is built. */
int seats_generator(const struct seats *seats);
/* seats_has_judge(seats, model): whether a teacher of this model judges the pairs. */
bool seats_has_judge(const struct seats *seats, struct slice model);
/* seat_recipe_text(p, seat, out): what the seat's recipe is the fingerprint of: JSON with the kind
 * (not for the teacher), model, wording and the project's recipe part. A checker's and a hinted
 * seat's also name the teacher's recipe, whose rollouts they depend on. */
void seat_recipe_text(const struct project *p, const struct seats *seats, size_t seat,
                      struct buf *out);
/* seats_text(seats, out): [{"kind","model","recipe"},…], as it is stored with a run. */
void seats_text(const struct seats *seats, struct buf *out);

#endif
