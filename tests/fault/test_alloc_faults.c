/*
 * Every allocation of our own code fails in turn, once and then from there on. Whatever was asked
 * for comes out right or not at all, with an error that blames memory and not the input; nothing
 * leaks (the address sanitizer looks), nothing is half there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "coordinator/engine.h"
#include "coordinator/imports/seed_reader.h"
#include "coordinator/staging.h"
#include "judges/history.h"
#include "tests/lib/fault_alloc.h"
#include "worker/judging.h"
#include "worker/session.h"
#include "worker/teacher/answer.h"
#include "worker/teacher/sse.h"

enum { ROOM = 1 << 20, ALLOCATIONS_MAX = 20000 };

/* torture(act): act with each of its allocations failing, until it has no more. */
static void torture(void (*act)(void))
{
    for (int repeat = 0; repeat < 2; repeat++) {
        bool failed = true;
        for (int64_t at = 1; failed; at++) {
            assert_true(at < ALLOCATIONS_MAX);
            fault_alloc_arm(at, repeat);
            act();
            failed = fault_alloc_disarm();
        }
    }
}

static void assert_blames_memory(const struct err *e)
{
    if (e->code != ERR_NOMEM || !e->text[0])
        fail_msg("%s: %s", err_name(e->code), e->text);
}

/* A buffer that failed here failed for want of memory. */
static bool is_whole(const struct buf *b)
{
    struct err e;
    bool ok = buf_ok(b, "a text", &e);
    if (!ok)
        assert_blames_memory(&e);
    return ok;
}

/* JSON */

static const char document[] = "{\"a\":[1,2.50,\"\\ud83d\\ude00\\n\",null,true],\"b\":{\"c\":\"\"},"
                               "\"d\":123456789012345678901234567890}";

static void read_json(void)
{
    for (int mode = JSON_STRICT; mode <= JSON_ANSWER; mode++) {
        struct err e;
        struct buf out;
        json *root = json_parse(slice_of(document), (enum json_mode)mode, &e);
        if (!root) {
            assert_blames_memory(&e);
            continue;
        }
        buf_init(&out, ROOM);
        json_print(root, &out);
        if (is_whole(&out))
            assert_non_null(strstr(buf_cstr(&out), "123456789012345678901234567890"));
        buf_free(&out);
        json_free(root);
    }
}

/* The project file */

static void read_project(void)
{
    static const char yaml[] = "name: n\nseeds: [{path: a.jsonl}]\n"
                               "endpoints:\n  - {url: \"http://h/v1\", model: m}\n"
                               "filters: [length, {repetition: {max_share: 0.5}}]\n"
                               "export: {dir: out, split: {train: 0.9, test: 0.1}}\n";
    struct err e;
    struct arena arena;
    struct project p;
    struct buf text;
    arena_init(&arena, ROOM);
    buf_init(&text, ROOM);
    if (project_from_text(&p, &arena, "gavel.yaml", slice_of(yaml), &e)) {
        project_text(&p, 0, &text);
        if (is_whole(&text))
            assert_non_null(strstr(buf_cstr(&text), "http://h/v1"));
    } else {
        assert_blames_memory(&e);
    }
    buf_free(&text);
    arena_free(&arena);
}

/* Seed lines */

static void read_seed_lines(void)
{
    static const char preference[] =
        "{\"chosen\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":"
        "\"a\"}],\"rejected\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\","
        "\"content\":\"b\"}]}";
    static const char gsm8k[] =
        "{\"question\":\"2+2?\",\"ground_truth\":\"4\\nA: 4\",\"m\":{\"solution\":\"4\\nA: 4\","
        "\"is_correct\":true},\"n\":{\"solution\":\"5\\nA: 5\",\"is_correct\":false}}";
    static const char *const lines[] = {
        "{\"prompt\":\"2+2?\",\"chosen\":\"4\",\"rejected\":\"5\",\"meta\":{\"x\":1}}",
        preference,
        gsm8k,
    };
    static struct seed_record record;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct err e;
        struct arena arena;
        const struct importer *importer;
        const struct seed_line_options options = {0};
        arena_init(&arena, ROOM);
        if (seed_line_read(&options, slice_of(lines[i]), &record, &importer, &arena, &e))
            assert_true(record.n_pairs == 1 && record.pairs[0].evidence.n);
        else
            assert_blames_memory(&e);
        arena_free(&arena);
    }
}

/* Seed files of every shape: all of their records, or want of memory; none is called bad. */
static void read_seed_files(void)
{
    static const struct {
        const char *text;
        size_t rows;
    } files[] = {
        {"{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}\n{\"prompt\":\"r\"}\n", 2},
        {"[{\"prompt\":\"q\",\"n\":NaN},\n{\"prompt\":\"r\"}]", 2},
        {"id,prompt,response_a,response_b,winner\n1,q,\"a, b\",c,tie\n2,q,a,b,model_a\n", 2},
        {"{\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":1,\"correctness\":1,\"coherence\":1,"
         "\"complexity\":1,\"verbosity\":1}\n{\"prompt\":\"q\",\"response\":\"b\",\"helpfulness\":"
         "2,"
         "\"correctness\":1,\"coherence\":1,\"complexity\":1,\"verbosity\":1}\n",
         2},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const struct seed_line_options how = {0};
        struct seed_reading got = {0};
        struct err e = {0};
        char path[64];
        size_t rows = 0, n = strlen(files[i].text);
        enum seed_got what = SEED_ERROR;
        int fd = memfd_create("seeds", 0);
        assert_int_equal(write(fd, files[i].text, n), n);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        struct seed_reader *r = seed_reader_open(path, &how, ROOM, &e);
        while (r && (what = seed_reader_next(r, &got, &e)) != SEED_END && what != SEED_ERROR) {
            if (what == SEED_BAD)
                fail_msg("%zu: %s", i, got.why.text);
            rows += what == SEED_RECORD ? got.rows : 0;
        }
        if (r && what == SEED_END)
            assert_int_equal(rows, files[i].rows);
        else
            assert_blames_memory(&e);
        seed_reader_close(r);
        close(fd);
    }
}

/* A call, from a task to a request, and from an answer to a result */

static struct judging judging_of(enum ask ask)
{
    static const struct project project = {.generation = {.max_tokens = 100}};
    static const struct chain chain;
    static struct message m[3];
    m[0] = (struct message){S("user"), S("2+2?")};
    m[1] = (struct message){S("assistant"), S("4")};
    m[2] = (struct message){S("assistant"), S("5")};
    const struct trace before = {.thought = S("It is A, since 4."), .answer = S("[[A]]")};
    struct judging j = {.project = &project,
                        .chain = &chain,
                        .ask = ask,
                        .step = ask == ASK_CONTINUE,
                        .how = CONTINUATION_FLAG,
                        .task = {.prompt = {&m[0], 1}, .answer_a = {&m[1], 1}},
                        .cue = S("Wait.")};
    j.task.answer_b = (struct chat){&m[2], 1};
    history_begin(&j.history, &before, FORMAT_VERDICT, 5);
    return j;
}

static void make_call(enum ask ask)
{
    const struct teacher_answer answer = {
        .ok = true, .content = S("so</think><answer>[[A]]</answer>"), .finish = FINISH_STOP};
    struct err e;
    struct arena arena;
    struct buf body;
    struct chat chat;
    struct request_shape shape;
    struct call_result result;
    struct judging j = judging_of(ask);
    arena_init(&arena, ROOM);
    buf_init(&body, ROOM);
    if (judging_render(&j, 7, 1, &chat, &shape, &arena, &e)) {
        request_write(&body, &j.project->generation, NULL, "m", &chat, &shape);
        if (is_whole(&body))
            assert_non_null(strstr(buf_cstr(&body), "2+2?"));
        if (judging_result(&j, &answer, 0, &result, &arena, &e))
            assert_int_equal(result.verdict, VERDICT_A);
        else
            assert_blames_memory(&e);
    } else {
        assert_blames_memory(&e);
    }
    buf_free(&body);
    arena_free(&arena);
}

static void make_first_call(void)
{
    make_call(ASK_JUDGE);
}

static void go_on_with_a_call(void)
{
    make_call(ASK_CONTINUE);
}

static void on_event(void *context, struct slice name, struct slice data)
{
    answer_event(context, name, data);
}

/* With a text lost the answer must say so: it was paid for, and is asked for again. */
static void assert_answer(const struct answer *a, size_t choices, bool cut)
{
    if (!answer_is_whole(a) || answer_too_large(a) || cut)
        return;
    for (size_t i = 0; i < choices; i++) {
        const struct answer_choice *c = answer_nth(a, i);
        assert_true(slice_is(answer_text(c), "<answer>[[A]]</answer>") &&
                    slice_is(buf_view(&c->reasoning), "thought"));
    }
}

static void read_document(void)
{
    struct answer a;
    answer_init(&a, ROOM);
    answer_document(&a, S("{\"model\":\"m\",\"choices\":[{\"message\":{\"content\":"
                          "\"<answer>[[A]]</answer>\",\"reasoning\":\"thought\"},"
                          "\"finish_reason\":\"stop\"}]}"));
    assert_answer(&a, 1, false);
    answer_free(&a);
}

static void read_stream(void)
{
    static const char stream[] =
        "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"reasoning\":\"thought\"}},"
        "{\"index\":1,\"delta\":{\"reasoning\":\"thought\"}}]}\n\n"
        "data: {\"choices\":[{\"delta\":{\"content\":\"<answer>[[A]]</answer>\"},"
        "\"finish_reason\":\"stop\"}]}\n\n"
        "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"<answer>[[A]]</answer>\"},"
        "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    struct answer a;
    struct sse s;
    answer_init(&a, ROOM);
    sse_init(&s, ROOM);
    if (answer_want(&a, 2)) {
        sse_feed(&s, slice_of(stream), on_event, &a);
        sse_end(&s, on_event, &a);
        assert_answer(&a, 2, sse_failed(&s));
    }
    answer_free(&a);
    sse_free(&s);
}

/* What is stored of a run */

static void stage(void)
{
    struct staging *s = staging_new();
    size_t n = 0;
    for (uint64_t row = 1; s && row <= 40; row++) {
        struct wire_call call = {.attempt = row, .key = {.row = row}};
        struct call_result result = {.thought = S("t"), .answer = S("a"), .model = S("m")};
        const struct ledger_decision d = {.pair = row, .state = STATE_ACCEPTED, .detail = "why"};
        const struct staging_call more = {.recipe = 1, .last = true, .endpoint = 1};
        bool staged = staging_call(s, &call, &result, &more);
        assert_int_equal(staging_has(s, 1, call.key), staged);
        n += staged;
        n += staging_decision(s, &d, 0);
        assert_int_equal(staging_count(s), n);
        const struct samples_check check = {.final = S("4"), .answer_part = S(""), .why = S("why")};
        const struct samples_end end = {.seed = row, .detail = "why"};
        call.key = (struct call_key){.row = row | CALL_SEED, .lane = LANE_ANSWER};
        staged = staging_call(s, &call, &result, &more);
        assert_int_equal(staging_has(s, 1, call.key), staged);
        n += staged;
        n += staging_check(s, 1, call.key, &call.recipe, &check);
        n += staging_end(s, &end);
        assert_int_equal(staging_count(s), n);
    }
    staging_free(s);
}

/* The worker's half of the protocol */

struct worker {
    struct buf out;
    size_t started;
};

static struct buf *worker_out(void *context)
{
    return &((struct worker *)context)->out;
}

static bool worker_project(void *context, struct slice text, struct err *e)
{
    (void)context;
    (void)text;
    (void)e;
    return true;
}

static void worker_stop(void *context, struct job *job)
{
    (void)context;
    assert_int_equal(job_state(job), JOB_FLYING);
}

static void worker_keep(void *context, struct slice report)
{
    (void)context;
    assert_true(report.n > 0);
}

static void worker_cleared(void *context)
{
    (void)context;
}

static void hear_grants(struct session *s, int64_t now)
{
    for (uint64_t attempt = 1; attempt <= 20; attempt += 4) {
        const struct wire_message grant = {.type = WIRE_TYPE_GRANT,
                                           .as.grant = {.attempt = attempt,
                                                        .row = attempt,
                                                        .n = attempt % 8 == 1 ? 4 : 1,
                                                        .task = S("t"),
                                                        .history = S("h")}};
        session_hear(s, &grant, now);
    }
}

static void make_calls(struct session *s, struct worker *w, int64_t now)
{
    const struct call_result result = {.http_status = 200, .thought = S("t"), .answer = S("a")};
    for (struct job *j; (j = session_queued(s));) {
        struct job *jobs[CALL_MAX_K];
        size_t n = j->batch->n;
        memcpy(jobs, j->batch->jobs, n * sizeof(struct job *));
        session_started(s, j, w);
        for (size_t i = 0; i < n; i++, w->started++) {
            if (w->started % 3)
                session_result(s, jobs[i], &result, now);
            else
                session_fail(s, jobs[i], FAILURE_DROPPED, 0, -1, S("the reason"), now);
        }
    }
}

static void work(void)
{
    struct worker w = {.started = 0};
    const struct session_io io = {&w,          worker_out,  worker_project,
                                  worker_stop, worker_keep, worker_cleared};
    const struct wire_hello hello = {.version = WIRE_VERSION, .host = S("h"), .slots = 30};
    const struct wire_message welcome = {
        .type = WIRE_TYPE_WELCOME,
        .as.welcome = {.version = WIRE_VERSION, .lease_ms = 30000, .project = S("p")}};
    buf_init(&w.out, ROOM);
    struct session *s = session_new(&hello, &io, 1000);
    if (s) {
        session_tick(s, 2000);
        session_hear(s, &welcome, 2000);
        hear_grants(s, 2000);
        make_calls(s, &w, 3000);
        session_tick(s, 20000);
        for (uint64_t attempt = 1; attempt <= 10; attempt++) {
            const struct wire_message ack = {.type = WIRE_TYPE_ACK, .as.ack = {attempt}};
            session_hear(s, &ack, 20000);
        }
        assert_int_equal(session_flying(s), 0);
    }
    session_free(s);
    buf_free(&w.out);
}

/* The coordinator's core */

enum { PAIRS = 5, LANES = 2, SEEDS = 4 };

struct desk {
    struct wire_call granted[64];
    size_t n_granted;
    uint64_t stored[64], durable[64]; /* attempts */
    size_t n_stored, n_durable, n_decided;
    bool decided[PAIRS + 1];
    size_t n_ended;
    bool ended[SEEDS + 1];
    bool sampled[SEEDS + 1][BUILDER_LANES][8];
};

/* Every rollout takes two calls. */
static struct project core_project;
static struct seats core_seats;

static bool hand_out(struct desk *d, const struct agent *agent, const struct task *task, int n,
                     const struct id *subject)
{
    assert_true(agent->leased <= agent->credit && d->n_granted < 64 && n == 1);
    d->granted[d->n_granted++] = (struct wire_call){task->attempt, *subject,
                                                    core_seats.all[task->key.seat].recipe,
                                                    task->key, (uint16_t)task->endpoint};
    return true;
}

static bool desk_grant(void *context, const struct agent *agent, const struct task *task, int n,
                       const struct subject *subject)
{
    struct desk *d = context;
    assert_int_equal(task->ask, task->key.step ? ASK_CONTINUE : ASK_JUDGE);
    return hand_out(d, agent, task, n, &subject->id);
}

static bool desk_grant_seed(void *context, const struct agent *agent, const struct task *task,
                            int n, const struct building *b)
{
    assert_int_equal(task->ask, task->key.lane == LANE_MODIFIED ? ASK_MODIFY : ASK_ANSWER);
    return hand_out(context, agent, task, n, &b->id);
}

static void desk_cancel(void *context, const struct agent *agent, uint64_t attempt)
{
    (void)context;
    assert_true(agent && attempt);
}

static void desk_ack(void *context, uint32_t peer, uint64_t attempt)
{
    const struct desk *d = context;
    assert_int_equal(peer, 1);
    for (size_t i = 0; i < d->n_durable; i++)
        if (d->durable[i] == attempt)
            return;
    fail_msg("an acknowledgement before the commit");
}

static enum engine_saved desk_save(void *context, const struct wire_call *call,
                                   const struct call_result *result, bool last)
{
    struct desk *d = context;
    (void)result;
    assert_true(d->n_stored < 64);
    if (call->key.row & CALL_SEED) { /* never asked for twice */
        bool *sampled = &d->sampled[call->key.row & ~CALL_SEED][call->key.lane - LANE_ANSWER]
                                   [call->key.k];
        assert_false(*sampled);
        *sampled = true;
    } else {
        assert_int_equal(last, call->key.step == 1);
    }
    d->stored[d->n_stored++] = call->attempt;
    return ENGINE_SAVED;
}

static void desk_decide(void *context, const struct subject *s, enum pair_state state,
                        enum reason reason, const char *detail)
{
    struct desk *d = context;
    assert_true(s->row >= 1 && s->row <= PAIRS && state == STATE_ACCEPTED && detail);
    assert_int_equal(reason, REASON_ACCEPTED);
    assert_false(d->decided[s->row]);
    d->decided[s->row] = true;
    d->n_decided++;
}

/* Of a known answer the second one is wrong, all others are of use. */
static enum sample_mark desk_check(void *context, const struct building *b,
                                   const struct wire_call *call, const struct call_result *result)
{
    (void)context;
    assert_true(result->answer.n > 0);
    return !b->known ? MARK_USABLE : call->key.k % 2 ? MARK_WRONG : MARK_RIGHT;
}

static void desk_build(void *context, const struct building *b)
{
    struct desk *d = context;
    uint64_t row = b->row & ~CALL_SEED;
    assert_true(row >= 1 && row <= SEEDS && !d->ended[row]);
    assert_true(b->known ? b->right && b->wrong : b->usable[0] && b->usable[1]);
    d->ended[row] = true;
    d->n_ended++;
}

static void desk_defer(void *context, const struct building *b, enum build_reason reason,
                       const char *detail)
{
    (void)context;
    (void)b;
    fail_msg("%s: %s", build_reason_name(reason), detail);
}

static struct id core_id(const char *kind, uint64_t row)
{
    struct hash h;
    hash_init(&h, kind);
    hash_u64(&h, row);
    return hash_id(&h);
}

static void answer_all(struct engine *e, struct desk *d, int64_t now)
{
    while (d->n_granted) {
        const struct wire_call call = d->granted[--d->n_granted];
        bool sample = lane_is_seed((enum lane)call.key.lane);
        enum verdict gold = sample ? VERDICT_NONE : lane_gold((enum lane)call.key.lane);
        const struct call_result r = {.verdict = gold,
                                      .first = gold,
                                      .ask = call.key.step ? ASK_CONTINUE : ASK_JUDGE,
                                      .thought = S("t"),
                                      .answer = S("a"),
                                      .trace_tokens = 10,
                                      .score_a = SCORE_NONE,
                                      .score_b = SCORE_NONE};
        engine_result(e, 1, &call, &r, now);
    }
    memcpy(d->durable, d->stored, sizeof d->stored);
    d->n_durable = d->n_stored;
    engine_committed(e);
}

/* Pairs that could not be taken up for want of memory are offered again, as the feed does. */
static void load_pairs(struct engine *e, const struct desk *d)
{
    for (uint64_t row = 1; row <= PAIRS; row++) {
        const struct planner_pair pair = {.id = core_id("pair", row), .row = row};
        if (d->decided[row] || engine_has(e, row) || engine_state(e) != ENGINE_RUNNING)
            continue;
        struct subject *s = engine_begin(e, &pair);
        if (s)
            engine_admit(e, s);
    }
    for (uint64_t row = 1; row <= SEEDS; row++) {
        const struct builder_seed seed = {core_id("seed", row), row, row % 2};
        if (d->ended[row] || engine_has_seed(e, row) || engine_state(e) != ENGINE_RUNNING)
            continue;
        struct building *b = engine_begin_seed(e, &seed);
        if (b)
            engine_admit_seed(e, b);
    }
}

static void coordinate(void)
{
    struct desk d = {.n_granted = 0};
    const struct engine_building building = {desk_grant_seed, desk_check, desk_build, desk_defer};
    const struct engine_io io = {&d,        desk_grant,  desk_cancel, desk_ack,
                                 desk_save, desk_decide, &building};
    const struct wire_hello hello = {.slots = 8, .read_ahead = 4, .host = S("h")};
    struct engine *e = engine_new(&core_project, &core_seats, 1, &io, 1000);
    if (!e)
        return;
    for (int64_t now = 1000; now < 120000 && engine_state(e) == ENGINE_RUNNING; now += 500) {
        if (now > 60000)
            fault_alloc_disarm(); /* somebody has made room */
        load_pairs(e, &d);
        engine_hello(e, 1, &hello, now);
        engine_tick(e, now);
        answer_all(e, &d, now);
    }
    if (engine_state(e) == ENGINE_RUNNING)
        assert_true(engine_is_idle(e) && d.n_decided == PAIRS && d.n_ended == SEEDS);
    else
        assert_string_equal(engine_why(e), "out of memory");
    engine_free(e);
}

#define TORTURE(act)                     \
    static void test_##act(void **state) \
    {                                    \
        (void)state;                     \
        torture(act);                    \
    }
TORTURE(read_json)
TORTURE(read_project)
TORTURE(read_seed_lines)
TORTURE(read_seed_files)
TORTURE(make_first_call)
TORTURE(go_on_with_a_call)
TORTURE(read_document)
TORTURE(read_stream)
TORTURE(stage)
TORTURE(work)
TORTURE(coordinate)

int main(void)
{
    struct err e;
    struct arena arena;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_json),       cmocka_unit_test(test_read_project),
        cmocka_unit_test(test_read_seed_lines), cmocka_unit_test(test_read_seed_files),
        cmocka_unit_test(test_make_first_call), cmocka_unit_test(test_go_on_with_a_call),
        cmocka_unit_test(test_read_document),   cmocka_unit_test(test_read_stream),
        cmocka_unit_test(test_stage),           cmocka_unit_test(test_work),
        cmocka_unit_test(test_coordinate),
    };
    fault_alloc_install();
    log_setup("test", LOG_ERROR);
    arena_init(&arena, ROOM);
    if (!project_from_text(&core_project, &arena, "gavel.yaml",
                           S("endpoints: [{url: \"http://h/v1\", model: m}]\n"
                             "accept: {k: 1, n: 1}\ncalibration: 0\n"
                             "reflection: {mode: wait, rounds: 1}\n"),
                           &e) ||
        !seats_build(&core_seats, &core_project, &e))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
