#include "cli/questions.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct asking {
    const struct project *project;
    const struct question *questions;
    size_t n, next, over;
    int64_t flying[ENDPOINT_MAX];
    struct teacher *teacher;
    void (*done)(void *context, size_t i, const struct teacher_answer *answer);
    void *context;
};

/* What the teacher is given to know a question by. */
struct ticket {
    struct asking *asking;
    size_t i;
};

static void on_answer(void *context, void *call, const struct teacher_answer *answer)
{
    struct asking *a = context;
    const struct ticket *t = call;
    a->flying[a->questions[t->i].endpoint]--;
    a->over++;
    a->done(a->context, t->i, answer);
}

static void cannot_ask(struct asking *a, size_t i, const struct err *e)
{
    const struct teacher_answer answer = {
        .failure = FAILURE_RENDER, .retry_after_ms = -1, .message = slice_of(e->text)};
    a->over++;
    a->done(a->context, i, &answer);
}

/* In order: one whose endpoint is busy holds up the others, which are few. */
static void start_some(struct asking *a, struct ticket *tickets)
{
    const struct project_endpoint *endpoints = a->project->endpoints.items;
    for (; a->next < a->n; a->next++) {
        const struct question *q = &a->questions[a->next];
        struct ticket *t = &tickets[a->next];
        struct err e;
        if (a->flying[q->endpoint] >= endpoints[q->endpoint].max_in_flight)
            return;
        *t = (struct ticket){a, a->next};
        if (teacher_start(a->teacher, q->endpoint, &q->chat, &q->shape, t, &e))
            a->flying[q->endpoint]++;
        else
            cannot_ask(a, a->next, &e);
    }
}

static bool ask_all(struct asking *a, struct loop *loop, struct ticket *tickets, struct err *e)
{
    while (a->over < a->n) {
        size_t before = a->over;
        start_some(a, tickets);
        int64_t wait = teacher_turn(a->teacher);
        if (a->over == before && !loop_turn(loop, wait, e))
            return false;
    }
    return true;
}

bool questions_ask(const struct project *p, const struct question *questions, size_t n,
                   void (*done)(void *context, size_t i, const struct teacher_answer *answer),
                   void *context, struct err *e)
{
    struct asking a = {
        .project = p, .questions = questions, .n = n, .done = done, .context = context};
    struct ticket *tickets = calloc(n ? n : 1, sizeof *tickets);
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "waiting for the teacher's answer to %zu call%s ...\n", n,
                n == 1 ? "" : "s");
    struct loop *loop = tickets ? loop_new(e) : NULL;
    bool ok = tickets || err_set(e, ERR_NOMEM, "out of memory");
    if (ok && loop)
        a.teacher = teacher_new(p, loop, on_answer, &a, e);
    ok = ok && a.teacher && ask_all(&a, loop, tickets, e);
    teacher_free(a.teacher);
    loop_free(loop);
    free(tickets);
    return ok;
}
