/*
 * What one call costs a worker besides waiting: the request of a pair with 4 kB of text, from a
 * GRANT's task to bytes, and an answer of 4 kB, from bytes to a result with verdict and filters,
 * for which the task is read again. Prints microseconds as JSON.
 *
 *   bench_calls [calls, 20000]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "worker/judging.h"
#include "worker/teacher/answer.h"

enum { TEXT_BYTES = 4096, ROOM = 1 << 20 };

/* Prose with what has to be escaped now and then. */
static void add_prose(struct buf *out, size_t n)
{
    const struct slice line = S("the sum of both parts is 12, so \"x\" must be smaller than é.\n");
    for (; n > line.n; n -= line.n)
        buf_slice(out, line);
}

static void add_chat(struct buf *out, const char *role, size_t n)
{
    struct buf text;
    buf_init(&text, ROOM);
    add_prose(&text, n);
    struct message m = {slice_of(role), buf_view(&text)};
    struct chat chat = {&m, 1};
    struct jsonw w = jsonw_to(out);
    chat_write(&w, &chat);
    buf_free(&text);
}

static void must(bool ok, const struct err *e)
{
    if (ok)
        return;
    fprintf(stderr, "bench_calls: %s\n", e->text);
    exit(1);
}

/* The task of a pair, as it goes to a worker. */
static void write_task(struct buf *out)
{
    struct buf texts[3];
    for (size_t i = 0; i < 3; i++)
        buf_init(&texts[i], ROOM);
    add_chat(&texts[0], "user", TEXT_BYTES / 2);
    add_chat(&texts[1], "assistant", TEXT_BYTES / 4);
    add_chat(&texts[2], "assistant", TEXT_BYTES / 4);
    const struct task_text task = {.prompt = buf_view(&texts[0]),
                                   .answer_a = buf_view(&texts[1]),
                                   .answer_b = buf_view(&texts[2])};
    struct jsonw w = jsonw_to(out);
    task_write(&w, &task);
    for (size_t i = 0; i < 3; i++)
        buf_free(&texts[i]);
}

/* What a worker has of a project. */
struct assignment {
    struct arena arena;
    struct project project;
    struct chain chain;
};

static void take_project(struct assignment *a)
{
    const struct slice text = S(
        "name: bench\nstore: bench.db\nseeds: [{path: seeds.jsonl}]\n"
        "endpoints: [{role: teacher, url: \"http://127.0.0.1:1/v1\", model: model}]\n");
    struct err e;
    arena_init(&a->arena, ROOM);
    must(project_from_text(&a->project, &a->arena, "bench", text, &e), &e);
    must(chain_build(&a->chain, &a->project, &e), &e);
}

static void read_task(const struct assignment *a, struct slice task, struct judging *j,
                      struct arena *arena)
{
    struct err e;
    *j = (struct judging){.project = &a->project,
                          .chain = &a->chain,
                          .ask = ASK_JUDGE,
                          .format = FORMAT_VERDICT,
                          .how = CONTINUATION_TURN};
    must(task_read(task, &j->task, arena, &e), &e);
}

static void render(const struct assignment *a, struct slice task, struct arena *arena,
                   struct buf *body)
{
    struct err e;
    struct judging j;
    struct chat chat;
    struct request_shape shape;
    arena_reset(arena);
    buf_clear(body);
    read_task(a, task, &j, arena);
    must(judging_render(&j, 7, 1, &chat, &shape, arena, &e), &e);
    request_write(body, &a->project.generation, NULL, "model", &chat, &shape);
    must(buf_ok(body, "the request", &e), &e);
}

static void read_answer(const struct assignment *a, struct slice task, struct arena *arena,
                        struct slice body)
{
    struct err e;
    struct judging j;
    struct answer said;
    struct call_result result;
    arena_reset(arena);
    answer_init(&said, ROOM);
    answer_document(&said, body);
    const struct answer_choice *only = answer_nth(&said, 0);
    const struct teacher_answer answer = {.ok = answer_is_whole(&said),
                                          .content = answer_text(only),
                                          .reasoning = buf_view(&only->reasoning),
                                          .field = only->field,
                                          .finish = answer_finish(only)};
    read_task(a, task, &j, arena);
    must(judging_result(&j, &answer, 0, &result, arena, &e), &e);
    if (!answer.ok || result.verdict != VERDICT_A) {
        fprintf(stderr, "bench_calls: the answer was not understood\n");
        exit(1);
    }
    answer_free(&said);
}

static void write_answer(struct buf *out)
{
    struct buf text;
    buf_init(&text, ROOM);
    buf_str(&text, "<think>");
    add_prose(&text, TEXT_BYTES);
    buf_str(&text, "</think>\n<answer> [[A]] </answer>");
    buf_str(out, "{\"id\":\"c-1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":"
                 "{\"role\":\"assistant\",\"content\":");
    jsonw_text(out, buf_view(&text));
    buf_str(out, "},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1500,"
                 "\"completion_tokens\":1100,\"total_tokens\":2600}}");
    buf_free(&text);
}

int main(int argc, char **argv)
{
    int64_t calls = 20000;
    struct buf task, body, answer;
    struct arena arena;
    struct assignment a;
    if (argc > 1 && (!slice_i64(slice_of(argv[1]), &calls) || calls < 1))
        return 2;
    buf_init(&task, ROOM);
    buf_init(&body, ROOM);
    buf_init(&answer, ROOM);
    arena_init(&arena, ROOM);
    take_project(&a);
    write_task(&task);
    write_answer(&answer);
    int64_t began = clock_ms();
    for (int64_t i = 0; i < calls; i++)
        render(&a, buf_view(&task), &arena, &body);
    int64_t rendered = clock_ms();
    for (int64_t i = 0; i < calls; i++)
        read_answer(&a, buf_view(&task), &arena, buf_view(&answer));
    int64_t ended = clock_ms();
    printf("{\"render_us\":%.2f,\"read_us\":%.2f}\n",
           (double)(rendered - began) * 1000 / (double)calls,
           (double)(ended - rendered) * 1000 / (double)calls);
    buf_free(&task);
    buf_free(&body);
    buf_free(&answer);
    arena_free(&arena);
    arena_free(&a.arena);
    return 0;
}
