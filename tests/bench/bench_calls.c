/*
 * What one call costs besides waiting: the request of a pair with 4 kB of text, from stored texts
 * to bytes, and an answer of 4 kB, from bytes to verdict. Prints microseconds as JSON.
 *
 *   bench_calls [calls, 20000]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "judges/judge.h"
#include "worker/teacher/answer.h"
#include "worker/teacher/request.h"

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

static void render(const struct buf texts[3], struct arena *arena, struct buf *body)
{
    static const struct project_generation generation = {.max_tokens = 16384, .send_seed = true};
    struct err e;
    struct judge_task task;
    struct chat chat;
    arena_reset(arena);
    buf_clear(body);
    must(chat_parse(buf_view(&texts[0]), &task.prompt, arena, &e), &e);
    must(chat_parse(buf_view(&texts[1]), &task.answer_a, arena, &e), &e);
    must(chat_parse(buf_view(&texts[2]), &task.answer_b, arena, &e), &e);
    must(judge_find("verdict")->render(&task, &chat, arena, &e), &e);
    request_write(body, &generation, NULL, "model", &chat, 7);
    must(buf_ok(body, "the request", &e), &e);
}

static void read_answer(struct slice body)
{
    struct answer a;
    answer_init(&a, ROOM);
    answer_document(&a, body);
    struct trace t = trace_split(answer_text(&a), buf_view(&a.reasoning), a.field,
                                 answer_finish(&a));
    if (!answer_is_whole(&a) || judge_find("verdict")->parse(&t) != VERDICT_A) {
        fprintf(stderr, "bench_calls: the answer was not understood\n");
        exit(1);
    }
    answer_free(&a);
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
    struct buf texts[3], body, answer;
    struct arena arena;
    if (argc > 1 && (!slice_i64(slice_of(argv[1]), &calls) || calls < 1))
        return 2;
    for (int i = 0; i < 3; i++)
        buf_init(&texts[i], ROOM);
    buf_init(&body, ROOM);
    buf_init(&answer, ROOM);
    arena_init(&arena, ROOM);
    add_chat(&texts[0], "user", TEXT_BYTES / 2);
    add_chat(&texts[1], "assistant", TEXT_BYTES / 4);
    add_chat(&texts[2], "assistant", TEXT_BYTES / 4);
    write_answer(&answer);
    int64_t began = clock_ms();
    for (int64_t i = 0; i < calls; i++)
        render(texts, &arena, &body);
    int64_t rendered = clock_ms();
    for (int64_t i = 0; i < calls; i++)
        read_answer(buf_view(&answer));
    int64_t ended = clock_ms();
    printf("{\"render_us\":%.2f,\"read_us\":%.2f}\n",
           (double)(rendered - began) * 1000 / (double)calls,
           (double)(ended - rendered) * 1000 / (double)calls);
    for (int i = 0; i < 3; i++)
        buf_free(&texts[i]);
    buf_free(&body);
    buf_free(&answer);
    arena_free(&arena);
    return 0;
}
