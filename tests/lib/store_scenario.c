#include "tests/lib/store_scenario.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "base/files.h"
#include "coordinator/store/store_private.h" /* for its cache: nothing else makes pages spill */

enum { LINES_A_SLICE = 3, K = 1, ROLLOUTS = SCENARIO_PAIRS * 2 * K };

static void must(bool ok, const struct err *e)
{
    if (!ok)
        fprintf(stderr, "scenario: %s\n", e->text);
    assert(ok);
}

static void write_seeds(const char *path)
{
    struct err e;
    struct buf text;
    if (access(path, F_OK) == 0)
        return; /* the store remembers inode and time */
    buf_init(&text, 1 << 20);
    for (int i = 0; i < SCENARIO_PAIRS; i++) {
        buf_addf(&text, "{\"prompt\":\"question %d", i);
        for (int n = 0; n < 3000; n++)
            buf_char(&text, (char)('a' + (n + i) % 26));
        buf_addf(&text, "\",\"chosen\":\"good %d\",\"rejected\":\"bad %d\"}\n", i, i);
        if (i == 1)
            buf_str(&text, "{\"prompt\":1}\n");
    }
    buf_str(&text, "{\"prompt\":\"2+2?\",\"answer\":\"4\"}\n{\"prompt\":\"Where is Rome?\"}\n");
    must(files_write(path, buf_view(&text), &e), &e);
    buf_free(&text);
}

void scenario_init(struct scenario *s, const char *dir)
{
    struct err e;
    char yaml[600];
    *s = (struct scenario){0};
    arena_init(&s->arena, 16 << 20);
    snprintf(s->store_path, sizeof s->store_path, "%s/store/judge.db", dir);
    snprintf(s->seeds_path, sizeof s->seeds_path, "%s/seeds.jsonl", dir);
    write_seeds(s->seeds_path);
    snprintf(yaml, sizeof yaml,
             "seeds: [{path: \"%s\"}]\n"
             "endpoints: [{url: \"http://127.0.0.1:1/v1\", model: teacher}]\n",
             s->seeds_path);
    must(project_from_text(&s->project, &s->arena, "gavel.yaml", slice_of(yaml), &e), &e);
    must(seats_build(&s->seats, &s->project, &e), &e);
    s->staging = staging_new();
    assert(s->staging);
}

void scenario_close(struct scenario *s)
{
    struct ledger_run none = {0};
    ledger_free_run(&s->run);
    s->run = none;
    staging_clear(s->staging);
    store_close(s->store);
    s->store = NULL;
}

void scenario_free(struct scenario *s)
{
    scenario_close(s);
    staging_free(s->staging);
    arena_free(&s->arena);
}

static void committed(struct scenario *s)
{
    s->commits++;
    if (s->committed)
        s->committed(s);
}

static bool commit(struct scenario *s, struct err *e)
{
    if (!store_commit(s->store, e))
        return false;
    committed(s);
    return true;
}

static bool open_store(struct scenario *s, struct err *e)
{
    s->store = store_open(s->store_path, STORE_WRITE, e);
    if (!s->store)
        return false;
    if (s->small_cache)
        sqlite3_exec(s->store->db, "PRAGMA cache_size = 3", NULL, NULL, NULL);
    committed(s);
    return true;
}

static bool begin_run(struct scenario *s, struct err *e)
{
    ledger_free_run(&s->run);
    if (!ledger_begin_run(s->store, &s->project, &s->seats, S("[]"), &s->run, e))
        return false;
    committed(s);
    return true;
}

static bool add_endpoint(struct scenario *s, struct err *e)
{
    if (!store_begin(s->store, e))
        return false;
    if (ledger_endpoint(s->store, project_teacher(&s->project), &s->endpoint, e))
        return commit(s, e);
    store_rollback(s->store);
    return false;
}

/* A slice that fails ends the intake without ending what its caller does, so the transaction goes
 * on to its commit, as in the coordinator. */
static bool import_slice(struct scenario *s, struct intake *i, enum intake_got *got, struct err *e)
{
    struct err at_commit;
    if (!store_begin(s->store, e))
        return false;
    *got = intake_step(i, LINES_A_SLICE, e);
    if (*got != INTAKE_FAILED)
        return commit(s, e);
    if (store_commit(s->store, &at_commit))
        committed(s);
    return false;
}

static bool import(struct scenario *s, struct err *e)
{
    enum intake_got got = INTAKE_MORE;
    struct intake *i = intake_new(s->store, &s->project, NULL, 0, e);
    bool ok = i != NULL;
    while (ok && got == INTAKE_MORE)
        ok = import_slice(s, i, &got, e);
    intake_free(i);
    return ok;
}

/* Of every second pair the rollouts of the second order go on once: they are finished with their
 * second call. */
static bool goes_on(uint64_t row, int lane)
{
    return row % 2 && lane == LANE_REJECTED_FIRST;
}

static void stage_call(struct scenario *s, struct ledger_pair pair, int lane, int k, int step)
{
    char thought[4000];
    bool last = step == goes_on(pair.row, lane);
    struct wire_call call = {
        .attempt = pair.row * 100 + (uint64_t)(lane * 20 + k * 2 + step),
        .subject = pair.id,
        .recipe = s->run.recipe.id,
        .key = {.row = pair.row, .lane = (uint8_t)lane, .k = (uint8_t)k, .step = (uint8_t)step},
    };
    struct call_result result = {.http_status = 200,
                                 .finish = FINISH_STOP,
                                 .ask = step ? ASK_CONTINUE : ASK_JUDGE,
                                 .verdict = lane_gold((enum lane)lane),
                                 .first = step ? VERDICT_TIE : lane_gold((enum lane)lane),
                                 .score_a = SCORE_NONE,
                                 .score_b = SCORE_NONE,
                                 .prompt_tokens = 100,
                                 .completion_tokens = 50,
                                 .trace_tokens = 50 * (uint32_t)(step + 1),
                                 .answer = S("<answer> [[A]] </answer>"),
                                 .model = S("served")};
    const struct staging_call more = {s->run.recipe.row, SEAT_TEACHER, last, s->endpoint, 7, 1};
    int n = snprintf(thought, sizeof thought, "%*d", 3500, (int)call.attempt);
    result.thought = (struct slice){thought, (size_t)n};
    if (!staging_has(s->staging, s->run.recipe.row, call.key) &&
        !ledger_has_call(s->store, s->run.recipe.row, call.key)) {
        bool ok = staging_call(s->staging, &call, &result, &more);
        assert(ok);
        (void)ok;
    }
}

static void stage_pair(struct scenario *s, struct ledger_pair pair)
{
    const struct ledger_decision d = {.pair = pair.row,
                                      .recipe = s->run.recipe.row,
                                      .rules = s->run.rules.row,
                                      .run = s->run.run,
                                      .state = pair.row % 2 ? STATE_ACCEPTED : STATE_REJECTED,
                                      .reason = pair.row % 2 ? REASON_ACCEPTED : REASON_FAILED_BOTH,
                                      .detail = ""};
    for (int k = 0; k < K; k++)
        for (int lane = 0; lane < 2; lane++)
            for (int step = 0; step <= goes_on(pair.row, lane); step++)
                stage_call(s, pair, lane, k, step);
    if (ledger_is_open(s->store, pair.row, &pair.id, &pair)) {
        bool ok = staging_decision(s->staging, &d, 1);
        assert(ok);
        (void)ok;
    }
}

static bool write_staged(struct scenario *s, struct err *e)
{
    if (!store_begin(s->store, e))
        return false;
    if (!staging_write(s->staging, s->store, e)) {
        store_rollback(s->store);
        return false;
    }
    if (!commit(s, e))
        return false;
    staging_clear(s->staging);
    return true;
}

/* Open pairs are judged two at a time; what is staged already from a failed try stays staged. */
static bool judge_some(struct scenario *s, struct err *e)
{
    struct ledger_pair pairs[SCENARIO_PAIRS / SCENARIO_GROUPS];
    size_t n;
    if (staging_count(s->staging) == 0) {
        if (!ledger_open_pairs(s->store, 0, pairs, sizeof pairs / sizeof pairs[0], &n, e))
            return false;
        for (size_t i = 0; i < n && pairs[i].row <= SCENARIO_PAIRS; i++) /* built ones stay open */
            stage_pair(s, pairs[i]);
    }
    return write_staged(s, e);
}

/* A sample of a seed, and what it is worth. */
static void stage_sample(struct scenario *s, const struct builder_seed *seed, enum lane lane, int k,
                         enum sample_mark mark)
{
    char text[3000];
    const struct id rules = project_fingerprint("building", S("rules"));
    int seat = seats_generator(&s->seats);
    struct wire_call call = {.attempt = seed->row * 100 + (uint64_t)k,
                             .subject = seed->id,
                             .recipe = s->seats.all[seat].recipe,
                             .key = {.row = seed->row | CALL_SEED,
                                     .seat = (uint8_t)seat,
                                     .lane = (uint8_t)lane,
                                     .k = (uint8_t)k}};
    struct call_key key = call.key;
    key.row = seed->row;
    int n = snprintf(text, sizeof text, "%*d", 2500, (int)lane * 10 + k);
    const struct call_result result = {.http_status = 200,
                                       .verdict = VERDICT_NONE,
                                       .first = VERDICT_NONE,
                                       .score_a = SCORE_NONE,
                                       .score_b = SCORE_NONE,
                                       .prompt_tokens = 20,
                                       .completion_tokens = 10,
                                       .thought = S(""),
                                       .model = S("served"),
                                       .answer = {text, (size_t)n}};
    const struct samples_check check = {.mark = mark,
                                        .strict = ANSWER_EQUAL,
                                        .lenient = ANSWER_EQUAL,
                                        .final = S("4"),
                                        .answer_part = lane == LANE_MODIFIED ? S("a part") : S(""),
                                        .why = S("why"),
                                        .prompt_overlap = lane == LANE_MODIFIED ? 0.5 : -1,
                                        .answer_overlap = -1};
    int64_t recipe = s->run.recipes[seat];
    const struct staging_call more = {recipe, SEAT_GENERATOR, true, s->endpoint, 7, 1};
    bool ok = samples_has(s->store, recipe, key) ||
              (staging_call(s->staging, &call, &result, &more) &&
               staging_check(s->staging, recipe, key, &rules, &check));
    assert(ok);
    (void)ok;
}

static void stage_seed(struct scenario *s, const struct builder_seed *seed)
{
    const struct samples_end end = {.project = &s->project,
                                    .seats = &s->seats,
                                    .run = &s->run,
                                    .wall_ms = 1,
                                    .seed = seed->row,
                                    .id = seed->id,
                                    .known = seed->known,
                                    .rules = project_fingerprint("building", S("rules")),
                                    .recipe = s->run.recipes[seats_generator(&s->seats)],
                                    .reason = BUILD_REASON_NONE,
                                    .detail = ""};
    stage_sample(s, seed, LANE_ANSWER, 0, seed->known ? MARK_RIGHT : MARK_USABLE);
    stage_sample(s, seed, seed->known ? LANE_ANSWER : LANE_MODIFIED, 1,
                 seed->known ? MARK_WRONG : MARK_USABLE);
    bool ok = staging_end(s->staging, &end);
    assert(ok);
    (void)ok;
}

static bool build_pairs(struct scenario *s, struct err *e)
{
    struct builder_seed seeds[SCENARIO_SEEDS + 1];
    size_t n;
    if (staging_count(s->staging) == 0) {
        if (!samples_open_seeds(s->store, &s->project, 0, seeds, SCENARIO_SEEDS + 1, &n, e))
            return false;
        for (size_t i = 0; i < n; i++)
            stage_seed(s, &seeds[i]);
    }
    return write_staged(s, e);
}

static bool read_pair_back(struct scenario *s, uint64_t row, struct err *e)
{
    struct ledger_rollout rollouts[ROLLOUTS];
    struct ledger_unfinished begun;
    struct ledger_task task;
    struct history h;
    int64_t recipe = s->run.recipe.row;
    size_t n, n_begun;
    if (!ledger_rollouts(s->store, row, recipe, rollouts, ROLLOUTS, &n, e) ||
        !ledger_unfinished(s->store, row, recipe, &begun, 1, &n_begun, e) ||
        !ledger_history(s->store, row, recipe, LANE_REJECTED_FIRST, 0, -1, &h, &s->arena, e) ||
        !ledger_task(s->store, row, &task, &s->arena, e))
        return false;
    assert(n == (size_t)2 * K && n_begun == 0 && slice_starts(task.chosen, S("[{\"role\"")));
    bool went_on = goes_on(row, LANE_REJECTED_FIRST);
    assert(h.first == (went_on ? VERDICT_TIE : VERDICT_B) && h.thought.n == 3500);
    assert(h.tokens == (went_on ? 100 : 50));
    (void)went_on;
    return true;
}

static void add_accepted(void *context, const struct ledger_accepted *a)
{
    *(int64_t *)context += a->n;
}

static bool read_back(struct scenario *s, struct err *e)
{
    struct flip_counts flips;
    int64_t accepted = 0;
    for (uint64_t row = 1; row <= SCENARIO_PAIRS; row++)
        if (!read_pair_back(s, row, e))
            return false;
    if (!ledger_reflections(s->store, s->run.recipe.row, &flips, e) ||
        !ledger_accepted(s->store, add_accepted, &accepted, e))
        return false;
    const uint64_t cued = SCENARIO_PAIRS / 2 * K;
    assert(flips.plain[OUTCOME_CORRECT] == ROLLOUTS - cued);
    assert(flips.cued[OUTCOME_TIE][OUTCOME_CORRECT] == cued);
    assert(accepted == SCENARIO_PAIRS / 2);
    (void)cued;
    struct ledger_pair built[SCENARIO_SEEDS + 1];
    size_t n;
    if (!ledger_open_pairs(s->store, SCENARIO_PAIRS, built, SCENARIO_SEEDS + 1, &n, e))
        return false;
    assert(n == SCENARIO_SEEDS && samples_made_pair(s->store, built[0].row));
    return true;
}

static bool end_run(struct scenario *s, struct err *e)
{
    if (!read_back(s, e) || !ledger_end_run(s->store, s->run.run, 0, "complete", e))
        return false;
    committed(s);
    return true;
}

bool scenario_step(struct scenario *s, int step, struct err *e)
{
    static bool (*const before[])(struct scenario *, struct err *) = {open_store, begin_run,
                                                                      add_endpoint, import};
    if (step < 4)
        return before[step](s, e);
    if (step < 4 + SCENARIO_GROUPS)
        return judge_some(s, e);
    return step == 4 + SCENARIO_GROUPS ? build_pairs(s, e) : end_run(s, e);
}
