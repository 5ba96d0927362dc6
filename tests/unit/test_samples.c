/* Samples in the store: seeds that are to be built, what was drawn for them, what it is worth, the
 * pairs it became, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "coordinator/staging.h"
#include "coordinator/store/look_build.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

enum { MOST = 64 };

static struct ledger_fixture f;
static struct id rules, other_rules;
static char path[512];

static void begin_work(void)
{
    struct err e;
    fixture_must(store_begin(f.store, &e), &e);
}

static void commit(void)
{
    struct err e;
    fixture_must(store_commit(f.store, &e), &e);
}

static void open_store(const char *yaml)
{
    static int n;
    char name[32];
    snprintf(name, sizeof name, "samples-%d.db", n++);
    snprintf(path, sizeof path, "%s", scratch_path(name));
    fixture_open(&f, path, yaml);
    rules = project_fingerprint("building", S("one"));
    other_rules = project_fingerprint("building", S("other"));
    begin_work();
}

static void close_store(void)
{
    commit();
    fixture_close(&f);
}

/* Counters are read as they are committed. */
static int64_t counter(const char *name)
{
    commit();
    int64_t v = store_counter(f.store, name);
    begin_work();
    return v;
}

static int generator(void)
{
    return seats_generator(&f.seats);
}

static int64_t recipe(void)
{
    return f.run.recipes[generator()];
}

static struct call_key key_of(uint64_t row, enum lane lane, int k)
{
    return (struct call_key){.row = row, .lane = (uint8_t)lane, .k = (uint8_t)k};
}

static void draw(uint64_t row, enum lane lane, int k, const char *answer)
{
    struct err e;
    const struct wire_call call = {.attempt = 7, .key = key_of(row, lane, k)};
    const struct call_result r = {.http_status = 200,
                                  .finish = FINISH_STOP,
                                  .verdict = VERDICT_NONE,
                                  .first = VERDICT_NONE,
                                  .score_a = SCORE_NONE,
                                  .score_b = SCORE_NONE,
                                  .thought = S("hm"),
                                  .answer = slice_of(answer),
                                  .model = S("served"),
                                  .request_id = S("r"),
                                  .prompt_tokens = 5,
                                  .completion_tokens = 3};
    fixture_must(samples_add(f.store, recipe(), &call, &r, f.endpoint, 11, 1, &e), &e);
}

static void check_as(uint64_t row, enum lane lane, int k, const struct samples_check *check)
{
    struct err e;
    fixture_must(samples_set_check(f.store, recipe(), key_of(row, lane, k), &rules, check, &e), &e);
}

static struct samples_check check_of(enum sample_mark mark, const char *final)
{
    return (struct samples_check){.mark = mark,
                                  .strict = mark == MARK_RIGHT ? ANSWER_EQUAL : ANSWER_DIFFERENT,
                                  .lenient = mark == MARK_RIGHT ? ANSWER_EQUAL : ANSWER_DIFFERENT,
                                  .final = slice_of(final),
                                  .answer_part = S(""),
                                  .why = S("because"),
                                  .prompt_overlap = -1,
                                  .answer_overlap = -1};
}

static void sample(uint64_t row, int k, const char *answer, enum sample_mark mark,
                   const char *final)
{
    const struct samples_check check = check_of(mark, final);
    draw(row, LANE_ANSWER, k, answer);
    check_as(row, LANE_ANSWER, k, &check);
}

static struct builder_seed seed_of(uint64_t row)
{
    struct err e;
    struct builder_seed seeds[MOST];
    size_t n;
    fixture_must(samples_open_seeds(f.store, &f.project, row - 1, seeds, MOST, &n, &e), &e);
    assert_true(n > 0 && seeds[0].row == row);
    return seeds[0];
}

/* The end of a seed that is open. */
static void end_as(uint64_t row, enum build_reason reason)
{
    struct err e;
    struct arena arena;
    const struct builder_seed seed = seed_of(row);
    const struct samples_end end = {.project = &f.project,
                                    .seats = &f.seats,
                                    .run = &f.run,
                                    .seed = row,
                                    .id = seed.id,
                                    .known = seed.known,
                                    .rules = rules,
                                    .recipe = recipe(),
                                    .reason = reason,
                                    .detail = "the detail"};
    struct samples_made made = {0};
    arena_init(&arena, 16 << 20);
    fixture_must(samples_end(f.store, &end, &made, &arena, &e), &e);
    arena_free(&arena);
}

static struct look_seed look(uint64_t row)
{
    struct err e;
    struct look_seed seed;
    fixture_must(look_seed(f.store, row, &seed, &f.arena, &e), &e);
    return seed;
}

static size_t open_pairs(struct ledger_pair pairs[MOST])
{
    struct err e;
    size_t n;
    fixture_must(ledger_open_pairs(f.store, 0, pairs, MOST, &n, &e), &e);
    return n;
}

static size_t read_all(uint64_t row, const struct id *under, struct samples_sample *all, size_t max)
{
    struct err e;
    size_t n;
    fixture_must(samples_read(f.store, row, under, recipe(), all, max, &n, &f.arena, &e), &e);
    return n;
}

/* ---- seeds ---- */

static void prompts_without_a_pair_are_to_be_built(void **state)
{
    (void)state;
    struct err e;
    struct builder_seed seeds[MOST];
    size_t n;
    open_store("build: {open: false}\n");
    uint64_t known = fixture_add_seed(&f, "2+2?", "4", "math");
    fixture_add_pair(&f, &(struct fixture_pair){0});
    f.project.build.open = true;
    uint64_t open = fixture_add_seed(&f, "Who are you?", NULL, NULL);
    assert_int_equal(counter("builds.open"), 2);
    fixture_must(samples_open_seeds(f.store, &f.project, 0, seeds, MOST, &n, &e), &e);
    assert_int_equal(n, 2);
    assert_true(seeds[0].row == known && seeds[0].known);
    assert_true(seeds[1].row == open && !seeds[1].known);
    fixture_must(samples_open_seeds(f.store, &f.project, known, seeds, MOST, &n, &e), &e);
    assert_int_equal(n, 1);
    f.project.build.verifiable = false;
    fixture_must(samples_open_seeds(f.store, &f.project, 0, seeds, MOST, &n, &e), &e);
    assert_true(n == 1 && seeds[0].row == open);
    f.project.build.open = false;
    fixture_must(samples_open_seeds(f.store, &f.project, 0, seeds, MOST, &n, &e), &e);
    assert_int_equal(n, 0);
    close_store();
}

static void a_seed_is_known_by_row_and_identity(void **state)
{
    (void)state;
    struct err e;
    bool found;
    struct builder_seed got;
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    struct builder_seed seed = seed_of(row);
    assert_true(samples_seed(f.store, row, &seed.id, &found, &e) && found);
    assert_true(samples_open_seed(f.store, row, &seed.id, &got, &found, &e) && found && got.known);
    assert_true(samples_seed(f.store, row + 1, &seed.id, &found, &e) && !found);
    assert_true(samples_open_seed(f.store, row + 1, &seed.id, &got, &found, &e) && !found);
    assert_true(samples_seed(f.store, row, &rules, &found, &e) && !found);
    assert_true(samples_open_seed(f.store, row, &rules, &got, &found, &e) && !found);
    end_as(row, BUILD_REASON_NONE);
    assert_true(samples_seed(f.store, row, &seed.id, &found, &e) && found);
    assert_true(samples_open_seed(f.store, row, &seed.id, &got, &found, &e) && !found);
    close_store();
}

/* ---- samples ---- */

static void a_sample_is_there_once_and_read_as_it_was_written(void **state)
{
    (void)state;
    struct samples_sample all[MOST];
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    static const char text[] = "It is \"5\" \xf0\x9f\x98\x80 '); DROP TABLE samples; --";
    assert_false(samples_has(f.store, recipe(), key_of(row, LANE_ANSWER, 3)));
    draw(row, LANE_ANSWER, 3, text);
    assert_true(samples_has(f.store, recipe(), key_of(row, LANE_ANSWER, 3)));
    assert_false(samples_has(f.store, recipe(), key_of(row, LANE_ANSWER, 4)));
    assert_false(samples_has(f.store, recipe(), key_of(row, LANE_MODIFIED, 3)));
    assert_false(samples_has(f.store, recipe() + 1, key_of(row, LANE_ANSWER, 3)));
    assert_int_equal(read_all(row, &rules, all, MOST), 1);
    assert_true(all[0].lane == LANE_ANSWER && all[0].k == 3 && all[0].mark == MARK_UNCHECKED);
    assert_true(slice_is(all[0].answer, text));
    assert_true(slice_is(all[0].author, f.seats.all[generator()].model));
    assert_true(all[0].recipe == recipe());
    assert_true(id_eq(&all[0].recipe_id, &f.seats.all[generator()].recipe));
    assert_true(all[0].prompt_overlap == -1);
    assert_int_equal(counter("samples.total"), 1);
    assert_int_equal(counter("calls.kind.generator"), 1);
    assert_int_equal(counter("cost.kind.generator"), 11);
    assert_int_equal(counter("tokens.kind.generator.completion"), 3);
    close_store();
}

static void a_sample_that_is_stored_is_not_stored_again(void **state)
{
    (void)state;
    struct err e;
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    draw(row, LANE_ANSWER, 0, "one");
    commit();
    begin_work();
    const struct wire_call call = {.attempt = 8, .key = key_of(row, LANE_ANSWER, 0)};
    const struct call_result r = {.answer = S("two")};
    assert_false(samples_add(f.store, recipe(), &call, &r, f.endpoint, 0, 1, &e));
    store_rollback(f.store);
    begin_work();
    assert_int_equal(counter("samples.total"), 1);
    close_store();
}

static void a_check_that_takes_the_place_of_another_moves_the_counters(void **state)
{
    (void)state;
    struct samples_sample all[MOST];
    struct err e;
    open_store("");
    uint64_t row = fixture_add_seed(&f, "Rome?", NULL, NULL);
    draw(row, LANE_MODIFIED, 0, "text");
    struct samples_check check = check_of(MARK_USABLE, "prompt");
    check.answer_part = S("part");
    check.prompt_overlap = 0.35;
    check.answer_overlap = 1;
    check_as(row, LANE_MODIFIED, 0, &check);
    assert_int_equal(counter("samples.usable"), 1);
    assert_int_equal(counter("overlap.prompt.3"), 1);
    assert_int_equal(counter("overlap.answer.9"), 1);
    check.mark = MARK_TOO_CLOSE;
    check.prompt_overlap = 0.05;
    check.answer_overlap = -1;
    fixture_must(samples_set_check(f.store, recipe(), key_of(row, LANE_MODIFIED, 0), &other_rules,
                                   &check, &e),
                 &e);
    assert_int_equal(counter("samples.usable"), 0);
    assert_int_equal(counter("samples.too_close"), 1);
    assert_int_equal(counter("overlap.prompt.3"), 0);
    assert_int_equal(counter("overlap.prompt.0"), 1);
    assert_int_equal(counter("overlap.answer.9"), 0);
    /* Under the first rules it was not looked at. */
    assert_int_equal(read_all(row, &rules, all, MOST), 1);
    assert_int_equal(all[0].mark, MARK_UNCHECKED);
    assert_int_equal(read_all(row, &other_rules, all, MOST), 1);
    assert_int_equal(all[0].mark, MARK_TOO_CLOSE);
    assert_true(slice_is(all[0].answer_part, "part") && slice_is(all[0].final, "prompt"));
    assert_int_equal(read_all(row, NULL, all, MOST), 1);
    assert_int_equal(all[0].mark, MARK_TOO_CLOSE);
    close_store();
}

static void a_check_of_no_sample_is_an_error(void **state)
{
    (void)state;
    struct err e;
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    const struct samples_check check = check_of(MARK_RIGHT, "4");
    assert_false(
        samples_set_check(f.store, recipe(), key_of(row, LANE_ANSWER, 0), &rules, &check, &e));
    assert_int_equal(e.code, ERR_CORRUPT);
    close_store();
}

static void samples_of_all_recipes_are_read_in_one_order(void **state)
{
    (void)state;
    struct samples_sample all[MOST];
    struct err e;
    size_t n;
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    int64_t first = recipe();
    for (int k = 3; k >= 0; k--)
        draw(row, LANE_ANSWER, k, "first");
    draw(row, LANE_MODIFIED, 0, "first");
    commit();
    fixture_run(&f, "second");
    assert_true(recipe() != first);
    begin_work();
    for (int k = 0; k < 6; k++)
        draw(row, LANE_ANSWER, k, "second");
    assert_int_equal(read_all(row, &rules, all, MOST), 11);
    for (size_t i = 1; i < 11; i++) {
        const struct samples_sample *a = &all[i - 1], *b = &all[i];
        assert_true(
            a->lane < b->lane ||
            (a->lane == b->lane && (a->k < b->k || (a->k == b->k && a->recipe < b->recipe))));
    }
    /* When there are too many, this recipe's are among them all the same. */
    fixture_must(samples_read(f.store, row, &rules, first, all, 5, &n, &f.arena, &e), &e);
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++)
        assert_true(all[i].recipe == first);
    fixture_must(samples_read(f.store, row, &rules, recipe(), all, 7, &n, &f.arena, &e), &e);
    size_t mine = 0;
    for (size_t i = 0; i < n; i++)
        mine += all[i].recipe == recipe();
    assert_true(n == 7 && mine == 6);
    close_store();
}

static void the_baseline_is_the_first_usable_answer(void **state)
{
    (void)state;
    struct err e;
    struct slice text;
    open_store("");
    uint64_t row = fixture_add_seed(&f, "Rome?", NULL, NULL);
    assert_false(samples_baseline(f.store, row, &text, &f.arena, &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
    sample(row, 0, "", MARK_EMPTY, "");
    assert_false(samples_baseline(f.store, row, &text, &f.arena, &e));
    sample(row, 2, "later", MARK_USABLE, "");
    sample(row, 1, "baseline", MARK_USABLE, "");
    assert_true(samples_baseline(f.store, row, &text, &f.arena, &e));
    assert_true(slice_is(text, "baseline"));
    close_store();
}

/* ---- the end ---- */

static void a_checked_pair_is_verified_and_its_evidence_can_be_checked_again(void **state)
{
    (void)state;
    struct err e;
    struct ledger_pair pairs[MOST];
    struct ledger_task task;
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    sample(row, 0, "It is \\boxed{5}", MARK_WRONG, "5");
    sample(row, 1, "It is \\boxed{4}", MARK_RIGHT, "4");
    sample(row, 2, "nothing", MARK_NO_ANSWER, "");
    end_as(row, BUILD_REASON_NONE);
    struct look_seed seed = look(row);
    assert_int_equal(seed.state, BUILD_BUILT);
    assert_int_equal(seed.reason, BUILD_REASON_BUILT);
    assert_int_equal(seed.pairs, 1);
    assert_int_equal(open_pairs(pairs), 1);
    assert_int_equal(pairs[0].trust, TRUST_VERIFIED);
    assert_true(samples_made_pair(f.store, pairs[0].row));
    fixture_must(ledger_task(f.store, pairs[0].row, &task, &f.arena, &e), &e);
    assert_true(slice_find(task.chosen, S("\\\\boxed{4}")) != SIZE_MAX);
    assert_true(slice_find(task.rejected, S("\\\\boxed{5}")) != SIZE_MAX);
    struct look_pair shown;
    fixture_must(look_pair(f.store, pairs[0].row, &shown, &f.arena, &e), &e);
    static const char *const told[] = {"\"kind\":\"checked_answers\"",
                                       "\"expected\":\"4\"",
                                       "\"got\":\"5\"",
                                       "\"samples\":3",
                                       "\"right\":1",
                                       "\"wrong\":1",
                                       "\"stopped\":true",
                                       "\"final\":\"4\"",
                                       "\"why\":\"because\"",
                                       "\"chosen\":{\"sample\":2",
                                       "\"rejected\":{\"sample\":1"};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (slice_find(shown.evidence, slice_of(told[i])) == SIZE_MAX)
            fail_msg("%s is not in " SLICE_FMT, told[i], SLICE_ARG(shown.evidence));
    assert_int_equal(counter("builds.open"), 0);
    assert_int_equal(counter("builds.built"), 1);
    assert_int_equal(counter("builds.reason.built"), 1);
    assert_int_equal(counter("builds.pairs"), 1);
    assert_int_equal(counter("pairs.open"), 1);
    assert_int_equal(counter("pairs.total"), 1);
    close_store();
}

static void a_changed_prompts_answer_is_the_worse_one(void **state)
{
    (void)state;
    struct err e;
    struct ledger_pair pairs[MOST];
    struct ledger_task task;
    struct look_pair shown;
    open_store("");
    uint64_t row = fixture_add_seed(&f, "Where is Rome?", NULL, NULL);
    sample(row, 0, "In Italy.", MARK_USABLE, "");
    draw(row, LANE_MODIFIED, 0, "<changed_prompt>…");
    struct samples_check check = check_of(MARK_USABLE, "Where is Paris?");
    check.answer_part = S("In France.");
    check.prompt_overlap = 0.5;
    check.answer_overlap = 0.25;
    check_as(row, LANE_MODIFIED, 0, &check);
    end_as(row, BUILD_REASON_NONE);
    assert_int_equal(open_pairs(pairs), 1);
    assert_int_equal(pairs[0].trust, TRUST_SYNTHETIC);
    fixture_must(ledger_task(f.store, pairs[0].row, &task, &f.arena, &e), &e);
    assert_true(slice_find(task.prompt, S("Where is Rome?")) != SIZE_MAX);
    assert_true(slice_find(task.chosen, S("In Italy.")) != SIZE_MAX);
    assert_true(slice_find(task.rejected, S("\"In France.\"")) != SIZE_MAX); /* the part alone */
    fixture_must(look_pair(f.store, pairs[0].row, &shown, &f.arena, &e), &e);
    static const char *const told[] = {"\"kind\":\"modified_instruction\"",
                                       "\"changed_prompt\":\"Where is Paris?\"",
                                       "\"prompt_overlap\":0.5", "\"answer_overlap\":0.25"};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        assert_true(slice_find(shown.evidence, slice_of(told[i])) != SIZE_MAX);
    close_store();
}

static void several_pairs_share_their_responses(void **state)
{
    (void)state;
    struct ledger_pair pairs[MOST];
    open_store("build: {pairs: 4, right: 2, wrong: 2}\n");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    sample(row, 0, "4", MARK_RIGHT, "4");
    sample(row, 1, "four, 4", MARK_RIGHT, "4");
    sample(row, 2, "5", MARK_WRONG, "5");
    sample(row, 3, "6", MARK_WRONG, "6");
    end_as(row, BUILD_REASON_NONE);
    assert_int_equal(open_pairs(pairs), 4);
    assert_int_equal(look(row).pairs, 4);
    struct err e;
    struct look_pair shown;
    bool seen[16] = {false};
    for (int i = 0; i < 4; i++) {
        fixture_must(look_pair(f.store, pairs[i].row, &shown, &f.arena, &e), &e);
        for (int s = 1; s <= 4; s++) {
            char text[32];
            snprintf(text, sizeof text, "\"sample\":%d,", s);
            seen[s] |= slice_find(shown.evidence, slice_of(text)) != SIZE_MAX;
        }
    }
    assert_true(seen[1] && seen[2] && seen[3] && seen[4]);
    close_store();
}

/* Rows of a table, as another reader of the store counts them. */
static int64_t rows_of(const char *table)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    char sql[64];
    commit();
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    begin_work();
    return n;
}

static void a_pair_that_another_seed_has_given_is_no_second_one(void **state)
{
    (void)state;
    struct ledger_pair pairs[MOST];
    open_store("");
    /* The same prompt with another form of its answer is another seed. */
    uint64_t one = fixture_add_seed(&f, "2+2?", "4", ""),
             two = fixture_add_seed(&f, "2+2?", "4.0", "");
    sample(one, 0, "4", MARK_RIGHT, "4");
    sample(one, 1, "5", MARK_WRONG, "5");
    sample(two, 0, "5", MARK_WRONG, "5");
    sample(two, 1, "4", MARK_RIGHT, "4");
    end_as(one, BUILD_REASON_NONE);
    end_as(two, BUILD_REASON_NONE);
    assert_int_equal(open_pairs(pairs), 1);
    assert_int_equal(look(two).state, BUILD_FAILED);
    assert_int_equal(look(two).reason, BUILD_REASON_DUPLICATE);
    assert_int_equal(counter("builds.reason.duplicate"), 1);
    assert_int_equal(counter("pairs.total"), 1);
    assert_int_equal(rows_of("responses"), 2); /* none that stands in no pair */
    close_store();
}

static void a_seed_ends_once(void **state)
{
    (void)state;
    struct err e;
    struct ledger_pair pairs[MOST];
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    const struct builder_seed seed = seed_of(row);
    sample(row, 0, "4", MARK_RIGHT, "4");
    sample(row, 1, "5", MARK_WRONG, "5");
    end_as(row, BUILD_REASON_NONE);
    const struct samples_end again = {.project = &f.project,
                                      .seats = &f.seats,
                                      .run = &f.run,
                                      .seed = row,
                                      .id = seed.id,
                                      .known = true,
                                      .rules = other_rules,
                                      .recipe = recipe(),
                                      .reason = BUILD_REASON_REFUSED,
                                      .detail = ""};
    struct samples_made made = {0};
    fixture_must(samples_end(f.store, &again, &made, &f.arena, &e), &e);
    assert_int_equal(look(row).state, BUILD_BUILT);
    assert_int_equal(open_pairs(pairs), 1);
    assert_int_equal(counter("builds.built"), 1);
    assert_int_equal(counter("builds.deferred"), 0);
    close_store();
}

/* The labels of the seed's pairs, looked at again. */
static void relabel(uint64_t row, bool known, struct samples_made *made)
{
    struct err e;
    const struct look_seed seed = look(row);
    const struct samples_end end = {.project = &f.project,
                                    .seats = &f.seats,
                                    .run = &f.run,
                                    .seed = row,
                                    .id = seed.id,
                                    .known = known,
                                    .rules = rules,
                                    .recipe = recipe(),
                                    .detail = "",
                                    .wall_ms = 5};
    *made = (struct samples_made){0};
    fixture_must(samples_relabel(f.store, &end, made, &f.arena, &e), &e);
}

static void a_label_is_withdrawn_and_comes_back(void **state)
{
    (void)state;
    struct err e;
    struct ledger_pair pairs[MOST];
    struct samples_made made;
    const enum pair_state fates[] = {STATE_OPEN, STATE_ACCEPTED, STATE_REJECTED, STATE_DEFERRED};
    for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
        open_store("");
        uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
        sample(row, 0, "4", MARK_RIGHT, "4");
        sample(row, 1, "5", MARK_WRONG, "5");
        end_as(row, BUILD_REASON_NONE);
        assert_int_equal(open_pairs(pairs), 1);
        const struct ledger_decision d = {.pair = pairs[0].row,
                                          .recipe = f.run.recipe.row,
                                          .rules = f.run.rules.row,
                                          .run = f.run.run,
                                          .state = fates[i],
                                          .reason = fates[i] == STATE_ACCEPTED ? REASON_ACCEPTED
                                                                               : REASON_FAILED_BOTH,
                                          .detail = ""};
        if (fates[i] != STATE_OPEN)
            fixture_must(ledger_decide(f.store, &d, 1, &e), &e);
        const struct samples_check unsure = check_of(MARK_UNSURE, "4"),
                                   right = check_of(MARK_RIGHT, "4");
        check_as(row, LANE_ANSWER, 0, &unsure);
        relabel(row, true, &made);
        assert_int_equal(made.withdrawn, 1);
        assert_int_equal(made.holding, 0);
        assert_int_equal(counter("reason.rejected.label_withdrawn"), 1);
        assert_int_equal(counter("pairs.rejected"), 1);
        relabel(row, true, &made); /* once is enough */
        assert_int_equal(made.withdrawn, 0);
        const struct ledger_decision late = {.pair = pairs[0].row,
                                             .recipe = f.run.recipe.row,
                                             .rules = f.run.rules.row,
                                             .run = f.run.run,
                                             .state = STATE_ACCEPTED,
                                             .reason = REASON_ACCEPTED,
                                             .detail = ""};
        fixture_must(ledger_decide(f.store, &late, 1, &e), &e); /* comes too late */
        assert_int_equal(counter("pairs.accepted"), 0);
        check_as(row, LANE_ANSWER, 0, &right);
        relabel(row, true, &made);
        assert_int_equal(made.returned, 1);
        assert_int_equal(made.holding, 1);
        assert_int_equal(counter("reason.rejected.label_withdrawn"), 0);
        bool open = fates[i] == STATE_OPEN || fates[i] == STATE_DEFERRED;
        assert_int_equal(counter("pairs.open"), open);
        assert_int_equal(counter("pairs.accepted"), fates[i] == STATE_ACCEPTED);
        assert_int_equal(counter("pairs.rejected"), fates[i] == STATE_REJECTED);
        close_store();
    }
}

static void a_seed_without_a_pair_says_why(void **state)
{
    (void)state;
    struct ledger_pair pairs[MOST];
    open_store("");
    uint64_t right = fixture_add_seed(&f, "1+1?", "2", ""),
             none = fixture_add_seed(&f, "x", NULL, NULL),
             refused = fixture_add_seed(&f, "y", "2", "");
    sample(right, 0, "2", MARK_RIGHT, "2");
    end_as(right, BUILD_REASON_NONE);
    end_as(none, BUILD_REASON_NONE);
    end_as(refused, BUILD_REASON_REFUSED);
    assert_int_equal(look(right).reason, BUILD_REASON_ALL_RIGHT);
    assert_int_equal(look(none).reason, BUILD_REASON_NO_BASELINE);
    assert_int_equal(look(refused).state, BUILD_DEFERRED);
    assert_true(slice_is(look(refused).detail, "the detail"));
    assert_int_equal(open_pairs(pairs), 0);
    assert_int_equal(counter("builds.failed"), 2);
    assert_int_equal(counter("builds.deferred"), 1);
    assert_int_equal(counter("builds.open"), 0);
    close_store();
}

/* Checks under other rules say nothing about what a pair is worth. */
static void pairs_are_made_of_checks_under_the_rules_in_force(void **state)
{
    (void)state;
    struct err e;
    struct ledger_pair pairs[MOST];
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    sample(row, 0, "4", MARK_RIGHT, "4");
    draw(row, LANE_ANSWER, 1, "5");
    const struct samples_check wrong = check_of(MARK_WRONG, "5");
    fixture_must(
        samples_set_check(f.store, recipe(), key_of(row, LANE_ANSWER, 1), &other_rules, &wrong, &e),
        &e);
    end_as(row, BUILD_REASON_NONE);
    assert_int_equal(look(row).reason, BUILD_REASON_ALL_RIGHT);
    assert_int_equal(open_pairs(pairs), 0);
    close_store();
}

/* ---- once more ---- */

static int64_t reopen(const struct id *under, int64_t under_recipe)
{
    struct err e;
    int64_t n;
    fixture_must(samples_reopen(f.store, under, under_recipe, &n, &e), &e);
    return n;
}

static void what_could_not_be_finished_is_taken_up_again(void **state)
{
    (void)state;
    open_store("");
    uint64_t built = fixture_add_seed(&f, "2+2?", "4", ""),
             failed = fixture_add_seed(&f, "x?", "4", ""),
             deferred = fixture_add_seed(&f, "y?", "4", "");
    sample(built, 0, "4", MARK_RIGHT, "4");
    sample(built, 1, "5", MARK_WRONG, "5");
    end_as(built, BUILD_REASON_NONE);
    end_as(failed, BUILD_REASON_NONE);
    end_as(deferred, BUILD_REASON_OUT_OF_TRIES);

    assert_int_equal(reopen(&rules, 0), 1);
    assert_int_equal(look(deferred).state, BUILD_OPEN);
    assert_int_equal(look(deferred).detail.n, 0);
    assert_int_equal(look(failed).state, BUILD_FAILED);
    assert_int_equal(counter("builds.open"), 1);
    assert_int_equal(counter("builds.deferred"), 0);
    assert_int_equal(counter("builds.reason.out_of_tries"), 0);

    assert_int_equal(reopen(&rules, recipe()), 0);
    assert_int_equal(reopen(&rules, recipe() + 1), 1); /* redraw: all, under another recipe */
    assert_int_equal(look(failed).state, BUILD_OPEN);
    end_as(failed, BUILD_REASON_NONE);
    assert_int_equal(reopen(&other_rules, 0), 1);
    assert_int_equal(look(failed).state, BUILD_OPEN);
    assert_int_equal(look(built).state, BUILD_BUILT);
    assert_int_equal(counter("builds.open"), 2);
    assert_int_equal(counter("builds.failed"), 0);
    assert_int_equal(counter("builds.built"), 1);
    close_store();
}

/* ---- staged ---- */

/* The texts point into memory that is gone when this returns. */
static void stage_all(struct staging *s, uint64_t row, const struct builder_seed *seed)
{
    static const char *const answers[] = {"It is four: 4", "It is five: 5"};
    for (int k = 0; k < 2; k++) {
        char text[32], final[2] = {(char)(k == 0 ? '4' : '5'), 0};
        snprintf(text, sizeof text, "%s", answers[k]);
        struct call_key key = key_of(row | CALL_SEED, LANE_ANSWER, k);
        const struct wire_call call = {.attempt = 1, .key = key};
        const struct call_result r = {.answer = slice_of(text),
                                      .thought = S(""),
                                      .model = S(""),
                                      .request_id = S(""),
                                      .segments = S(""),
                                      .filter = S("")};
        const struct staging_call more = {.recipe = recipe(),
                                          .kind = SEAT_GENERATOR,
                                          .last = true,
                                          .endpoint = f.endpoint,
                                          .wall_ms = 1};
        assert_true(staging_call(s, &call, &r, &more));
        assert_true(staging_has(s, recipe(), key));
        const struct samples_check check = check_of(k == 0 ? MARK_RIGHT : MARK_WRONG, final);
        assert_true(staging_check(s, recipe(), key_of(row, LANE_ANSWER, k), &rules, &check));
        memset(text, '#', sizeof text);
        memset(final, '#', 1);
    }
    char detail[] = "a detail";
    const struct samples_end end = {.project = &f.project,
                                    .seats = &f.seats,
                                    .run = &f.run,
                                    .seed = row,
                                    .id = seed->id,
                                    .known = true,
                                    .rules = rules,
                                    .recipe = recipe(),
                                    .detail = detail};
    assert_true(staging_end(s, &end));
    memset(detail, '#', sizeof detail - 1);
}

static void what_is_staged_for_a_seed_is_written_in_one_piece(void **state)
{
    (void)state;
    struct err e;
    struct ledger_pair pairs[MOST];
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    const struct builder_seed seed = seed_of(row);
    commit();
    struct staging *s = staging_new();
    stage_all(s, row, &seed);
    assert_int_equal(staging_count(s), 5);
    for (int i = 0; i < 3; i++) { /* the disk is full twice */
        begin_work();
        fixture_must(staging_write(s, f.store, &e), &e);
        if (i == 2)
            break;
        store_rollback(f.store);
        begin_work();
        assert_int_equal(open_pairs(pairs), 0);
        assert_false(samples_has(f.store, recipe(), key_of(row, LANE_ANSWER, 0)));
        commit();
    }
    staging_clear(s);
    staging_free(s);
    assert_int_equal(open_pairs(pairs), 1);
    assert_true(slice_is(look(row).detail, "a detail"));
    struct samples_sample all[MOST];
    assert_int_equal(read_all(row, &rules, all, MOST), 2);
    assert_true(slice_is(all[0].answer, "It is four: 4") && slice_is(all[0].final, "4"));
    close_store();
}

/* A row of a pair and of a seed with the same number are two calls. */
static void a_staged_sample_is_no_staged_call_of_a_pair(void **state)
{
    (void)state;
    open_store("");
    uint64_t row = fixture_add_seed(&f, "2+2?", "4", "");
    const struct builder_seed seed = seed_of(row);
    struct staging *s = staging_new();
    stage_all(s, row, &seed);
    assert_false(staging_has(s, recipe(), key_of(row, LANE_ANSWER, 0)));
    assert_false(staging_has(s, recipe(), key_of(row | CALL_SEED, LANE_ANSWER, 2)));
    staging_clear(s);
    assert_false(staging_has(s, recipe(), key_of(row | CALL_SEED, LANE_ANSWER, 0)));
    staging_free(s);
    close_store();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prompts_without_a_pair_are_to_be_built),
        cmocka_unit_test(a_seed_is_known_by_row_and_identity),
        cmocka_unit_test(a_sample_is_there_once_and_read_as_it_was_written),
        cmocka_unit_test(a_sample_that_is_stored_is_not_stored_again),
        cmocka_unit_test(a_check_that_takes_the_place_of_another_moves_the_counters),
        cmocka_unit_test(a_check_of_no_sample_is_an_error),
        cmocka_unit_test(samples_of_all_recipes_are_read_in_one_order),
        cmocka_unit_test(the_baseline_is_the_first_usable_answer),
        cmocka_unit_test(a_checked_pair_is_verified_and_its_evidence_can_be_checked_again),
        cmocka_unit_test(a_changed_prompts_answer_is_the_worse_one),
        cmocka_unit_test(several_pairs_share_their_responses),
        cmocka_unit_test(a_pair_that_another_seed_has_given_is_no_second_one),
        cmocka_unit_test(a_seed_ends_once),
        cmocka_unit_test(a_label_is_withdrawn_and_comes_back),
        cmocka_unit_test(a_seed_without_a_pair_says_why),
        cmocka_unit_test(pairs_are_made_of_checks_under_the_rules_in_force),
        cmocka_unit_test(what_could_not_be_finished_is_taken_up_again),
        cmocka_unit_test(what_is_staged_for_a_seed_is_written_in_one_piece),
        cmocka_unit_test(a_staged_sample_is_no_staged_call_of_a_pair),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
