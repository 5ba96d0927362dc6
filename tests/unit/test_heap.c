#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heap.h"
#include "base/rng.h"

#define ITEMS 300

static struct heap_node nodes[ITEMS];

/* The model: look at all. */
static struct heap_node *smallest(void)
{
    struct heap_node *best = NULL;
    for (size_t i = 0; i < ITEMS; i++) {
        struct heap_node *node = &nodes[i];
        if (node->place == HEAP_NOWHERE)
            continue;
        if (!best || node->key < best->key || (node->key == best->key && node->tie < best->tie))
            best = node;
    }
    return best;
}

static void random_operations_agree_with_a_sorted_model(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct rng r;
        rng_init(&r, seed);
        struct heap h;
        heap_init(&h);
        size_t inside = 0;
        for (size_t i = 0; i < ITEMS; i++)
            heap_node_init(&nodes[i]);
        for (int step = 0; step < 3000; step++) {
            size_t i = (size_t)rng_below(&r, ITEMS);
            if (rng_below(&r, 3) > 0) {
                inside += nodes[i].place == HEAP_NOWHERE;
                int64_t key = (int64_t)rng_below(&r, 50) - 25;
                assert_true(heap_put(&h, &nodes[i], key, i)); /* insert or move */
            } else {
                inside -= nodes[i].place != HEAP_NOWHERE;
                heap_remove(&h, &nodes[i]);
                assert_true(nodes[i].place == HEAP_NOWHERE);
            }
            assert_int_equal(h.n, inside);
            assert_ptr_equal(heap_top(&h), smallest());
        }
        heap_free(&h);
    }
}

static void draining_gives_the_order_of_key_then_tie(void **state)
{
    (void)state;
    struct heap h;
    heap_init(&h);
    struct rng r;
    rng_init(&r, 5);
    for (size_t i = 0; i < ITEMS; i++) {
        heap_node_init(&nodes[i]);
        assert_true(heap_put(&h, &nodes[i], (int64_t)rng_below(&r, 10), i));
    }
    struct heap_node *last = NULL;
    size_t n = 0;
    for (struct heap_node *top; (top = heap_top(&h)) != NULL; n++, last = top) {
        if (last)
            assert_true(last->key < top->key || (last->key == top->key && last->tie < top->tie));
        heap_remove(&h, top);
    }
    assert_int_equal(n, ITEMS);
    heap_free(&h);
}

static void removing_what_is_nowhere_does_nothing(void **state)
{
    (void)state;
    struct heap h;
    heap_init(&h);
    struct heap_node node;
    heap_node_init(&node);
    heap_remove(&h, &node);
    assert_null(heap_top(&h));
    assert_true(heap_put(&h, &node, 1, 0));
    heap_free(&h);
    assert_true(node.place == HEAP_NOWHERE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_agree_with_a_sorted_model),
        cmocka_unit_test(draining_gives_the_order_of_key_then_tie),
        cmocka_unit_test(removing_what_is_nowhere_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
