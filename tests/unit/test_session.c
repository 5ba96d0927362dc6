/* The worker's half of the protocol: every message in every state, and what time does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "worker/session.h"

enum { HELLO_FIRST_MS = 50, HELLO_EVERY_MS = 1000, PING_EVERY_MS = 2000, REPEAT_AFTER_MS = 5000 };

static struct {
    struct session *session;
    struct session_io io;
    struct buf out;
    struct buf kept;
    int64_t now;
    int stopped, cleared, projects;
    bool refuse_project;
    struct wire_hello hello;
} w;

static struct buf *io_out(void *context)
{
    (void)context;
    return &w.out;
}

static bool io_project(void *context, struct slice text, struct err *e)
{
    (void)context;
    (void)text;
    w.projects++;
    return !w.refuse_project || err_set(e, ERR_USAGE, "the key of the teacher is not set here");
}

static void io_stop(void *context, struct job *job)
{
    (void)context;
    assert_int_equal(job_state(job), JOB_FLYING);
    w.stopped++;
}

static void io_keep(void *context, struct slice report)
{
    (void)context;
    buf_slice(&w.kept, report);
}

static void io_cleared(void *context)
{
    (void)context;
    w.cleared++;
}

/* The world */

/* The names of what was put out since it was last asked, with attempts: "HELLO RENEW:1". */
static const char *said(void)
{
    static char text[4096];
    struct slice frame = buf_view(&w.out);
    struct wire_message m;
    struct err e;
    size_t n = 0;
    text[0] = '\0';
    while (wire_next(&frame, &m, &e) == 1) {
        uint64_t attempt = wire_call_of(&m).attempt;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", wire_name(m.type));
        if (attempt)
            n += (size_t)snprintf(text + n, sizeof text - n, ":%u", (unsigned)attempt);
    }
    assert_int_equal(frame.n, 0);
    buf_clear(&w.out);
    return text;
}

static void hear(const struct wire_message *m)
{
    session_hear(w.session, m, w.now);
}

static int64_t tick(int64_t ms)
{
    w.now += ms;
    return session_tick(w.session, w.now);
}

static struct wire_message welcome_of(const char *project)
{
    return (struct wire_message){
        .type = WIRE_TYPE_WELCOME,
        .as.welcome = {.version = 1, .epoch = 1, .lease_ms = 30000, .project = slice_of(project)}};
}

static struct wire_message grant_of(uint64_t attempt)
{
    return (struct wire_message){.type = WIRE_TYPE_GRANT,
                                 .as.grant = {.attempt = attempt,
                                              .row = attempt,
                                              .task = S("the task"),
                                              .history = S("so far"),
                                              .cue = S("Wait")}};
}

/* Calls `attempt` and the following ones, of one request. */
static struct wire_message grant_of_several(uint64_t attempt, uint8_t n)
{
    struct wire_message m = grant_of(attempt);
    m.as.grant.n = n;
    m.as.grant.k = 2;
    m.as.grant.seed = 77;
    return m;
}

static struct wire_message ack_of(uint64_t attempt)
{
    return (struct wire_message){.type = WIRE_TYPE_ACK, .as.ack = {attempt}};
}

static struct wire_message cancel_of(uint64_t attempt)
{
    return (struct wire_message){.type = WIRE_TYPE_CANCEL, .as.cancel = {attempt}};
}

static struct wire_message bye_of(enum wire_bye_why why)
{
    return (struct wire_message){.type = WIRE_TYPE_BYE,
                                 .as.bye = {.why = (uint8_t)why, .reason = S("so it is")}};
}

static void hear_type(enum wire_type type)
{
    struct wire_message m = {.type = type};
    hear(&m);
}

static void hear_welcome(const char *project)
{
    struct wire_message m = welcome_of(project);
    hear(&m);
}

static void hear_grant(uint64_t attempt)
{
    struct wire_message m = grant_of(attempt);
    hear(&m);
}

static void hear_ack(uint64_t attempt)
{
    struct wire_message m = ack_of(attempt);
    hear(&m);
}

static void hear_bye(enum wire_bye_why why)
{
    struct wire_message m = bye_of(why);
    hear(&m);
}

/* Starts the first queued job; its number tells that it is the one the test means. */
static struct job *start(uint64_t attempt)
{
    struct job *j = session_queued(w.session);
    assert_non_null(j);
    assert_int_equal(j->call.attempt, attempt);
    session_started(w.session, j, &w);
    return j;
}

static void land(struct job *j)
{
    struct call_result r = {.http_status = 200, .verdict = VERDICT_A, .answer = S("[[A]]")};
    session_result(w.session, j, &r, w.now);
}

static void crash(struct job *j)
{
    session_fail(w.session, j, FAILURE_DROPPED, 0, -1, S("broke off"), w.now);
}

static void open_session(void)
{
    memset(&w, 0, sizeof w);
    w.now = 500;
    buf_init(&w.out, 1 << 20);
    buf_init(&w.kept, 1 << 20);
    w.io = (struct session_io){&w, io_out, io_project, io_stop, io_keep, io_cleared};
    w.hello = (struct wire_hello){.version = WIRE_VERSION,
                                  .program = S("test"),
                                  .slots = 4,
                                  .read_ahead = 4,
                                  .pid = 12,
                                  .host = S("host")};
    w.session = session_new(&w.hello, &w.io, w.now);
    assert_non_null(w.session);
}

static void close_world(void)
{
    session_free(w.session);
    buf_free(&w.out);
    buf_free(&w.kept);
}

static void open_active(void)
{
    open_session();
    tick(0);
    hear_welcome("project");
    assert_int_equal(session_state(w.session), SESSION_ACTIVE);
    said();
}

/* A session in this state with all kinds of jobs: 2 is queued, 1 flying, 3 a result that is held,
 * 4 a failure that is held. (LEAVING and DRAINING have given 2 back.) */
static void open_in(enum session_state state)
{
    struct job *j[5];
    static const uint64_t order[] = {1, 3, 4};
    open_active();
    for (size_t i = 0; i < 3; i++) {
        hear_grant(order[i]);
        j[order[i]] = start(order[i]);
    }
    hear_grant(2);
    land(j[3]);
    crash(j[4]);
    if (state == SESSION_GREETING || state == SESSION_LEAVING)
        hear_bye(WIRE_BYE_UNKNOWN);
    if (state == SESSION_LEAVING)
        hear_welcome("another");
    if (state == SESSION_DRAINING)
        hear_type(WIRE_TYPE_DRAIN);
    if (state == SESSION_CLOSED)
        hear_bye(WIRE_BYE_DONE);
    assert_int_equal(session_state(w.session), state);
    said();
}

/* Every message in every state */

static const char *const state_names[] = {"GREETING", "ACTIVE", "LEAVING", "DRAINING", "CLOSED"};

struct row {
    enum session_state state, next;
    enum wire_type type;
    int number;       /* attempt, or why a BYE is said */
    const char *text; /* of a WELCOME: the project */
    const char *says;
    size_t jobs;
    int stopped;
    const char *why;
};

static struct wire_message message_of(const struct row *r)
{
    switch ((int)r->type) {
    case WIRE_TYPE_WELCOME:
        return welcome_of(r->text);
    case WIRE_TYPE_GRANT:
        return grant_of((uint64_t)r->number);
    case WIRE_TYPE_ACK:
        return ack_of((uint64_t)r->number);
    case WIRE_TYPE_CANCEL:
        return cancel_of((uint64_t)r->number);
    case WIRE_TYPE_BYE:
        return bye_of((enum wire_bye_why)r->number);
    default:
        return (struct wire_message){.type = r->type};
    }
}

static void check_row(const struct row *r)
{
    open_in(r->state);
    struct wire_message m = message_of(r);
    hear(&m);
    const char *says = said();
    if (session_state(w.session) != r->next || strcmp(says, r->says) != 0 ||
        session_jobs(w.session) != r->jobs || w.stopped != r->stopped)
        fail_msg("%s in %s (%s): went to %s, said \"%s\", has %zu jobs, stopped %d",
                 wire_name(r->type), state_names[r->state], r->why,
                 state_names[session_state(w.session)], says, session_jobs(w.session), w.stopped);
    for (int i = 0; i < 20; i++)
        tick(500);
    close_world();
}

/* clang-format off */
static const struct row rows[] = {
    {SESSION_GREETING, SESSION_ACTIVE,   WIRE_TYPE_WELCOME, 0, "project", "",          4, 0, "work goes on"},
    {SESSION_GREETING, SESSION_LEAVING,  WIRE_TYPE_WELCOME, 0, "another", "DRAIN FAIL:2", 4, 0, "what is flying belongs to the old project"},
    {SESSION_GREETING, SESSION_GREETING, WIRE_TYPE_GRANT, 9, "",           "",          5, 0, "given back with the next HELLO"},
    {SESSION_GREETING, SESSION_GREETING, WIRE_TYPE_ACK, 3, "",             "",          3, 0, "a result is durable"},
    {SESSION_GREETING, SESSION_GREETING, WIRE_TYPE_ACK, 1, "",             "",          4, 0, "what is not reported cannot be acknowledged"},
    {SESSION_GREETING, SESSION_GREETING, WIRE_TYPE_CANCEL, 2, "",          "",          4, 0, "queued: given back with the next HELLO"},
    {SESSION_GREETING, SESSION_GREETING, WIRE_TYPE_CANCEL, 1, "",          "",          4, 1, "flying: cut short"},
    {SESSION_GREETING, SESSION_GREETING, WIRE_TYPE_CANCEL, 3, "",          "",          4, 0, "finished: sent all the same"},
    {SESSION_GREETING, SESSION_GREETING, WIRE_TYPE_DRAIN, 0, "",       "",          4, 0, "the queue is given back with the next HELLO"},
    {SESSION_GREETING, SESSION_GREETING, WIRE_TYPE_BYE, WIRE_BYE_UNKNOWN, "",       "",          4, 0, "it says HELLO anyway"},
    {SESSION_GREETING, SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_DONE, "",          "BYE",          4, 0, "sent home, and says so"},
    {SESSION_GREETING, SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_VERSION, "",       "",          4, 0, "refused"},
    {SESSION_GREETING, SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_REFUSED, "",       "",          4, 0, "refused"},

    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_WELCOME, 0, "project", "",          4, 0, "a second one says nothing new"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_WELCOME, 0, "another", "",          4, 0, "a project changes only after HELLO"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_GRANT, 9, "",           "",          5, 0, "queued"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_GRANT, 1, "",           "",          4, 0, "a repetition is passed over"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_GRANT, 3, "",           "",          4, 0, "also of a finished call"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_ACK, 3, "",             "",          3, 0, "a result is durable"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_ACK, 4, "",             "",          3, 0, "a failure is noted"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_ACK, 99, "",            "",          4, 0, "unknown"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_CANCEL, 2, "",          "FAIL:2",    4, 0, "queued: given back"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_CANCEL, 1, "",          "FAIL:1",    4, 1, "flying: cut short and given back"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_CANCEL, 3, "",          "",          4, 0, "finished: sent all the same"},
    {SESSION_ACTIVE,   SESSION_ACTIVE,   WIRE_TYPE_CANCEL, 99, "",         "",          4, 0, "unknown"},
    {SESSION_ACTIVE,   SESSION_DRAINING, WIRE_TYPE_DRAIN, 0, "",       "FAIL:2",    4, 0, "the queue is given back"},
    {SESSION_ACTIVE,   SESSION_GREETING, WIRE_TYPE_BYE, WIRE_BYE_UNKNOWN, "",       "",          4, 0, "introduces itself again"},
    {SESSION_ACTIVE,   SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_DONE, "",          "BYE",          4, 0, "sent home, and says so"},
    {SESSION_ACTIVE,   SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_VERSION, "",       "",          4, 0, "refused"},
    {SESSION_ACTIVE,   SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_REFUSED, "",       "",          4, 0, "refused"},

    {SESSION_LEAVING,  SESSION_LEAVING,  WIRE_TYPE_WELCOME, 0, "project", "",          4, 0, "first the old project's calls"},
    {SESSION_LEAVING,  SESSION_LEAVING,  WIRE_TYPE_GRANT, 9, "",           "DRAIN FAIL:9", 5, 0, "crossed our DRAIN: given back"},
    {SESSION_LEAVING,  SESSION_LEAVING,  WIRE_TYPE_ACK, 3, "",             "",          3, 0, "a result is durable"},
    {SESSION_LEAVING,  SESSION_LEAVING,  WIRE_TYPE_ACK, 2, "",             "",          3, 0, "what was given back is taken back"},
    {SESSION_LEAVING,  SESSION_LEAVING,  WIRE_TYPE_CANCEL, 1, "",          "FAIL:1",    4, 1, "cut short and given back"},
    {SESSION_LEAVING,  SESSION_LEAVING,  WIRE_TYPE_CANCEL, 3, "",          "",          4, 0, "finished: sent all the same"},
    {SESSION_LEAVING,  SESSION_LEAVING,  WIRE_TYPE_DRAIN, 0, "",       "",          4, 0, "nothing is queued"},
    {SESSION_LEAVING,  SESSION_GREETING, WIRE_TYPE_BYE, WIRE_BYE_UNKNOWN, "",       "",          4, 0, "introduces itself again"},
    {SESSION_LEAVING,  SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_DONE, "",          "BYE",          4, 0, "sent home, and says so"},
    {SESSION_LEAVING,  SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_VERSION, "",       "",          4, 0, "refused"},
    {SESSION_LEAVING,  SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_REFUSED, "",       "",          4, 0, "refused"},

    {SESSION_DRAINING, SESSION_DRAINING, WIRE_TYPE_WELCOME, 0, "project", "",          4, 0, "late"},
    {SESSION_DRAINING, SESSION_DRAINING, WIRE_TYPE_GRANT, 9, "",           "FAIL:9",    5, 0, "crossed the DRAIN: given back"},
    {SESSION_DRAINING, SESSION_DRAINING, WIRE_TYPE_ACK, 3, "",             "",          3, 0, "a result is durable"},
    {SESSION_DRAINING, SESSION_DRAINING, WIRE_TYPE_ACK, 2, "",             "",          3, 0, "what was given back is taken back"},
    {SESSION_DRAINING, SESSION_DRAINING, WIRE_TYPE_CANCEL, 1, "",          "FAIL:1",    4, 1, "cut short and given back"},
    {SESSION_DRAINING, SESSION_DRAINING, WIRE_TYPE_CANCEL, 3, "",          "",          4, 0, "finished: sent all the same"},
    {SESSION_DRAINING, SESSION_DRAINING, WIRE_TYPE_DRAIN, 0, "",       "",          4, 0, "a second one says nothing new"},
    {SESSION_DRAINING, SESSION_GREETING, WIRE_TYPE_BYE, WIRE_BYE_UNKNOWN, "",       "",          4, 0, "introduces itself again"},
    {SESSION_DRAINING, SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_DONE, "",          "BYE",          4, 0, "sent home, and says so"},
    {SESSION_DRAINING, SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_VERSION, "",       "",          4, 0, "refused"},
    {SESSION_DRAINING, SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_REFUSED, "",       "",          4, 0, "refused"},

    {SESSION_CLOSED,   SESSION_CLOSED,   WIRE_TYPE_WELCOME, 0, "project", "",          4, 0, "it is over"},
    {SESSION_CLOSED,   SESSION_CLOSED,   WIRE_TYPE_GRANT, 9, "",           "",          4, 0, "it is over"},
    {SESSION_CLOSED,   SESSION_CLOSED,   WIRE_TYPE_ACK, 3, "",             "",          4, 0, "it is over; the spool remembers"},
    {SESSION_CLOSED,   SESSION_CLOSED,   WIRE_TYPE_CANCEL, 1, "",          "",          4, 0, "it is over"},
    {SESSION_CLOSED,   SESSION_CLOSED,   WIRE_TYPE_DRAIN, 0, "",       "",          4, 0, "it is over"},
    {SESSION_CLOSED,   SESSION_CLOSED,   WIRE_TYPE_BYE, WIRE_BYE_UNKNOWN, "",       "",          4, 0, "it is over"},
};
/* clang-format on */

static void every_message_of_the_coordinator_in_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i]);
}

static void a_workers_own_messages_mean_nothing_to_a_worker(void **state)
{
    (void)state;
    static const enum wire_type own[] = {WIRE_TYPE_HELLO, WIRE_TYPE_RESULT, WIRE_TYPE_FAIL,
                                         WIRE_TYPE_RENEW, WIRE_TYPE_PING,   WIRE_NOTHING};
    for (int at = SESSION_GREETING; at <= SESSION_CLOSED; at++) {
        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
            struct row r = {.state = (enum session_state)at,
                            .next = (enum session_state)at,
                            .type = own[i],
                            .text = "",
                            .says = "",
                            .jobs = 4,
                            .why = "a worker's own"};
            check_row(&r);
        }
    }
}

/* Sequences that no row shows, at random: whatever comes, it answers and ends when it is told. */
static void any_sequence_of_messages_is_survived(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 300; seed++) {
        uint64_t x = seed * 0x9e3779b97f4a7c15ull;
        open_active();
        for (int step = 0; step < 200; step++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            struct wire_message m = {.type = (enum wire_type)(x % WIRE_TYPE_COUNT)};
            uint64_t attempt = 1 + (x >> 8) % 12;
            if (m.type == WIRE_TYPE_BYE)
                m = bye_of(WIRE_BYE_UNKNOWN);
            if (m.type == WIRE_TYPE_GRANT)
                m = grant_of_several(attempt, (uint8_t)((x >> 40) % 5));
            if (m.type == WIRE_TYPE_ACK)
                m = ack_of(attempt);
            if (m.type == WIRE_TYPE_CANCEL)
                m = cancel_of(attempt);
            if (m.type == WIRE_TYPE_WELCOME)
                m = welcome_of((x >> 16) % 4 ? "project" : "another");
            hear(&m);
            struct job *j = session_queued(w.session);
            if (j && (x >> 20) % 2)
                session_started(w.session, j, &w);
            if (j && job_state(j) == JOB_FLYING && (x >> 24) % 2)
                land(j);
            else if (j && job_state(j) == JOB_FLYING && (x >> 24) % 4 == 2)
                crash(j);
            tick((int64_t)((x >> 32) % 3000));
            said();
        }
        hear_bye(WIRE_BYE_DONE);
        assert_int_equal(session_state(w.session), SESSION_CLOSED);
        close_world();
    }
}

/* Greeting */

static void hello_is_repeated_ever_more_slowly_until_welcome(void **state)
{
    (void)state;
    open_session();
    int64_t wait = HELLO_FIRST_MS;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(tick(0), wait);
        assert_string_equal(said(), "HELLO");
        tick(wait - 1);
        assert_string_equal(said(), "");
        w.now++;
        wait = wait * 2 < HELLO_EVERY_MS ? wait * 2 : HELLO_EVERY_MS;
    }
    close_world();
}

static void after_a_reconnect_hello_comes_before_what_is_held(void **state)
{
    (void)state;
    open_in(SESSION_GREETING);
    tick(0);
    const char *says = said();
    assert_int_equal(strncmp(says, "HELLO RENEW", 11), 0);
    /* All calls in hand are named before the first finished one, and none is forgotten. */
    const char *result = strstr(says, "RESULT:3"), *failure = strstr(says, "FAIL:4");
    assert_non_null(result);
    assert_non_null(failure);
    assert_true(strstr(says, "RENEW:1") < result && strstr(says, "RENEW:2") < result);
    assert_true(strstr(says, "RENEW:1") < failure && strstr(says, "RENEW:2") < failure);
    close_world();
}

static void a_project_that_cannot_be_served_is_refused_with_the_reason(void **state)
{
    (void)state;
    open_session();
    tick(0);
    said();
    w.refuse_project = true;
    hear_welcome("project");
    struct slice frame = buf_view(&w.out);
    struct wire_message m;
    struct err e;
    assert_int_equal(wire_next(&frame, &m, &e), 1);
    assert_int_equal(m.type, WIRE_TYPE_BYE);
    assert_int_equal(m.as.bye.why, WIRE_BYE_REFUSED);
    assert_true(slice_is(m.as.bye.reason, "the key of the teacher is not set here"));
    assert_int_equal(session_state(w.session), SESSION_CLOSED);
    assert_true(session_refused(w.session));
    assert_string_equal(session_why(w.session), "the key of the teacher is not set here");
    said();
    assert_int_equal(tick(10000), -1);
    assert_string_equal(said(), "");
    close_world();
}

static void a_version_mismatch_ends_with_the_coordinators_sentence(void **state)
{
    (void)state;
    open_session();
    tick(0);
    hear_bye(WIRE_BYE_VERSION);
    assert_true(session_refused(w.session));
    assert_string_equal(session_why(w.session), "the coordinator says: so it is");
    close_world();
}

static void the_same_project_is_not_taken_up_twice(void **state)
{
    (void)state;
    open_active();
    hear_bye(WIRE_BYE_UNKNOWN);
    tick(0);
    hear_welcome("project");
    assert_int_equal(w.projects, 1);
    assert_int_equal(session_state(w.session), SESSION_ACTIVE);
    close_world();
}

/* Reports */

static void a_result_is_kept_before_it_is_sent_and_repeated_until_acknowledged(void **state)
{
    (void)state;
    open_active();
    hear_grant(1);
    land(start(1));
    struct slice sent = buf_view(&w.out), kept = buf_view(&w.kept);
    assert_true(slice_eq(sent, kept));
    assert_string_equal(said(), "RESULT:1");
    int repeats = 0;
    for (int ms = 0; ms < 60000; ms += 100) {
        tick(100);
        repeats += strstr(said(), "RESULT:1") != NULL;
    }
    assert_in_range(repeats, 60000 / (REPEAT_AFTER_MS + PING_EVERY_MS), 60000 / REPEAT_AFTER_MS);
    assert_int_equal(w.cleared, 0);
    hear_ack(1);
    assert_int_equal(w.cleared, 1);
    assert_int_equal(session_jobs(w.session), 0);
    for (int ms = 0; ms < 20000; ms += 100) {
        tick(100);
        assert_null(strstr(said(), "RESULT"));
    }
    close_world();
}

static void the_spool_is_cleared_when_the_last_result_is_acknowledged(void **state)
{
    (void)state;
    open_active();
    for (uint64_t i = 1; i <= 3; i++) {
        hear_grant(i);
        land(start(i));
    }
    hear_ack(2);
    hear_ack(2);
    hear_ack(1);
    assert_int_equal(w.cleared, 0);
    hear_ack(3);
    assert_int_equal(w.cleared, 1);
    close_world();
}

static void a_failure_is_repeated_but_not_kept(void **state)
{
    (void)state;
    open_active();
    hear_grant(1);
    crash(start(1));
    assert_string_equal(said(), "FAIL:1");
    assert_int_equal(w.kept.n, 0);
    tick(REPEAT_AFTER_MS);
    assert_non_null(strstr(said(), "FAIL:1"));
    hear_ack(1);
    assert_int_equal(session_jobs(w.session), 0);
    assert_int_equal(w.cleared, 0);
    close_world();
}

static void count_report(void *context, struct slice report)
{
    (void)report;
    ++*(int *)context;
}

static void a_new_spool_gets_every_result_that_is_not_acknowledged(void **state)
{
    (void)state;
    open_in(SESSION_ACTIVE);
    int n = 0;
    session_each_kept(w.session, count_report, &n);
    assert_int_equal(n, 1);
    close_world();
}

static void what_is_in_hand_is_renewed_three_times_a_lease(void **state)
{
    (void)state;
    open_in(SESSION_ACTIVE);
    int one = 0, two = 0, three = 0, pings = 0;
    for (int ms = 0; ms < 30000; ms += 100) {
        tick(100);
        const char *says = said();
        one += strstr(says, "RENEW:1") != NULL;
        two += strstr(says, "RENEW:2") != NULL;
        three += strstr(says, "RENEW:3") != NULL;
        pings += strstr(says, "PING") != NULL;
    }
    assert_int_equal(one, 3);
    assert_int_equal(two, 3);
    assert_int_equal(three, 0);
    assert_int_equal(pings, 15);
    close_world();
}

static void a_short_lease_is_renewed_in_time_too(void **state)
{
    (void)state;
    open_session();
    tick(0);
    struct wire_message m = welcome_of("project");
    m.as.welcome.lease_ms = 1000;
    hear(&m);
    hear_grant(1);
    start(1);
    said();
    int64_t last = w.now, wait = 1;
    while (w.now < 20000) {
        wait = tick(wait);
        assert_in_range(wait, 1, 1000);
        if (strstr(said(), "RENEW:1"))
            last = w.now;
        assert_true(w.now - last < 1000);
    }
    close_world();
}

/* Leaving */

static void leaving_finishes_what_flies_gives_back_the_rest_and_says_bye(void **state)
{
    (void)state;
    open_active();
    hear_grant(1);
    hear_grant(2);
    struct job *flying = start(1);
    session_leave(w.session, w.now);
    assert_int_equal(session_state(w.session), SESSION_DRAINING);
    assert_string_equal(said(), "DRAIN FAIL:2");
    assert_null(session_queued(w.session));
    hear_ack(2);
    hear_grant(9); /* the DRAIN may have been lost: it is said again */
    assert_string_equal(said(), "DRAIN FAIL:9");
    hear_ack(9);
    land(flying);
    assert_string_equal(said(), "RESULT:1");
    tick(0);
    assert_string_equal(said(), "");
    hear_ack(1);
    assert_int_equal(tick(0), -1);
    assert_string_equal(said(), "BYE");
    assert_int_equal(session_state(w.session), SESSION_CLOSED);
    assert_false(session_refused(w.session));
    close_world();
}

static void leaving_works_from_every_state(void **state)
{
    (void)state;
    for (int at = SESSION_GREETING; at <= SESSION_CLOSED; at++) {
        open_in((enum session_state)at);
        session_leave(w.session, w.now);
        for (int i = 0; i < 40 && session_state(w.session) != SESSION_CLOSED; i++) {
            if (session_state(w.session) == SESSION_GREETING)
                hear_welcome(at == SESSION_LEAVING ? "another" : "project");
            if (i == 5) { /* the exchange is cut and every report acknowledged */
                struct wire_message m = cancel_of(1);
                hear(&m);
            }
            for (uint64_t attempt = 1; i > 10 && attempt <= 4; attempt++)
                hear_ack(attempt);
            tick(500);
        }
        if (session_state(w.session) != SESSION_CLOSED)
            fail_msg("left from %s: still %s with %zu jobs", state_names[at],
                     state_names[session_state(w.session)], session_jobs(w.session));
        close_world();
    }
}

/* Another project */

static void another_project_is_taken_up_when_the_old_ones_results_are_stored(void **state)
{
    (void)state;
    open_active();
    hear_grant(1);
    hear_grant(2);
    hear_grant(3);
    hear_grant(4);
    struct job *a = start(1), *b = start(2), *c = start(3);
    crash(c); /* not acknowledged when the coordinator goes */
    hear_bye(WIRE_BYE_UNKNOWN);
    tick(0);
    hear_welcome("another");
    assert_int_equal(session_state(w.session), SESSION_LEAVING);
    said();
    land(a);
    assert_string_equal(said(), "RESULT:1");
    int renewed = 0;
    for (int i = 0; i < 30; i++) { /* what is flying keeps its lease */
        tick(1000);
        renewed += strstr(said(), "RENEW:2") != NULL;
        assert_int_equal(session_state(w.session), SESSION_LEAVING);
    }
    assert_int_equal(renewed, 3);
    crash(b);
    assert_string_equal(said(), "FAIL:2");
    assert_int_equal(w.projects, 1);
    for (uint64_t attempt = 1; attempt <= 4; attempt++)
        hear_ack(attempt);
    tick(0);
    assert_int_equal(w.projects, 2);
    assert_string_equal(said(), "HELLO");
    hear_welcome("another");
    assert_int_equal(session_state(w.session), SESSION_ACTIVE);
    assert_int_equal(w.projects, 2);
    close_world();
}

static void the_old_project_may_come_back_while_it_is_left(void **state)
{
    (void)state;
    open_in(SESSION_LEAVING);
    hear_bye(WIRE_BYE_UNKNOWN);
    tick(0);
    hear_welcome("project");
    assert_int_equal(session_state(w.session), SESSION_ACTIVE);
    assert_int_equal(w.projects, 1);
    close_world();
}

static void another_project_that_cannot_be_served_ends_the_session(void **state)
{
    (void)state;
    open_in(SESSION_LEAVING);
    struct wire_message m = cancel_of(1);
    hear(&m);
    for (uint64_t attempt = 1; attempt <= 4; attempt++)
        hear_ack(attempt);
    w.refuse_project = true;
    said();
    assert_int_equal(tick(0), -1);
    assert_string_equal(said(), "BYE");
    assert_true(session_refused(w.session));
    close_world();
}

static void with_nothing_in_hand_another_project_is_taken_up_at_once(void **state)
{
    (void)state;
    open_active();
    hear_bye(WIRE_BYE_UNKNOWN);
    hear_welcome("another");
    assert_int_equal(session_state(w.session), SESSION_ACTIVE);
    assert_int_equal(w.projects, 2);
    close_world();
}

/* Several calls of one request */

static void calls_of_one_request_start_together_and_are_reported_one_by_one(void **state)
{
    (void)state;
    struct job *jobs[3];
    open_active();
    struct wire_message m = grant_of_several(5, 3);
    hear(&m);
    hear_grant(9);
    assert_int_equal(session_jobs(w.session), 4);
    struct job *first = start(5);
    assert_int_equal(session_flying(w.session), 1);
    assert_int_equal(first->batch->n, 3);
    memcpy(jobs, first->batch->jobs, sizeof jobs);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(job_state(jobs[i]), JOB_FLYING);
        assert_int_equal(jobs[i]->call.attempt, 5 + i);
        assert_int_equal(jobs[i]->call.key.k, 2 + i);
        assert_ptr_equal(jobs[i]->exchange, first->exchange);
    }
    assert_int_equal(session_queued(w.session)->call.attempt, 9);
    land(jobs[0]);
    assert_int_equal(session_flying(w.session), 1);
    assert_true(slice_is(jobs[1]->batch->task, "the task"));
    crash(jobs[1]);
    land(jobs[2]);
    assert_string_equal(said(), "RESULT:5 FAIL:6 RESULT:7");
    assert_int_equal(session_flying(w.session), 0);
    for (uint64_t attempt = 5; attempt <= 7; attempt++)
        hear_ack(attempt);
    assert_int_equal(session_jobs(w.session), 1);
    close_world();
}

static void a_shared_exchange_is_cut_when_nobody_waits_for_it_any_more(void **state)
{
    (void)state;
    open_active();
    struct wire_message m = grant_of_several(5, 3);
    hear(&m);
    start(5);
    static const uint64_t order[] = {6, 5, 7};
    for (size_t i = 0; i < 3; i++) {
        m = cancel_of(order[i]);
        hear(&m);
        assert_int_equal(w.stopped, i == 2);
        assert_int_equal(session_flying(w.session), i < 2);
    }
    assert_string_equal(said(), "FAIL:6 FAIL:5 FAIL:7");
    close_world();
}

static void of_a_waiting_request_calls_can_be_cancelled_one_by_one(void **state)
{
    (void)state;
    open_active();
    struct wire_message m = grant_of_several(5, 3);
    hear(&m);
    m = cancel_of(5);
    hear(&m);
    assert_string_equal(said(), "FAIL:5");
    struct job *j = start(6);
    assert_int_equal(j->batch->n, 3); /* the request stays what it was */
    assert_int_equal(j->batch->waiting, 2);
    assert_int_equal(j->choice, 1);
    assert_null(session_queued(w.session));
    close_world();
    assert_int_equal(w.stopped, 1);
}

static void every_call_of_a_request_is_renewed_and_given_back(void **state)
{
    (void)state;
    open_active();
    struct wire_message m = grant_of_several(5, 2);
    hear(&m);
    start(5);
    m = grant_of_several(7, 2);
    hear(&m);
    tick(10000);
    const char *says = said();
    assert_non_null(strstr(says, "RENEW:5"));
    assert_non_null(strstr(says, "RENEW:6"));
    assert_non_null(strstr(says, "RENEW:7"));
    assert_non_null(strstr(says, "RENEW:8"));
    hear_type(WIRE_TYPE_DRAIN);
    assert_string_equal(said(), "FAIL:7 FAIL:8");
    close_world();
}

static void grants_that_are_none_are_passed_over(void **state)
{
    (void)state;
    static const struct {
        uint8_t n, k, step, ask, format, lane;
        const char *why;
    } bad[] = {
        {65, 0, 0, 0, 0, 0, "more rollouts than an order has"},
        {2, 63, 0, 0, 0, 0, "the last one's number is none"},
        {1, 0, 16, 0, 0, 0, "a step too many"},
        {1, 0, 0, ASK_COUNT, 0, 0, "asks for what is not known"},
        {1, 0, 0, 0, FORMAT_COUNT, 0, "in a form that is not known"},
        {1, 0, 0, 0, 0, LANE_COUNT, "an order that is none"},
    };
    open_active();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct wire_message m = grant_of(20);
        m.as.grant.n = bad[i].n;
        m.as.grant.k = bad[i].k;
        m.as.grant.step = bad[i].step;
        m.as.grant.ask = bad[i].ask;
        m.as.grant.format = bad[i].format;
        m.as.grant.lane = bad[i].lane;
        hear(&m);
        if (session_jobs(w.session))
            fail_msg("%s: taken on", bad[i].why);
    }
    hear_grant(3);
    struct wire_message m = grant_of_several(2, 4); /* 3 is among them */
    hear(&m);
    assert_int_equal(session_jobs(w.session), 1);
    close_world();
}

static void freeing_a_session_stops_what_is_flying(void **state)
{
    (void)state;
    open_in(SESSION_ACTIVE);
    assert_int_equal(session_flying(w.session), 1);
    close_world();
    assert_int_equal(w.stopped, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_of_the_coordinator_in_every_state),
        cmocka_unit_test(a_workers_own_messages_mean_nothing_to_a_worker),
        cmocka_unit_test(any_sequence_of_messages_is_survived),
        cmocka_unit_test(hello_is_repeated_ever_more_slowly_until_welcome),
        cmocka_unit_test(after_a_reconnect_hello_comes_before_what_is_held),
        cmocka_unit_test(a_project_that_cannot_be_served_is_refused_with_the_reason),
        cmocka_unit_test(a_version_mismatch_ends_with_the_coordinators_sentence),
        cmocka_unit_test(the_same_project_is_not_taken_up_twice),
        cmocka_unit_test(a_result_is_kept_before_it_is_sent_and_repeated_until_acknowledged),
        cmocka_unit_test(the_spool_is_cleared_when_the_last_result_is_acknowledged),
        cmocka_unit_test(a_failure_is_repeated_but_not_kept),
        cmocka_unit_test(a_new_spool_gets_every_result_that_is_not_acknowledged),
        cmocka_unit_test(what_is_in_hand_is_renewed_three_times_a_lease),
        cmocka_unit_test(a_short_lease_is_renewed_in_time_too),
        cmocka_unit_test(leaving_finishes_what_flies_gives_back_the_rest_and_says_bye),
        cmocka_unit_test(leaving_works_from_every_state),
        cmocka_unit_test(another_project_is_taken_up_when_the_old_ones_results_are_stored),
        cmocka_unit_test(another_project_that_cannot_be_served_ends_the_session),
        cmocka_unit_test(with_nothing_in_hand_another_project_is_taken_up_at_once),
        cmocka_unit_test(the_old_project_may_come_back_while_it_is_left),
        cmocka_unit_test(calls_of_one_request_start_together_and_are_reported_one_by_one),
        cmocka_unit_test(a_shared_exchange_is_cut_when_nobody_waits_for_it_any_more),
        cmocka_unit_test(of_a_waiting_request_calls_can_be_cancelled_one_by_one),
        cmocka_unit_test(every_call_of_a_request_is_renewed_and_given_back),
        cmocka_unit_test(grants_that_are_none_are_passed_over),
        cmocka_unit_test(freeing_a_session_stops_what_is_flying),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
