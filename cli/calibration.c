#include "cli/calibration.h"

#define CHUNK 4096
#define ROLLOUTS_MAX (PLANNER_LANES * CALL_MAX_K)

void calibration_add(struct calibration *c, const struct ledger_rollout *rollouts,
                     size_t n_rollouts)
{
    int64_t seen[PLANNER_LANES] = {0}, correct[PLANNER_LANES] = {0}, chose_a[PLANNER_LANES] = {0};
    for (size_t i = 0; i < n_rollouts; i++) {
        int lane = rollouts[i].lane;
        if (lane < 0 || lane >= PLANNER_LANES || rollouts[i].k >= c->n)
            continue;
        seen[lane]++;
        correct[lane] += rollouts[i].outcome == OUTCOME_CORRECT;
        chose_a[lane] += rollouts[i].verdict == VERDICT_A;
    }
    double both = 1;
    for (int lane = 0; lane < PLANNER_LANES; lane++) {
        if (seen[lane] < c->n)
            return;
        both *= (double)correct[lane] / (double)c->n;
    }
    for (int lane = 0; lane < PLANNER_LANES; lane++) {
        c->correct[lane] += correct[lane];
        c->chose_a[lane] += chose_a[lane];
    }
    c->pairs++;
    c->both += both;
}

static bool add_pairs(struct calibration *c, struct store *s, struct planner *planner,
                      int64_t recipe, struct err *e)
{
    struct ledger_pair pairs[CHUNK];
    struct ledger_rollout rollouts[ROLLOUTS_MAX];
    uint64_t after = 0;
    for (;;) {
        size_t n, n_rollouts;
        if (!look_pairs(s, after, pairs, CHUNK, &n, e))
            return false;
        if (n == 0)
            return true;
        for (size_t i = 0; i < n; i++) {
            struct subject subject;
            const struct planner_pair pair = {.id = pairs[i].id,
                                              .row = pairs[i].row,
                                              .trust = pairs[i].trust,
                                              .domain = pairs[i].domain,
                                              .source = pairs[i].source};
            planner_begin(planner, &subject, &pair);
            if (!subject.full)
                continue;
            if (!ledger_rollouts(s, pairs[i].row, recipe, rollouts, ROLLOUTS_MAX, &n_rollouts, e))
                return false;
            calibration_add(c, rollouts, n_rollouts);
        }
        after = pairs[n - 1].row;
    }
}

bool calibration_read(struct calibration *c, struct store *s, const struct look_run *run,
                      struct err *e)
{
    *c = (struct calibration){0};
    if (run->run == 0)
        return true;
    struct arena arena;
    struct project project;
    struct seats seats;
    struct err ignored; /* a project of another version of the program: nothing to measure by */
    bool ok = true;
    arena_init(&arena, 64 << 20);
    if (project_from_text(&project, &arena, "the last run's project", run->project, &ignored) &&
        seats_build(&seats, &project, &ignored)) {
        struct planner *planner = planner_new(&project, &seats);
        c->n = project.accept.n;
        ok = planner ? add_pairs(c, s, planner, run->recipe, e)
                     : err_set(e, ERR_NOMEM, "out of memory");
        planner_free(planner);
    }
    arena_free(&arena);
    return ok;
}
