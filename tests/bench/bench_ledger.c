/*
 * Fills the store of a project with the judgments of a long run: eight calls for each open pair but
 * the last few, one wrong in each order, and the pair accepted.
 *
 *   bench_ledger PROJECT [pairs left open, 100]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/redecide.h"

enum { CHUNK = 256, N = 4, TEXT_MAX = 16 << 20 };

struct filling {
    struct arena arena;
    struct project project;
    struct seats seats;
    struct store *store;
    struct ledger_run run;
    int64_t endpoint;
    uint64_t calls;
};

static void must(bool ok, const struct err *e)
{
    if (ok)
        return;
    fprintf(stderr, "bench_ledger: %s\n", e->text);
    exit(1);
}

static void begin(struct filling *f, const char *project)
{
    struct err e;
    arena_init(&f->arena, TEXT_MAX);
    must(project_load(&f->project, &f->arena, project, NULL, 0, &e), &e);
    f->store = store_open(project_path(&f->project, &f->arena, f->project.store), STORE_WRITE, &e);
    must(f->store != NULL, &e);
    must(seats_build(&f->seats, &f->project, &e), &e);
    must(ledger_begin_run(f->store, &f->project, &f->seats, S("[]"), &f->run, &e), &e);
}

static void judge(struct filling *f, struct ledger_pair pair, int lane, int k)
{
    struct err e;
    char thought[900];
    enum verdict gold = lane_gold((enum lane)lane);
    enum verdict v = k + 1 < N ? gold : gold == VERDICT_A ? VERDICT_B : VERDICT_A;
    struct wire_call call = {.attempt = ++f->calls,
                             .subject = pair.id,
                             .recipe = f->run.recipe.id,
                             .key = {.row = pair.row, .lane = (uint8_t)lane, .k = (uint8_t)k}};
    struct call_result r = {.http_status = 200,
                            .finish = FINISH_STOP,
                            .thought_field = THOUGHT_THINK_TAG,
                            .answer = v == VERDICT_A ? S("<answer> [[A]] </answer>")
                                                     : S("<answer> [[B]] </answer>"),
                            .model = S("teacher"),
                            .request_id = S("chatcmpl-1"),
                            .prompt_tokens = 400,
                            .completion_tokens = 220,
                            .latency_ms = 200,
                            .verdict = v,
                            .first = v,
                            .score_a = SCORE_NONE,
                            .score_b = SCORE_NONE,
                            .trace_tokens = 220};
    int n = snprintf(thought, sizeof thought, "Thought %llu: %0*d", (unsigned long long)f->calls,
                     800, (int)pair.row);
    r.thought = (struct slice){thought, (size_t)n};
    must(ledger_add_call(f->store, f->run.recipe.row, SEAT_TEACHER, &call, &r, true, f->endpoint, 0,
                         1, &e),
         &e);
}

static void accept(struct filling *f, struct ledger_pair pair)
{
    struct err e;
    const struct ledger_decision d = {.pair = pair.row,
                                      .recipe = f->run.recipe.row,
                                      .rules = f->run.rules.row,
                                      .run = f->run.run,
                                      .state = STATE_ACCEPTED,
                                      .reason = REASON_ACCEPTED,
                                      .detail = ""};
    for (int k = 0; k < N; k++)
        for (int lane = 0; lane < 2; lane++)
            judge(f, pair, lane, k);
    must(ledger_decide(f->store, &d, 1, &e), &e);
}

static void fill(struct filling *f, int64_t pairs)
{
    struct ledger_pair some[CHUNK];
    struct err e;
    size_t n;
    for (uint64_t after = 0; pairs > 0; after = some[n - 1].row) {
        must(ledger_open_pairs(f->store, after, some, CHUNK, &n, &e), &e);
        if (n == 0)
            return;
        must(store_begin(f->store, &e), &e);
        must(ledger_endpoint(f->store, project_teacher(&f->project), &f->endpoint, &e), &e);
        must(ledger_set_live(f->store, REDECIDE_COUNTER, f->run.rules.row, &e), &e);
        for (size_t i = 0; i < n && pairs > 0; i++, pairs--)
            accept(f, some[i]);
        must(store_commit(f->store, &e), &e);
    }
}

int main(int argc, char **argv)
{
    struct filling f = {0};
    struct err e;
    int64_t left = 100;
    if (argc < 2 || (argc > 2 && !slice_i64(slice_of(argv[2]), &left)))
        return 2;
    begin(&f, argv[1]);
    fill(&f, store_counter(f.store, "pairs.open") - left);
    must(ledger_end_run(f.store, f.run.run, 3, "filled", &e), &e);
    printf("%llu\n", (unsigned long long)f.calls);
    ledger_free_run(&f.run);
    store_close(f.store);
    arena_free(&f.arena);
    return 0;
}
