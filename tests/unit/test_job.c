/* A job's life: its texts while it waits, its report while it is held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "worker/job.h"

static struct job_batch *a_batch(uint64_t attempt, uint8_t n)
{
    /* The texts of a GRANT point into a frame that is gone afterwards. */
    char task[] = "a task", history[] = "so far", cue[] = "";
    struct wire_grant m = {.attempt = attempt,
                           .row = 7,
                           .seat = 1,
                           .lane = 1,
                           .k = 2,
                           .endpoint = 3,
                           .seed = 99,
                           .n = n,
                           .ask = ASK_CONTINUE,
                           .format = FORMAT_PLAN,
                           .task = {task, strlen(task)},
                           .history = {history, strlen(history)},
                           .cue = {cue, 0}};
    assert_true(job_fits(&m));
    struct job_batch *b = job_batch_new(&m);
    assert_non_null(b);
    memset(task, '#', sizeof task);
    memset(history, '#', sizeof history);
    return b;
}

static struct job *a_job(uint64_t attempt)
{
    return a_batch(attempt, 0)->jobs[0];
}

static void a_batch_owns_a_copy_of_its_texts(void **state)
{
    (void)state;
    struct job *j = a_job(5);
    assert_int_equal(job_state(j), JOB_QUEUED);
    assert_int_equal(j->batch->n, 1);
    assert_true(slice_is(j->batch->task, "a task"));
    assert_true(slice_is(j->batch->history, "so far"));
    assert_true(slice_is(j->batch->cue, ""));
    assert_int_equal(j->batch->ask, ASK_CONTINUE);
    assert_int_equal(j->batch->format, FORMAT_PLAN);
    assert_int_equal(j->batch->seed, 99);
    assert_int_equal(j->call.attempt, 5);
    assert_int_equal(j->call.key.row, 7);
    assert_int_equal(j->call.key.seat, 1);
    assert_int_equal(j->call.key.k, 2);
    assert_int_equal(j->call.endpoint, 3);
    job_free(j);
}

static void texts_stay_while_it_flies_and_the_report_until_it_is_over(void **state)
{
    (void)state;
    int exchange;
    struct job *j = a_job(1);
    job_started(j, &exchange);
    assert_int_equal(job_state(j), JOB_FLYING);
    assert_true(slice_is(j->batch->task, "a task"));
    assert_ptr_equal(j->exchange, &exchange);
    char report[] = "report";
    assert_true(job_hold(j, (struct slice){report, 6}));
    report[0] = '#';
    assert_int_equal(job_state(j), JOB_HELD);
    assert_null(j->batch);
    assert_null(j->exchange);
    assert_memory_equal(j->report, "report", 6);
    assert_int_equal(j->report_n, 6);
    job_over(j);
    assert_int_equal(job_state(j), JOB_OVER);
    job_free(j);
}

static void a_job_may_be_given_back_without_being_started(void **state)
{
    (void)state;
    struct job *j = a_job(1);
    assert_true(job_hold(j, S("given back")));
    assert_null(j->batch);
    job_over(j);
    job_free(j);
    job_free(NULL);
}

static void a_batch_goes_with_the_last_job_that_waits_for_it(void **state)
{
    (void)state;
    struct job *jobs[4];
    struct job_batch *b = a_batch(10, 4);
    assert_int_equal(b->waiting, 4);
    memcpy(jobs, b->jobs, sizeof jobs);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(jobs[i]->call.attempt, 10 + i);
        assert_int_equal(jobs[i]->call.key.k, 2 + i);
        assert_int_equal(jobs[i]->choice, i);
    }
    assert_true(job_hold(jobs[1], S("report")));
    assert_null(b->jobs[1]);
    job_free(jobs[0]);
    assert_int_equal(b->waiting, 2);
    assert_false(job_is_last(jobs[2]));
    job_free(jobs[3]);
    assert_true(job_is_last(jobs[2]));
    assert_true(slice_is(jobs[2]->batch->history, "so far"));
    job_free(jobs[2]);
    job_free(jobs[1]);
}

static void a_queue_keeps_its_order_wherever_it_is_cut(void **state)
{
    (void)state;
    for (uint64_t cut = 1; cut <= 4; cut++) {
        struct job_queue q = {0};
        struct job *jobs[5];
        for (uint64_t i = 1; i <= 4; i++) {
            jobs[i] = a_job(i);
            job_queue_push(&q, jobs[i]);
        }
        job_queue_cut(&q, jobs[cut]);
        job_queue_push(&q, jobs[cut]); /* to the end */
        uint64_t expect = 0;
        struct job *last = NULL;
        for (struct job *j = q.head; j; last = j, j = j->next) {
            expect += expect + 1 == cut ? 2 : 1;
            assert_int_equal(j->call.attempt, j->next ? expect : cut);
            assert_ptr_equal(j->prev, last);
        }
        assert_ptr_equal(q.tail, jobs[cut]);
        for (uint64_t i = 1; i <= 4; i++) {
            job_queue_cut(&q, jobs[i]);
            job_free(jobs[i]);
        }
        assert_null(q.head);
        assert_null(q.tail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_owns_a_copy_of_its_texts),
        cmocka_unit_test(texts_stay_while_it_flies_and_the_report_until_it_is_over),
        cmocka_unit_test(a_job_may_be_given_back_without_being_started),
        cmocka_unit_test(a_batch_goes_with_the_last_job_that_waits_for_it),
        cmocka_unit_test(a_queue_keeps_its_order_wherever_it_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
