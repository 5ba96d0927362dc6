#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/link.h"
#include "base/loop.h"
#include "tests/lib/scratch.h"

#define MAX_FRAME ((size_t)1 << 20)
#define PATIENCE_MS 20000 /* an upper bound for a broken machine, not a wait */

static struct err e;

static void woken(void *context, uint32_t events)
{
    (void)context;
    (void)events;
}

/* The next frame, waiting on the link's descriptor as the product does. */
static struct slice next_frame(struct link *l, uint32_t *peer)
{
    struct loop *loop = loop_new(&e);
    assert_non_null(loop);
    assert_true(loop_watch(loop, link_fd(l), EPOLLIN, woken, NULL, &e));
    struct slice frame = {0};
    int64_t give_up = clock_ms() + PATIENCE_MS;
    enum link_got got;
    while ((got = link_recv(l, peer, &frame, &e)) == LINK_NOTHING) {
        assert_true(clock_ms() < give_up);
        assert_true(loop_turn(loop, 100, &e));
    }
    assert_int_equal(got, LINK_FRAME);
    loop_free(loop);
    return frame;
}

/* A spoke that is not connected takes nothing: LINK_FULL until the connection stands. */
static enum link_sent send_connected(struct link *spoke, struct slice frame)
{
    int64_t give_up = clock_ms() + PATIENCE_MS;
    enum link_sent sent;
    while ((sent = link_send(spoke, 0, frame, &e)) == LINK_FULL && clock_ms() < give_up)
        ;
    return sent;
}

static const char *ipc_endpoint(void)
{
    static char endpoint[600];
    snprintf(endpoint, sizeof(endpoint), "ipc://%s", scratch_path("socket"));
    return endpoint;
}

static void frames_go_both_ways(void **state)
{
    (void)state;
    const char *endpoints[] = {ipc_endpoint(), "tcp://127.0.0.1:*"};
    for (size_t i = 0; i < 2; i++) {
        struct link *hub = link_bind(endpoints[i], MAX_FRAME, &e);
        assert_non_null(hub);
        struct link *a = link_connect(link_endpoint(hub), MAX_FRAME, &e);
        struct link *b = link_connect(link_endpoint(hub), MAX_FRAME, &e);
        assert_non_null(a);
        assert_non_null(b);
        uint32_t from_a, from_b, again, none;
        assert_int_equal(send_connected(a, S("a\0!")), LINK_SENT);
        assert_true(slice_eq(next_frame(hub, &from_a), S("a\0!")));
        assert_int_equal(send_connected(b, S("")), LINK_SENT); /* an empty frame is one */
        assert_int_equal(next_frame(hub, &from_b).n, 0);
        assert_int_not_equal(from_a, from_b);
        assert_true(from_a > 0 && from_b > 0);

        assert_int_equal(link_send(hub, from_b, S("to b"), &e), LINK_SENT);
        assert_int_equal(link_send(hub, from_a, S("to a"), &e), LINK_SENT);
        assert_true(slice_is(next_frame(a, &none), "to a"));
        assert_int_equal(none, 0);
        assert_true(slice_is(next_frame(b, &none), "to b"));
        assert_int_equal(send_connected(a, S("2")), LINK_SENT);
        assert_true(slice_is(next_frame(hub, &again), "2"));
        assert_int_equal(again, from_a);
        link_close(a);
        link_close(b);
        link_close(hub);
    }
}

static void many_frames_arrive_whole_and_in_order(void **state)
{
    (void)state;
    const char *endpoints[] = {ipc_endpoint(), "tcp://127.0.0.1:*"};
    static char payload[MAX_FRAME];
    for (size_t i = 0; i < 2; i++) {
        struct link *hub = link_bind(endpoints[i], MAX_FRAME, &e);
        assert_non_null(hub);
        struct link *spoke = link_connect(link_endpoint(hub), MAX_FRAME, &e);
        assert_non_null(spoke);
        uint32_t peer;
        for (uint32_t n = 0; n < 5000; n++) {
            struct slice frame = {payload, n % 500 == 0 ? MAX_FRAME : n};
            payload[0] = (char)n;
            assert_int_equal(send_connected(spoke, frame), LINK_SENT);
        }
        for (uint32_t n = 0; n < 5000; n++) {
            struct slice frame = next_frame(hub, &peer);
            assert_int_equal(frame.n, n % 500 == 0 ? MAX_FRAME : n);
            if (frame.n > 0)
                assert_int_equal(frame.p[0], (char)n);
        }
        link_close(spoke);
        link_close(hub);
    }
}

static void a_spoke_without_a_hub_takes_nothing_and_one_that_came_first_connects(void **state)
{
    (void)state;
    struct link *spoke = link_connect(ipc_endpoint(), MAX_FRAME, &e);
    assert_non_null(spoke);
    assert_int_equal(link_send(spoke, 0, S("early"), &e), LINK_FULL);
    struct link *hub = link_bind(ipc_endpoint(), MAX_FRAME, &e);
    assert_non_null(hub);
    assert_int_equal(send_connected(spoke, S("now")), LINK_SENT);
    uint32_t peer;
    assert_true(slice_is(next_frame(hub, &peer), "now"));
    link_close(spoke);
    link_close(hub);
}

/* Sends to a peer until the hub has noticed that it is gone. */
static enum link_sent send_until_gone(struct link *hub, uint32_t peer)
{
    int64_t give_up = clock_ms() + PATIENCE_MS;
    enum link_sent sent;
    do {
        sent = link_send(hub, peer, S("x"), &e);
    } while (sent != LINK_GONE && clock_ms() < give_up);
    return sent;
}

static void a_gone_peer_is_an_answer_and_its_number_can_be_reused(void **state)
{
    (void)state;
    struct link *hub = link_bind("tcp://127.0.0.1:*", MAX_FRAME, &e);
    assert_non_null(hub);
    assert_int_equal(link_send(hub, 1, S("x"), &e), LINK_GONE); /* nobody has this number yet */
    assert_int_equal(link_send(hub, 0, S("x"), &e), LINK_GONE);
    struct link *spoke = link_connect(link_endpoint(hub), MAX_FRAME, &e);
    uint32_t peer, next;
    assert_int_equal(send_connected(spoke, S("x")), LINK_SENT);
    next_frame(hub, &peer);
    link_close(spoke);
    assert_int_equal(send_until_gone(hub, peer), LINK_GONE);
    link_forget(hub, peer);
    link_forget(hub, peer);
    link_forget(hub, 4711);
    assert_int_equal(link_send(hub, peer, S("x"), &e), LINK_GONE);

    spoke = link_connect(link_endpoint(hub), MAX_FRAME, &e);
    assert_int_equal(send_connected(spoke, S("x")), LINK_SENT);
    next_frame(hub, &next);
    assert_int_equal(next, peer);
    link_close(spoke);
    link_close(hub);
}

static void many_peers_have_numbers_of_their_own(void **state)
{
    (void)state;
    enum { PEERS = 80 }; /* more than the first table holds */
    struct link *hub = link_bind(ipc_endpoint(), MAX_FRAME, &e);
    assert_non_null(hub);
    struct link *spokes[PEERS];
    bool seen[PEERS + 1] = {false};
    for (int i = 0; i < PEERS; i++) {
        spokes[i] = link_connect(link_endpoint(hub), MAX_FRAME, &e);
        assert_non_null(spokes[i]);
        assert_int_equal(send_connected(spokes[i], S("x")), LINK_SENT);
    }
    for (int i = 0; i < PEERS; i++) {
        uint32_t peer;
        next_frame(hub, &peer);
        assert_in_range(peer, 1, PEERS);
        assert_false(seen[peer]);
        seen[peer] = true;
    }
    for (int i = 0; i < PEERS; i++)
        link_close(spokes[i]);
    link_close(hub);
}

static void errors_are_sentences(void **state)
{
    (void)state;
    struct link *hub = link_bind("tcp://127.0.0.1:*", 1000, &e);
    assert_non_null(hub);
    assert_null(link_bind(link_endpoint(hub), 1000, &e));
    assert_int_equal(e.code, ERR_BUSY);
    assert_non_null(strstr(e.text, link_endpoint(hub)));
    static const char *const bad[] = {"tcp://", "nonsense", "tcp://127.0.0.1", "foo://x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(link_connect(bad[i], 1000, &e));
        assert_non_null(strstr(e.text, bad[i]));
    }
    struct link *spoke = link_connect(link_endpoint(hub), 1000, &e);
    static char large[1001];
    assert_int_equal(link_send(spoke, 0, (struct slice){large, 1001}, &e), LINK_FAILED);
    assert_int_equal(e.code, ERR_LIMIT);
    link_close(spoke);
    link_close(hub);
    link_close(NULL);
}

/* A peer with a larger maximum of its own must not be able to fill our memory. */
static void a_frame_over_the_maximum_never_arrives(void **state)
{
    (void)state;
    struct link *hub = link_bind("tcp://127.0.0.1:*", 2000, &e);
    assert_non_null(hub);
    struct link *rude = link_connect(link_endpoint(hub), MAX_FRAME, &e);
    struct link *polite = link_connect(link_endpoint(hub), 2000, &e);
    static char large[2001];
    uint32_t peer;
    assert_int_equal(send_connected(rude, (struct slice){large, 2001}), LINK_SENT);
    assert_int_equal(send_connected(polite, (struct slice){large, 2000}), LINK_SENT);
    assert_int_equal(next_frame(hub, &peer).n, 2000);
    struct slice frame;
    assert_int_equal(link_recv(hub, &peer, &frame, &e), LINK_NOTHING);
    link_close(rude);
    link_close(polite);
    link_close(hub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_go_both_ways),
        cmocka_unit_test(many_frames_arrive_whole_and_in_order),
        cmocka_unit_test(a_spoke_without_a_hub_takes_nothing_and_one_that_came_first_connects),
        cmocka_unit_test(a_gone_peer_is_an_answer_and_its_number_can_be_reused),
        cmocka_unit_test(many_peers_have_numbers_of_their_own),
        cmocka_unit_test(errors_are_sentences),
        cmocka_unit_test(a_frame_over_the_maximum_never_arrives),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
