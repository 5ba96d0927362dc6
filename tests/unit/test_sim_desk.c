#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

/* The simulated teacher is no library: its pure parts are compiled into their tests. */
#include "cli/sim_teacher/desk.c"

static struct desk *desk_with(int64_t places)
{
    struct desk *d = malloc(sizeof *d);
    desk_init(d, NULL, places);
    d->now_ms = 1000;
    return d;
}

static void discard(struct desk *d)
{
    desk_free(d);
    free(d);
}

static void no_more_generate_than_there_are_places_and_the_rest_is_served_in_order(void **state)
{
    (void)state;
    struct desk *d = desk_with(2);
    struct ticket t[100] = {0};
    for (int i = 0; i < 100; i++) {
        heap_node_init(&t[i].deadline);
        assert_int_equal(desk_enter(d, &t[i]), i < 2);
    }
    assert_null(desk_due(d));
    for (int i = 0; i < 98; i++) {
        desk_leave(d, &t[i]);
        assert_ptr_equal(desk_due(d), &t[i + 2]);
        assert_null(desk_due(d));
        assert_int_equal(d->taken, 2);
    }
    desk_leave(d, &t[98]);
    desk_leave(d, &t[99]);
    assert_int_equal(d->taken, 0);
    discard(d);
}

static void who_leaves_the_line_is_passed_over(void **state)
{
    (void)state;
    struct desk *d = desk_with(1);
    struct ticket t[3] = {0};
    for (int i = 0; i < 3; i++) {
        heap_node_init(&t[i].deadline);
        desk_enter(d, &t[i]);
    }
    desk_leave(d, &t[1]);
    desk_leave(d, &t[1]); /* again changes nothing */
    desk_leave(d, &t[0]);
    assert_ptr_equal(desk_due(d), &t[2]);
    assert_int_equal(d->taken, 1);
    discard(d);
}

static void who_leaves_just_when_moving_up_gives_the_place_on(void **state)
{
    (void)state;
    struct desk *d = desk_with(1);
    struct ticket t[3] = {0};
    for (int i = 0; i < 3; i++) {
        heap_node_init(&t[i].deadline);
        desk_enter(d, &t[i]);
    }
    desk_leave(d, &t[0]); /* t[1] has its place and does not know yet */
    desk_leave(d, &t[1]);
    assert_ptr_equal(desk_due(d), &t[2]);
    assert_null(desk_due(d));
    discard(d);
}

static void without_a_limit_nobody_waits(void **state)
{
    (void)state;
    struct desk *d = desk_with(0);
    struct ticket t[50] = {0};
    for (int i = 0; i < 50; i++) {
        heap_node_init(&t[i].deadline);
        assert_true(desk_enter(d, &t[i]));
    }
    assert_int_equal(d->taken, 50);
    discard(d);
}

static void deadlines_come_in_their_order(void **state)
{
    (void)state;
    struct desk *d = desk_with(0);
    struct ticket t[3] = {0};
    for (int i = 0; i < 3; i++)
        heap_node_init(&t[i].deadline);
    assert_int_equal(desk_wait_ms(d), -1);
    assert_true(desk_set(d, &t[0], 30) && desk_set(d, &t[1], 10) && desk_set(d, &t[2], 20));
    assert_true(desk_set(d, &t[2], 5)); /* replaces the 20 */
    assert_int_equal(desk_wait_ms(d), 5);
    desk_unset(d, &t[0]);
    d->now_ms += 10;
    assert_int_equal(desk_wait_ms(d), 0);
    assert_ptr_equal(desk_due(d), &t[2]);
    assert_ptr_equal(desk_due(d), &t[1]);
    assert_null(desk_due(d));
    assert_int_equal(desk_wait_ms(d), -1);
    discard(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_more_generate_than_there_are_places_and_the_rest_is_served_in_order),
        cmocka_unit_test(who_leaves_the_line_is_passed_over),
        cmocka_unit_test(who_leaves_just_when_moving_up_gives_the_place_on),
        cmocka_unit_test(without_a_limit_nobody_waits),
        cmocka_unit_test(deadlines_come_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
