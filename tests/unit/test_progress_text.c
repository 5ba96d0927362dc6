#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/figure.c"
#include "cli/progress_text.c"

struct scene {
    struct engine_totals totals;
    struct intake_report intake;
    struct serve_view view;
    struct progress_history history;
    struct buf out;
};

static struct scene *at_work(void)
{
    static struct scene s;
    buf_free(&s.out);
    s = (struct scene){0};
    s.view = (struct serve_view){
        .totals = &s.totals,
        .intake = &s.intake,
        .workers = 2,
        .flying = 64,
        .pairs_total = 1000,
        .pairs_open = 800,
        .pairs_accepted = 120,
        .pairs_rejected = 79,
        .pairs_deferred = 1,
        .notice = "",
    };
    buf_init(&s.out, 65536);
    return &s;
}

/* go_on(s, seconds, calls, pairs): that many of each in every second. */
static void go_on(struct scene *s, int seconds, uint64_t calls, uint64_t pairs)
{
    for (int i = 0; i < seconds; i++) {
        progress_note(&s->history, &s->view);
        s->view.elapsed_ms += 1000;
        s->totals.answers += calls;
        s->totals.tokens += 1000 * calls;
        s->totals.decided[STATE_ACCEPTED] += pairs;
    }
}

static void nothing_is_claimed_before_a_second_has_passed(void **state)
{
    (void)state;
    struct scene *s = at_work();
    progress_note(&s->history, &s->view);
    s->totals.answers = 100;
    s->view.elapsed_ms = 500;
    struct progress_rates r = progress_rates_of(&s->history, &s->view);
    assert_true(r.calls < 0 && r.tokens < 0 && r.decided < 0);
    assert_int_equal(progress_left(&s->view, &r), -1);
}

static void rates_are_those_of_the_last_ten_seconds(void **state)
{
    (void)state;
    struct scene *s = at_work();
    go_on(s, 60, 10, 1);
    go_on(s, 10, 50, 1);
    struct progress_rates r = progress_rates_of(&s->history, &s->view);
    assert_true(r.calls > 49.9 && r.calls < 50.1);
    assert_true(r.tokens > 49900 && r.tokens < 50100);
    assert_true(r.decided > 0.99 && r.decided < 1.01);
}

static void the_ring_of_samples_holds_only_the_last_minute(void **state)
{
    (void)state;
    struct scene *s = at_work();
    go_on(s, 500, 1, 100);
    go_on(s, 100, 1, 1);
    struct progress_rates r = progress_rates_of(&s->history, &s->view);
    assert_true(r.decided < 1.01);
    assert_int_equal(progress_left(&s->view, &r) / 1000, 800);
}

static void before_many_pairs_are_decided_calls_tell_what_is_left(void **state)
{
    (void)state;
    struct scene *s = at_work();
    s->view.calls_a_pair = 6;
    go_on(s, 5, 60, 0); /* all pairs are under way, none is decided */
    struct progress_rates r = progress_rates_of(&s->history, &s->view);
    assert_int_equal(progress_left(&s->view, &r) / 1000, 80);
    go_on(s, 200, 60, 1);
    r = progress_rates_of(&s->history, &s->view);
    assert_int_equal(progress_left(&s->view, &r) / 1000, 800);
}

static void samples_closer_than_a_second_are_not_taken(void **state)
{
    (void)state;
    struct scene *s = at_work();
    for (int i = 0; i < 40; i++) {
        progress_note(&s->history, &s->view);
        s->view.elapsed_ms += 250;
    }
    assert_int_equal(s->history.n, 10);
}

static void no_time_is_left_when_no_pair_is_open_unless_seeds_are_still_read(void **state)
{
    (void)state;
    struct scene *s = at_work();
    const struct progress_rates r = {1, 1, 1};
    s->view.pairs_open = 0;
    assert_int_equal(progress_left(&s->view, &r), 0);
    s->view.importing = true;
    assert_int_equal(progress_left(&s->view, &r), -1);
}

static void the_line_has_what_a_log_needs(void **state)
{
    (void)state;
    struct scene *s = at_work();
    go_on(s, 20, 40, 4);
    s->totals.retries = 3;
    s->view.waiting = 2;
    s->view.cost_nano_usd = 1500000000;
    s->view.notice = "the teacher is overloaded: waiting";
    progress_line(&s->out, &s->view, &s->history);
    assert_string_equal(buf_cstr(&s->out),
                        "200 of 1,000 pairs (20.0 %), 120 accepted (60.3 %), 1 deferred, $1.50; "
                        "64 in flight, 40 calls/s, 40.0 k tokens/s, 3 retries, 2 to be tried "
                        "again; ETA 3 min 20 s; the teacher is overloaded: waiting");
}

static void the_line_says_that_seeds_are_still_being_read(void **state)
{
    (void)state;
    struct scene *s = at_work();
    s->view.importing = true;
    s->intake.lines = 12345;
    s->intake.invalid = 2;
    progress_line(&s->out, &s->view, &s->history);
    assert_non_null(
        strstr(buf_cstr(&s->out), "reading seeds: 12,345 lines, 2 bad ones in quarantine"));
}

/* Longest line of a block in code points; *lines how many. */
static size_t widest(const struct buf *out, size_t *lines)
{
    size_t most = 0;
    *lines = 0;
    for (struct slice rest = buf_view(out); rest.n; ++*lines) {
        size_t chars = text_chars(slice_cut(rest, '\n', &rest));
        most = chars > most ? chars : most;
    }
    return most;
}

static void a_block_stays_within_its_terminal_at_any_width(void **state)
{
    (void)state;
    struct scene *s = at_work();
    go_on(s, 20, 40, 4);
    s->view.notice = "das Gegenüber schweigt: 等待 since a very long time, and this is a very long "
                     "sentence about it";
    for (size_t width = 20; width <= 300; width++) {
        size_t lines;
        const struct progress_look look = {.width = width};
        buf_clear(&s->out);
        assert_int_equal(progress_block(&s->out, &s->view, &s->history, &look), 4);
        assert_in_range(widest(&s->out, &lines), 1, width - 1);
        assert_int_equal(lines, 4);
        assert_int_equal(text_utf8_error(buf_view(&s->out)), SIZE_MAX);
        assert_null(memchr(s->out.p, '\033', s->out.n));
    }
}

static void a_tiny_terminal_gets_something_too(void **state)
{
    (void)state;
    struct scene *s = at_work();
    const struct progress_look look = {.width = 1};
    assert_int_equal(progress_block(&s->out, &s->view, &s->history, &look), 3);
    assert_true(s->out.n > 3);
}

static void the_bar_shows_accepted_and_done(void **state)
{
    (void)state;
    struct scene *s = at_work();
    const struct progress_look look = {.width = 200};
    s->view.pairs_accepted = 500;
    s->view.pairs_rejected = 250;
    s->view.pairs_deferred = 0;
    progress_block(&s->out, &s->view, &s->history, &look);
    assert_memory_equal(s->out.p, "[####################==========..........] 750 of 1,000 pairs",
                        60);
}

static void colour_is_used_only_when_wanted_and_always_ended(void **state)
{
    (void)state;
    struct scene *s = at_work();
    struct progress_look look = {.width = 80, .colour = true};
    s->view.notice = "waiting for a worker";
    progress_block(&s->out, &s->view, &s->history, &look);
    size_t on = 0, off = 0;
    for (size_t i = 0; i + 3 < s->out.n; i++) {
        on += memcmp(s->out.p + i, "\033[1m", 4) == 0 || memcmp(s->out.p + i, "\033[33", 4) == 0;
        off += memcmp(s->out.p + i, "\033[0m", 4) == 0;
    }
    assert_int_equal(on, 2);
    assert_int_equal(off, 2);
}

static void a_notice_cannot_move_the_cursor(void **state)
{
    (void)state;
    struct scene *s = at_work();
    const struct progress_look look = {.width = 80};
    s->view.notice = "stop\033[2J\nsecond line";
    assert_int_equal(progress_block(&s->out, &s->view, &s->history, &look), 4);
    size_t lines;
    widest(&s->out, &lines);
    assert_int_equal(lines, 4);
    assert_null(memchr(s->out.p, '\033', s->out.n));
}

static void notices_that_differ_in_numbers_alone_are_no_news(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"", "", true},
        {"silent for 9 s", "silent for 10 s", true},
        {"silent for 9 s", "silent for 9 min", false},
        {"", "waiting", false},
        {"waiting", "waiting for a worker", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(progress_same_notice(rows[i].a, rows[i].b), rows[i].same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_claimed_before_a_second_has_passed),
        cmocka_unit_test(rates_are_those_of_the_last_ten_seconds),
        cmocka_unit_test(the_ring_of_samples_holds_only_the_last_minute),
        cmocka_unit_test(before_many_pairs_are_decided_calls_tell_what_is_left),
        cmocka_unit_test(samples_closer_than_a_second_are_not_taken),
        cmocka_unit_test(no_time_is_left_when_no_pair_is_open_unless_seeds_are_still_read),
        cmocka_unit_test(the_line_has_what_a_log_needs),
        cmocka_unit_test(the_line_says_that_seeds_are_still_being_read),
        cmocka_unit_test(a_block_stays_within_its_terminal_at_any_width),
        cmocka_unit_test(a_tiny_terminal_gets_something_too),
        cmocka_unit_test(the_bar_shows_accepted_and_done),
        cmocka_unit_test(colour_is_used_only_when_wanted_and_always_ended),
        cmocka_unit_test(a_notice_cannot_move_the_cursor),
        cmocka_unit_test(notices_that_differ_in_numbers_alone_are_no_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
