/* Feed: which pairs go from the store to the engine, when, and with what is known of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coordinator/feed.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

enum { MOST = 4096 };

static struct {
    struct ledger_fixture ledger;
    struct engine_io io;
    struct engine *engine;
    struct feed feed;
    int64_t recipes[CALL_MAX_SEAT];
    struct call_key granted[MOST];
    size_t n_granted;
    int decided[STATE_COUNT];
} w;

static bool io_grant(void *context, const struct agent *agent, const struct task *task,
                     int rollouts, const struct subject *subject)
{
    (void)context;
    (void)agent;
    (void)subject;
    assert_int_equal(rollouts, 1);
    assert_true(w.n_granted < MOST);
    w.granted[w.n_granted++] = task->key;
    return true;
}

static void io_cancel(void *context, const struct agent *agent, uint64_t attempt)
{
    (void)context;
    (void)agent;
    (void)attempt;
}

static void io_ack(void *context, uint32_t peer, uint64_t attempt)
{
    (void)context;
    (void)peer;
    (void)attempt;
}

static enum engine_saved io_save(void *context, const struct wire_call *call,
                                 const struct call_result *result, bool last)
{
    (void)context;
    (void)last;
    (void)call;
    (void)result;
    return ENGINE_SAVED;
}

static void io_decide(void *context, const struct subject *s, enum pair_state state,
                      enum reason reason, const char *detail)
{
    (void)context;
    (void)s;
    (void)reason;
    (void)detail;
    w.decided[state]++;
}

/* A store of pairs with these rollouts (see fixture_judge), and an engine that knows nothing yet.
 */
static void open_world(const char *const *verdicts, int pairs, uint64_t shard, uint64_t shards)
{
    static int n;
    char name[32];
    struct err e;
    memset(&w, 0, sizeof w);
    snprintf(name, sizeof name, "feed-%d.db", n++);
    fixture_open(&w.ledger, scratch_path(name),
                 "accept: {k: 1, n: 1}\ncalibration: 0\nreflection: {mode: wait}\n");
    fixture_must(store_begin(w.ledger.store, &e), &e);
    for (int i = 0; i < pairs; i++) {
        uint64_t row = fixture_add_pair(&w.ledger, &(struct fixture_pair){0});
        if (verdicts)
            fixture_judge(&w.ledger, row, verdicts[i]);
    }
    fixture_must(store_commit(w.ledger.store, &e), &e);
    w.io = (struct engine_io){&w, io_grant, io_cancel, io_ack, io_save, io_decide, NULL};
    w.engine = engine_new(&w.ledger.project, &w.ledger.seats, 1, &w.io, 0);
    assert_non_null(w.engine);
    w.recipes[0] = w.ledger.run.recipes[0];
    feed_init(&w.feed, w.ledger.store, w.engine, &w.ledger.seats, w.recipes, shard, shards);
}

static void close_world(void)
{
    engine_free(w.engine);
    fixture_close(&w.ledger);
}

static void add_worker(uint32_t slots)
{
    struct wire_hello m = {.version = WIRE_VERSION, .slots = slots, .host = S("h")};
    assert_true(engine_hello(w.engine, 1, &m, 0));
}

static void turn(void)
{
    struct err e;
    fixture_must(feed_turn(&w.feed, &e), &e);
}

static void pairs_are_loaded_as_there_is_room_in_the_order_of_their_rows(void **state)
{
    (void)state;
    open_world(NULL, 10, 0, 0);
    add_worker(4);
    turn();
    assert_false(w.feed.at_end);
    engine_tick(w.engine, 0);
    assert_int_equal(w.n_granted, 4);
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(w.granted[i].row, i + 1);
    turn();
    assert_int_equal(w.feed.cursor, 4); /* no room, no pair */
    close_world();
}

static void a_store_without_open_pairs_is_at_its_end_also_without_workers(void **state)
{
    (void)state;
    struct err e;
    open_world(NULL, 2, 0, 0);
    turn();
    assert_false(w.feed.at_end); /* there is work, and nobody to do it */
    close_world();

    open_world(NULL, 2, 0, 0);
    fixture_must(store_begin(w.ledger.store, &e), &e);
    fixture_decide(&w.ledger, 1, STATE_ACCEPTED, REASON_ACCEPTED);
    fixture_decide(&w.ledger, 2, STATE_REJECTED, REASON_FAILED_BOTH);
    fixture_must(store_commit(w.ledger.store, &e), &e);
    turn();
    assert_true(w.feed.at_end);
    assert_true(engine_is_idle(w.engine));
    close_world();
}

static void what_is_stored_is_recalled_before_anything_is_asked(void **state)
{
    (void)state;
    static const char *const verdicts[] = {"A B", "B", "A", "a"};
    open_world(verdicts, 4, 0, 0);
    add_worker(16);
    turn();
    assert_true(w.feed.at_end);
    assert_int_equal(w.decided[STATE_ACCEPTED], 1);
    assert_int_equal(w.decided[STATE_REJECTED], 2); /* the last one by its filter */
    engine_tick(w.engine, 0);
    assert_int_equal(w.n_granted, 1);
    assert_int_equal(w.granted[0].row, 3);
    assert_int_equal(w.granted[0].lane, LANE_REJECTED_FIRST);
    close_world();
}

static void rollouts_of_another_recipe_are_not_recalled(void **state)
{
    (void)state;
    static const char *const verdicts[] = {"A B"};
    open_world(verdicts, 1, 0, 0);
    w.recipes[0]++;
    add_worker(4);
    turn();
    assert_int_equal(w.decided[STATE_ACCEPTED], 0);
    assert_true(engine_has(w.engine, 1));
    close_world();
}

static void a_rollout_that_was_begun_goes_on_where_it_stopped(void **state)
{
    (void)state;
    struct err e;
    open_world(NULL, 1, 0, 0);
    fixture_must(store_begin(w.ledger.store, &e), &e);
    fixture_add_rollout(&w.ledger, 1,
                        &(struct fixture_rollout){
                            .lane = LANE_REJECTED_FIRST, .verdict = VERDICT_B, .unfinished = true});
    fixture_must(store_commit(w.ledger.store, &e), &e);
    add_worker(1);
    turn();
    engine_tick(w.engine, 0);
    assert_int_equal(w.n_granted, 1);
    assert_int_equal(w.granted[0].lane, LANE_REJECTED_FIRST);
    assert_int_equal(w.granted[0].k, 0);
    assert_int_equal(w.granted[0].step, 1);
    close_world();
}

static void shards_are_disjoint_and_together_everything(void **state)
{
    (void)state;
    enum { PAIRS = 60, SHARDS = 3 };
    int seen[PAIRS + 1] = {0};
    for (uint64_t shard = 0; shard < SHARDS; shard++) {
        open_world(NULL, PAIRS, shard, SHARDS);
        add_worker(16);
        for (int i = 0; i < 50; i++) {
            turn();
            engine_tick(w.engine, 0);
            for (size_t g = 0; g < w.n_granted; g++) /* none is answered */
                seen[w.granted[g].row]++;
            w.n_granted = 0;
            engine_gone(w.engine, 1);
            engine_free(w.engine);
            w.engine = engine_new(&w.ledger.project, &w.ledger.seats, 1, &w.io, 0);
            w.feed.engine = w.engine;
            add_worker(16);
        }
        close_world();
    }
    for (int row = 1; row <= PAIRS; row++)
        assert_int_equal(seen[row], 1);
}

static void a_pair_can_be_loaded_out_of_turn_once_and_only_while_it_is_open(void **state)
{
    (void)state;
    struct ledger_pair pairs[4];
    struct err e;
    size_t n;
    open_world(NULL, 3, 0, 0);
    fixture_must(ledger_open_pairs(w.ledger.store, 0, pairs, 4, &n, &e), &e);
    fixture_must(feed_pair(&w.feed, 3, &pairs[2].id, &e), &e);
    assert_true(engine_has(w.engine, 3));
    fixture_must(feed_pair(&w.feed, 3, &pairs[2].id, &e), &e);
    fixture_must(feed_pair(&w.feed, 2, &pairs[2].id, &e), &e); /* the id of another */
    assert_false(engine_has(w.engine, 2));
    fixture_must(store_begin(w.ledger.store, &e), &e);
    fixture_decide(&w.ledger, 1, STATE_ACCEPTED, REASON_ACCEPTED);
    fixture_must(store_commit(w.ledger.store, &e), &e);
    fixture_must(feed_pair(&w.feed, 1, &pairs[0].id, &e), &e);
    assert_false(engine_has(w.engine, 1));
    add_worker(8);
    turn(); /* passes the pair that is under way already */
    assert_true(engine_has(w.engine, 2));
    assert_int_equal(w.feed.cursor, 3);
    close_world();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_loaded_as_there_is_room_in_the_order_of_their_rows),
        cmocka_unit_test(a_store_without_open_pairs_is_at_its_end_also_without_workers),
        cmocka_unit_test(what_is_stored_is_recalled_before_anything_is_asked),
        cmocka_unit_test(rollouts_of_another_recipe_are_not_recalled),
        cmocka_unit_test(a_rollout_that_was_begun_goes_on_where_it_stopped),
        cmocka_unit_test(shards_are_disjoint_and_together_everything),
        cmocka_unit_test(a_pair_can_be_loaded_out_of_turn_once_and_only_while_it_is_open),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
