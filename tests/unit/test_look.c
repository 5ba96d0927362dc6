#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coordinator/store/look_build.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/run_state.c"

static struct ledger_fixture f;
static struct store *reader; /* beside the writer, as `status` is */

static void must(bool ok, const struct err *e)
{
    if (!ok)
        fail_msg("%s", e->text);
}

static void begin(void)
{
    struct err e;
    must(store_begin(f.store, &e), &e);
}

static void commit(void)
{
    struct err e;
    must(store_commit(f.store, &e), &e);
}

static void add_named_pair(const char *name, const char *prompt)
{
    struct err e;
    struct seeds_added added = {.pairs = 0};
    struct message m[3];
    struct seed_record *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->prompt = fixture_chat(&m[0], "user", prompt);
    r->responses[0].chat = fixture_chat(&m[1], "assistant", "good");
    r->responses[0].author = S("somebody");
    r->responses[1].chat = fixture_chat(&m[2], "assistant", "bad");
    r->responses[1].rank = 1;
    r->n_responses = 2;
    r->pairs[0] = (struct seed_pair){.chosen = 0, .rejected = 1};
    r->n_pairs = 1;
    r->trust = TRUST_VERIFIED;
    r->name = slice_of(name);
    r->domain = S("logic");
    r->pairs[0].evidence = S("{\"kind\":\"test\"}");
    buf_init(&added.where, 1024);
    must(seeds_add(f.store, &f.file, ++f.line, "gavel", r, &added, &e) == SEEDS_NEW, &e);
    f.pairs++;
    buf_free(&added.where);
    free(r);
}

static int open_store(void **state)
{
    struct err e;
    static int n;
    char name[32];
    (void)state;
    snprintf(name, sizeof name, "look-%d.db", ++n);
    const char *path = scratch_path(name);
    fixture_open(&f, path, "rng_seed: 77\n");
    reader = store_open(path, STORE_READ, &e);
    fixture_must(reader != NULL, &e);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    store_close(reader);
    fixture_close(&f);
    return 0;
}

/* ---- runs, workers, files ---- */

static void the_newest_run_is_found_with_what_it_ran(void **state)
{
    (void)state;
    struct look_run run;
    struct arena arena;
    struct err e;
    int64_t seed = 0;
    arena_init(&arena, 1 << 20);
    must(look_run(reader, &run, &arena, &e), &e);
    assert_int_equal(run.run, f.run.run);
    assert_int_equal(run.ended_ms, 0);
    assert_int_equal(run.recipe, f.run.recipe.row);
    assert_true(look_rng_seed(reader, run.run, &seed));
    assert_int_equal(seed, 77);
    assert_false(look_rng_seed(reader, run.run + 1, &seed));
    must(ledger_end_run(f.store, f.run.run, 3, "the budget is spent", &e), &e);
    must(look_run(reader, &run, &arena, &e), &e);
    assert_true(run.ended_ms > 0);
    assert_int_equal(run.exit_status, 3);
    assert_true(slice_is(run.ending, "the budget is spent"));
    arena_free(&arena);
}

static void a_state_has_one_name(void **state)
{
    (void)state;
    static const struct {
        bool held;
        struct look_run run;
        const char *name, *why;
    } rows[] = {
        {false, {.run = 0}, "new", "nothing has run"},
        {true, {.run = 0}, "running", "an import holds the store"},
        {true, {.run = 1}, "running", "the run goes on"},
        {false, {.run = 1}, "interrupted", "it never said how it ended"},
        {false, {.run = 1, .ended_ms = 5, .exit_status = 0}, "complete", "exit 0"},
        {false, {.run = 1, .ended_ms = 5, .exit_status = 3}, "stopped", "exit 3"},
        {false, {.run = 1, .ended_ms = 5, .exit_status = 1}, "failed", "exit 1"},
        {false, {.run = 1, .ended_ms = 5, .exit_status = 2}, "failed", "exit 2"},
        {true, {.run = 1, .ended_ms = 5, .exit_status = 2}, "running", "a new one begins"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(run_state(rows[i].held, &rows[i].run), rows[i].name) != 0)
            fail_msg("%s", rows[i].why);
}

static void take_worker(void *context, const struct ledger_worker *w)
{
    struct ledger_worker *found = context;
    assert_string_equal(w->host, "there");
    *found = *w;
}

static void workers_are_read_as_they_were_written(void **state)
{
    (void)state;
    const struct ledger_worker w = {.uid = "0123456789abcdef0123456789abcdef",
                                    .host = "there",
                                    .pid = 7,
                                    .slots = 64,
                                    .in_flight = 3,
                                    .done = 12,
                                    .connected_ms = 5,
                                    .seen_ms = 6};
    struct ledger_worker found = {0};
    struct err e;
    begin();
    must(ledger_set_workers(f.store, &w, 1, &e), &e);
    commit();
    must(look_workers(reader, take_worker, &found, &e), &e);
    assert_string_equal(found.uid, w.uid);
    assert_int_equal(found.pid, 7);
    assert_int_equal(found.in_flight, 3);
    assert_int_equal(found.done, 12);
    assert_false(found.local);
}

static void take_bad_line(void *context, const struct look_bad_line *line)
{
    struct buf *out = context;
    buf_addf(out, SLICE_FMT ":%d " SLICE_FMT ";", SLICE_ARG(line->file), (int)line->line,
             SLICE_ARG(line->reason));
}

static void quarantined_lines_come_in_order_and_not_more_than_asked_for(void **state)
{
    (void)state;
    struct err e;
    struct buf out;
    buf_init(&out, 4096);
    begin();
    must(seeds_quarantine(f.store, &f.file, 9, 1, "late", S("x"), &e), &e);
    must(seeds_quarantine(f.store, &f.file, 2, 1, "early", S("y"), &e), &e);
    must(seeds_quarantine(f.store, &f.file, 30, 1, "last", S("z"), &e), &e);
    commit();
    must(look_quarantine(reader, 2, take_bad_line, &out, &e), &e);
    assert_string_equal(buf_cstr(&out), "seeds.jsonl:2 early;seeds.jsonl:9 late;");
    buf_free(&out);
}

static void a_file_is_known_by_its_name(void **state)
{
    (void)state;
    struct look_file file;
    struct err e;
    f.file.size = 10;
    f.file.mtime_ns = 20;
    f.file.inode = 30;
    snprintf(f.file.options, sizeof f.file.options, "format=auto");
    begin();
    must(seeds_scan_end(f.store, &f.file, 5, 1, &e), &e);
    commit();
    assert_int_equal(look_file(reader, "seeds.jsonl", &file, &e), 1);
    assert_int_equal(file.size, 10);
    assert_int_equal(file.mtime_ns, 20);
    assert_int_equal(file.inode, 30);
    assert_int_equal(file.lines, 5);
    assert_string_equal(file.options, "format=auto");
    assert_int_equal(look_file(reader, "other.jsonl", &file, &e), 0);
}

/* ---- pairs ---- */

static size_t find(const char *text, struct ledger_pair *hits, size_t max)
{
    size_t n;
    struct err e;
    must(look_find(reader, slice_of(text), hits, max, &n, &e), &e);
    return n;
}

static void a_pair_is_found_by_id_by_its_beginning_and_by_its_seeds_name(void **state)
{
    (void)state;
    struct ledger_pair hits[4];
    char hex[ID_HEX], prefix[16];
    begin();
    add_named_pair("mine-1", "one");
    add_named_pair("mine-2", "two");
    commit();
    assert_int_equal(find("mine-2", hits, 4), 1);
    assert_int_equal(hits[0].row, 2);
    id_hex(&hits[0].id, hex);
    assert_int_equal(find(hex, hits, 4), 1);
    assert_int_equal(hits[0].row, 2);
    for (int digits = 6; digits < 12; digits++) {
        snprintf(prefix, sizeof prefix, "%.*s", digits, hex);
        assert_int_equal(find(prefix, hits, 4), 1);
        assert_int_equal(hits[0].row, 2);
    }
    snprintf(prefix, sizeof prefix, "%.5s", hex);
    assert_int_equal(find(prefix, hits, 4), 0); /* too short to be meant */
    assert_int_equal(find("", hits, 4), 0);
    assert_int_equal(find("mine", hits, 4), 0);
    assert_int_equal(find("' OR 1=1 --", hits, 4), 0);
    uint64_t rows[4];
    size_t n;
    struct err e;
    must(look_find_seeds(reader, S("mine-1"), rows, 4, &n, &e), &e);
    assert_int_equal(n, 1);
    must(look_find_seeds(reader, S(""), rows, 4, &n, &e), &e);
    assert_int_equal(n, 0);
}

static void a_name_that_several_seeds_have_finds_all_of_them_up_to_the_limit(void **state)
{
    (void)state;
    struct ledger_pair hits[4];
    begin();
    add_named_pair("same", "one");
    add_named_pair("same", "two");
    add_named_pair("same", "three");
    commit();
    assert_int_equal(find("same", hits, 4), 3);
    assert_int_equal(find("same", hits, 2), 2);
    assert_int_equal(hits[0].row, 1);
}

static void a_pair_is_shown_with_its_seed_and_decision(void **state)
{
    (void)state;
    struct look_pair p;
    struct arena arena;
    struct err e;
    arena_init(&arena, 1 << 20);
    begin();
    add_named_pair("mine", "what?");
    commit();
    must(look_pair(reader, 1, &p, &arena, &e), &e);
    assert_true(slice_is(p.name, "mine"));
    assert_true(slice_is(p.file, "seeds.jsonl"));
    assert_int_equal(p.line, 1);
    assert_true(slice_is(p.prompt, "[{\"role\":\"user\",\"content\":\"what?\"}]"));
    assert_true(slice_is(p.chosen, "[{\"role\":\"assistant\",\"content\":\"good\"}]"));
    assert_true(slice_is(p.rejected, "[{\"role\":\"assistant\",\"content\":\"bad\"}]"));
    assert_true(slice_is(p.chosen_author, "somebody"));
    assert_int_equal(p.rejected_author.n, 0);
    assert_true(slice_is(p.evidence, "{\"kind\":\"test\"}"));
    assert_true(slice_is(p.domain, "logic"));
    assert_int_equal(p.trust, TRUST_VERIFIED);
    assert_int_equal(p.state, STATE_OPEN);
    assert_int_equal(p.recipe, f.run.recipe.row);
    begin();
    fixture_decide(&f, 1, STATE_REJECTED, REASON_INCONSISTENT);
    commit();
    must(look_pair(reader, 1, &p, &arena, &e), &e);
    assert_int_equal(p.state, STATE_REJECTED);
    assert_int_equal(p.reason, REASON_INCONSISTENT);
    assert_false(look_pair(reader, 99, &p, &arena, &e));
    assert_int_equal(e.code, ERR_CORRUPT);
    arena_free(&arena);
}

static void take_decision(void *context, const struct look_decision *d)
{
    buf_addf(context, "%s%s ", reason_name(d->reason), d->in_force ? "!" : "");
}

static void decisions_come_oldest_first_and_the_one_in_force_is_marked(void **state)
{
    (void)state;
    struct err e;
    struct buf out;
    buf_init(&out, 4096);
    begin();
    add_named_pair("mine", "what?");
    fixture_decide(&f, 1, STATE_DEFERRED, REASON_OUT_OF_TRIES);
    fixture_decide(&f, 1, STATE_ACCEPTED, REASON_ACCEPTED);
    commit();
    must(look_decisions(reader, 1, take_decision, &out, &e), &e);
    assert_string_equal(buf_cstr(&out), "out_of_tries accepted! ");
    buf_free(&out);
}

static bool take_call(void *context, const struct look_call *c)
{
    struct buf *out = context;
    assert_true(slice_is(c->asked_model, "teacher-1"));
    assert_true(slice_is(c->model, "served-name"));
    assert_true(slice_is(c->thought, "I compare."));
    assert_true(c->last);
    assert_int_equal(c->http_status, 200);
    buf_addf(out, "%d%d%s%s ", (int)c->lane, c->k, verdict_name(c->verdict),
             c->filter.n ? "f" : "");
    return out->n < 30;
}

static void calls_come_by_recipe_order_and_number(void **state)
{
    (void)state;
    struct err e;
    struct buf out;
    buf_init(&out, 4096);
    begin();
    add_named_pair("mine", "what?");
    fixture_judge(&f, 1, "ABa BB-");
    commit();
    must(look_calls(reader, 1, take_call, &out, &e), &e);
    assert_string_equal(buf_cstr(&out), "00A 01B 02Af 10B 11B 12no_verdict ");
    fixture_run(&f, "{\"model\":\"another\"}");
    begin();
    fixture_judge(&f, 1, "B");
    commit();
    buf_clear(&out);
    must(look_calls(reader, 1, take_call, &out, &e), &e);
    assert_string_equal(buf_cstr(&out), "00A 01B 02Af 10B 11B 12no_verdict "); /* ended by fn */
    buf_free(&out);
}

static bool take_step_call(void *context, const struct look_call *c)
{
    struct buf *out = context;
    buf_addf(out, "%s %d.%d %s %s", seat_kind_name(c->kind), c->k, c->step, ask_name(c->ask),
             verdict_name(c->verdict));
    if (c->last)
        buf_addf(out, " %s, first %s, %d cues", outcome_name(c->outcome), verdict_name(c->first),
                 c->cues);
    if (c->score_a != SCORE_NONE)
        buf_addf(out, ", %d to %d", c->score_a, c->score_b);
    buf_addf(out, "%s" SLICE_FMT "; ", c->finished ? "" : " unfinished", SLICE_ARG(c->segments));
    return true;
}

static void a_rollout_of_several_calls_is_shown_step_by_step(void **state)
{
    (void)state;
    struct err e;
    struct buf out;
    buf_init(&out, 4096);
    begin();
    add_named_pair("mine", "what?");
    const struct fixture_rollout rollouts[] = {
        {.lane = LANE_CHOSEN_FIRST,
         .verdict = VERDICT_A,
         .cues = 2,
         .first = VERDICT_B,
         .segments = "[1]"},
        {.lane = LANE_CHOSEN_FIRST, .k = 1, .verdict = VERDICT_B, .unfinished = true},
        {.lane = LANE_REJECTED_FIRST,
         .verdict = VERDICT_B,
         .scored = true,
         .score_a = 250,
         .score_b = 700},
    };
    for (size_t i = 0; i < 3; i++)
        fixture_add_rollout(&f, 1, &rollouts[i]);
    commit();
    must(look_calls(reader, 1, take_step_call, &out, &e), &e);
    assert_string_equal(buf_cstr(&out),
                        "teacher 0.0 judge B; teacher 0.1 continue B; "
                        "teacher 0.2 continue A correct, first B, 2 cues[1]; "
                        "teacher 1.0 judge B unfinished; "
                        "teacher 0.0 judge B correct, first B, 0 cues, 250 to 700; ");
    buf_free(&out);
}

static void seats_are_those_of_the_recipes(void **state)
{
    (void)state;
    struct look_seat seats[8];
    struct arena a;
    struct err e;
    size_t n;
    arena_init(&a, 1 << 20);
    fixture_project(&f, "student: {n: 2}\nendpoints:\n- {url: \"http://h/v1\", model: t}\n"
                        "- {url: \"http://h/v1\", model: s, role: student}\n");
    fixture_run(&f, "another");
    must(look_seats(reader, seats, 8, &n, &a, &e), &e);
    assert_int_equal(n, 5); /* two of the first run, and three */
    assert_int_equal(seats[0].kind, SEAT_TEACHER);
    assert_true(slice_is(seats[0].model, "teacher-1"));
    assert_int_equal(seats[3].kind, SEAT_STUDENT);
    assert_true(slice_is(seats[3].model, "s"));
    assert_int_equal(seats[3].recipe, f.run.recipes[1]);
    must(look_seats(reader, seats, 2, &n, &a, &e), &e);
    assert_int_equal(n, 2);
    arena_free(&a);
}

static bool take_judged(void *context, const struct look_judged *j)
{
    struct buf *out = context;
    buf_addf(out, "%d %s%s %zu:", (int)j->pair.row, state_name(j->state),
             j->recipe ? " decided" : "", j->n);
    for (size_t i = 0; i < j->n; i++)
        buf_addf(out, " %d%d%s%s", j->rollouts[i].lane, j->rollouts[i].k,
                 verdict_name(j->rollouts[i].verdict), j->rollouts[i].filtered ? "f" : "");
    buf_str(out, "; ");
    assert_true(slice_is(j->domain, "logic"));
    assert_int_equal(j->pair.domain, ledger_name(S("logic")));
    return j->pair.row < 3;
}

static void all_judgments_come_pair_by_pair(void **state)
{
    (void)state;
    struct err e;
    struct buf out;
    buf_init(&out, 4096);
    begin();
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "pair %d", i);
        add_named_pair(name, name);
    }
    fixture_judge(&f, 1, "AB B");
    fixture_judge(&f, 3, "b A"); /* the second has none */
    fixture_judge(&f, 4, "A B"); /* not wanted any more */
    fixture_decide(&f, 3, STATE_REJECTED, REASON_FAILED_BOTH);
    commit();
    must(look_judged(reader, take_judged, &out, &e), &e);
    assert_string_equal(buf_cstr(&out), "1 open 3: 00A 01B 10B; 3 rejected decided 2: 00Bf 10A; ");
    buf_free(&out);
}

static bool take_nothing(void *context, const struct look_judged *j)
{
    (void)j;
    ++*(int *)context;
    return true;
}

static void the_last_pair_is_not_forgotten_and_none_is_made_up(void **state)
{
    (void)state;
    struct err e;
    int n = 0;
    must(look_judged(reader, take_nothing, &n, &e), &e);
    assert_int_equal(n, 0);
    begin();
    for (int i = 0; i < 3; i++)
        fixture_judge(&f, fixture_add_pair(&f, &(struct fixture_pair){0}), "AAA BBB");
    commit();
    must(look_judged(reader, take_nothing, &n, &e), &e);
    assert_int_equal(n, 3);
}

static void take_step(void *context, const struct look_step *s)
{
    buf_addf(context, "%d%d.%d%s ", s->lane, s->k, s->step, verdict_name(s->verdict));
}

static void steps_are_of_cued_rollouts_alone(void **state)
{
    (void)state;
    struct err e;
    struct buf out;
    buf_init(&out, 4096);
    begin();
    add_named_pair("mine", "what?");
    const struct fixture_rollout cued = {
        .lane = LANE_REJECTED_FIRST, .k = 1, .verdict = VERDICT_B, .cues = 1, .first = VERDICT_A};
    fixture_judge(&f, 1, "AB B");
    fixture_add_rollout(&f, 1, &cued);
    commit();
    must(look_steps(reader, 1, take_step, &out, &e), &e);
    assert_string_equal(buf_cstr(&out), "11.0A 11.1B ");
    buf_free(&out);
}

static void take_thought(void *context, struct slice thought)
{
    buf_addf(context, SLICE_FMT " ", SLICE_ARG(thought));
}

static void plain_thoughts_are_the_newest_correct_ones_without_a_cue(void **state)
{
    (void)state;
    static const char *const thoughts[] = {"one", "two", "three", "four", "five"};
    struct err e;
    struct buf out;
    buf_init(&out, 4096);
    begin();
    add_named_pair("mine", "what?");
    for (int k = 0; k < 5; k++) {
        const struct fixture_rollout r = {.lane = LANE_CHOSEN_FIRST,
                                          .k = k,
                                          .thought = thoughts[k],
                                          .verdict = k == 3 ? VERDICT_B : VERDICT_A,
                                          .cues = k == 4,
                                          .first = VERDICT_A};
        fixture_add_rollout(&f, 1, &r);
    }
    commit();
    must(look_plain_thoughts(reader, f.run.recipe.row, 2, take_thought, &out, &e), &e);
    assert_string_equal(buf_cstr(&out), "three two ");
    buf_clear(&out);
    must(look_plain_thoughts(reader, f.run.recipe.row + 1, 2, take_thought, &out, &e), &e);
    assert_int_equal(out.n, 0);
    buf_free(&out);
}

static void means_are_those_of_the_newest_calls(void **state)
{
    (void)state;
    struct look_means means;
    struct err e;
    must(look_recent_calls(reader, 10, &means, &e), &e);
    assert_int_equal(means.calls, 0);
    begin();
    add_named_pair("mine", "what?");
    fixture_judge(&f, 1, "AAAA BBBB");
    commit();
    must(look_recent_calls(reader, 3, &means, &e), &e);
    assert_int_equal(means.calls, 3);
    assert_true(means.latency_ms >= 0 && means.latency_ms <= 0);
}

static void all_pairs_are_walked_in_chunks(void **state)
{
    (void)state;
    struct ledger_pair pairs[4];
    struct err e;
    size_t n, seen = 0;
    uint64_t after = 0;
    begin();
    for (int i = 0; i < 10; i++)
        fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_decide(&f, 3, STATE_ACCEPTED, REASON_ACCEPTED);
    commit();
    do {
        must(look_pairs(reader, after, pairs, 4, &n, &e), &e);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(pairs[i].row, ++seen);
        after = n ? pairs[n - 1].row : after;
    } while (n);
    assert_int_equal(seen, 10);
}

/* ---- samples ---- */

static int64_t total_of(struct look_wanted wanted)
{
    struct ledger_pair pairs[64];
    struct err e;
    size_t n;
    int64_t total;
    must(look_sample(reader, &wanted, 1, pairs, 64, &n, &total, &e), &e);
    assert_int_equal(n, total);
    return total;
}

static void each_kind_of_sample_finds_its_pairs(void **state)
{
    (void)state;
    struct err e;
    begin();
    for (int i = 0; i < 5; i++)
        fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, 1, "AAA BBB");
    fixture_decide(&f, 1, STATE_ACCEPTED, REASON_ACCEPTED);
    fixture_judge(&f, 2, "AAA AA");
    fixture_decide(&f, 2, STATE_REJECTED, REASON_INCONSISTENT);
    fixture_judge(&f, 3, "-- ");
    fixture_decide(&f, 3, STATE_REJECTED, REASON_FAILED_CHOSEN_FIRST);
    fixture_judge(&f, 4, "aa bb");
    const struct ledger_decision d = {.pair = 4,
                                      .recipe = f.run.recipe.row,
                                      .rules = f.run.rules.row,
                                      .run = f.run.run,
                                      .state = STATE_REJECTED,
                                      .reason = REASON_CORPUS_FILTER,
                                      .detail = "duplicate"};
    must(ledger_decide(f.store, &d, 1, &e), &e);
    commit();
    const struct {
        struct look_wanted wanted;
        int64_t total;
        const char *why;
    } rows[] = {
        {{LOOK_STATE, STATE_OPEN, NULL}, 1, "open"},
        {{LOOK_STATE, STATE_REJECTED, NULL}, 3, "rejected for any reason"},
        {{LOOK_REASON, REASON_ACCEPTED, NULL}, 1, "accepted"},
        {{LOOK_REASON, REASON_FAILED_BOTH, NULL}, 0, "nobody"},
        {{LOOK_VERDICT, VERDICT_NONE, NULL}, 1, "two judgments of one pair count once"},
        {{LOOK_VERDICT, VERDICT_A, NULL}, 3, "a letter"},
        {{LOOK_OUTCOME, OUTCOME_INCORRECT, NULL}, 1, "an outcome"},
        {{LOOK_FILTER, 0, "length"}, 1, "a filter of judgments"},
        {{LOOK_FILTER, 0, "duplicate"}, 1, "a filter of the corpus"},
        {{LOOK_FILTER, 0, "repetition"}, 0, "a filter that rejected nothing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (total_of(rows[i].wanted) != rows[i].total)
            fail_msg("%s: %d", rows[i].why, (int)total_of(rows[i].wanted));
}

static void a_sample_is_the_same_each_time_and_grows_by_its_end(void **state)
{
    (void)state;
    const struct look_wanted open = {LOOK_STATE, STATE_OPEN, NULL};
    struct ledger_pair few[5], many[20], other[5];
    struct err e;
    size_t n, m;
    int64_t total;
    begin();
    for (int i = 0; i < 50; i++)
        fixture_add_pair(&f, &(struct fixture_pair){0});
    commit();
    must(look_sample(reader, &open, 9, few, 5, &n, &total, &e), &e);
    must(look_sample(reader, &open, 9, many, 20, &m, &total, &e), &e);
    assert_int_equal(n, 5);
    assert_int_equal(m, 20);
    assert_int_equal(total, 50);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(few[i].row, many[i].row);
    for (size_t i = 1; i < m; i++)
        assert_true(id_u64(&many[i - 1].id, 9) < id_u64(&many[i].id, 9));
    must(look_sample(reader, &open, 10, other, 5, &n, &total, &e), &e);
    size_t same = 0;
    for (size_t i = 0; i < 5; i++)
        same += other[i].row == few[i].row;
    assert_true(same < 5); /* another salt, another sample */
}

static void what_is_read_between_begin_and_end_is_of_one_moment(void **state)
{
    (void)state;
    struct err e;
    begin();
    fixture_add_pair(&f, &(struct fixture_pair){0});
    commit();
    must(look_begin(reader, &e), &e);
    assert_int_equal(store_counter(reader, "pairs.total"), 1);
    begin();
    fixture_add_pair(&f, &(struct fixture_pair){0});
    commit(); /* the reader does not hold up the writer */
    assert_int_equal(store_counter(reader, "pairs.total"), 1);
    look_end(reader);
    assert_int_equal(store_counter(reader, "pairs.total"), 2);
}

#define test(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_newest_run_is_found_with_what_it_ran),
        test(a_state_has_one_name),
        test(workers_are_read_as_they_were_written),
        test(quarantined_lines_come_in_order_and_not_more_than_asked_for),
        test(a_file_is_known_by_its_name),
        test(a_pair_is_found_by_id_by_its_beginning_and_by_its_seeds_name),
        test(a_name_that_several_seeds_have_finds_all_of_them_up_to_the_limit),
        test(a_pair_is_shown_with_its_seed_and_decision),
        test(decisions_come_oldest_first_and_the_one_in_force_is_marked),
        test(calls_come_by_recipe_order_and_number),
        test(a_rollout_of_several_calls_is_shown_step_by_step),
        test(seats_are_those_of_the_recipes),
        test(all_judgments_come_pair_by_pair),
        test(the_last_pair_is_not_forgotten_and_none_is_made_up),
        test(steps_are_of_cued_rollouts_alone),
        test(plain_thoughts_are_the_newest_correct_ones_without_a_cue),
        test(means_are_those_of_the_newest_calls),
        test(all_pairs_are_walked_in_chunks),
        test(each_kind_of_sample_finds_its_pairs),
        test(a_sample_is_the_same_each_time_and_grows_by_its_end),
        test(what_is_read_between_begin_and_end_is_of_one_moment),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
