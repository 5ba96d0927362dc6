/*
 * What it takes to render a prompt and to read a judgment, format by format: microseconds at 4 kB
 * of text, and the same for 64 times as much divided by 64, which is no more when the work is
 * linear. Then the longest of a set of texts made to be slow: a megabyte of one piece over and
 * over.
 *
 *   bench_judges [rounds, 20000]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "judges/template.h"

enum { TEXT = 4096, MANY = 64, ROOM = 8 << 20 };

static const char nonce[] = "_k3f9b2d";

static void fill(struct buf *b, const char *piece, size_t n)
{
    struct slice s = slice_of(piece);
    while (b->n + s.n <= n)
        buf_slice(b, s);
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_judges: %s\n", what);
    exit(1);
}

/* Of this process alone: whatever else the machine does. */
static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double us(uint64_t from, int rounds)
{
    return (double)(now_ns() - from) / 1e3 / rounds;
}

/* A prompt whose texts have so many bytes together. */
static double render(const struct judge *j, size_t bytes, int rounds)
{
    struct buf text;
    struct arena arena;
    struct err e;
    buf_init(&text, ROOM);
    fill(&text, "the sum of both parts is 12, so \"x\" must be smaller than that.\n", bytes / 2);
    struct slice half = slice_sub(buf_view(&text), 0, text.n / 2);
    struct message m[] = {
        {S("user"), buf_view(&text)}, {S("assistant"), half}, {S("assistant"), half}};
    struct judge_task task = {.prompt = {&m[0], 1},
                              .answer_a = {&m[1], 1},
                              .answer_b = {&m[2], j->pointwise ? 0 : 1},
                              .reference = S("It is 12."),
                              .nonce = slice_of(nonce)};
    size_t seen = 0;
    arena_init(&arena, ROOM);
    uint64_t from = now_ns();
    for (int i = 0; i < rounds; i++) {
        struct chat chat;
        arena_reset(&arena);
        must(template_render(slice_of(j->wording), &task, &chat, &arena, &e), "render");
        seen += chat_bytes(&chat);
    }
    double took = us(from, rounds);
    must(seen > bytes / 2 * (size_t)rounds, "nothing was rendered");
    arena_free(&arena);
    buf_free(&text);
    return took;
}

static void write_judgment(const struct judge *j, struct buf *b, size_t bytes)
{
    static const char prose[] = "Wait, [[B]] claims that 3 < 4, <answer>but</answer> A is right.\n";
    buf_str(b, j->format == FORMAT_PLAN ? "<plan>look</plan><execution>" : "<think>");
    fill(b, prose, bytes - 200);
    buf_str(b, j->format == FORMAT_PLAN ? "</execution>\n" : "</think>\n");
    if (j->format == FORMAT_POINTWISE)
        buf_addf(b, "<score%s> 7.5 </score%s>", nonce, nonce);
    if (j->has_scores && j->format != FORMAT_POINTWISE)
        buf_addf(b, "<score_A%s> 7.5 </score_A%s>\n<score_B%s> 3 </score_B%s>\n", nonce, nonce,
                 nonce, nonce);
    if (j->format != FORMAT_SCORES && j->format != FORMAT_POINTWISE)
        buf_addf(b, "<answer%s> [[A]] </answer%s>", nonce, nonce);
}

static double parse(const struct judge *j, size_t bytes, int rounds)
{
    struct buf b;
    int read = 0;
    buf_init(&b, ROOM);
    write_judgment(j, &b, bytes);
    uint64_t from = now_ns();
    for (int i = 0; i < rounds; i++) {
        struct trace t = trace_split(buf_view(&b), S(""), THOUGHT_ABSENT, FINISH_STOP);
        enum verdict v = j->parse(&t, slice_of(nonce)).verdict;
        read += v == VERDICT_A || v == VERDICT_SCORE;
    }
    double took = us(from, rounds);
    must(read == rounds, "a judgment was not read");
    buf_free(&b);
    return took;
}

/* The slowest of the hostile texts, with and without tags before them. */
static double hostile(const struct judge *j, size_t bytes, const char **worst)
{
    static const char *const pieces[] = {"[[A]]",
                                         "[[",
                                         "<",
                                         "<answer>",
                                         "</answer>",
                                         "<answer_k3f9b2d>",
                                         "]]",
                                         "</think>",
                                         "<score_A>",
                                         "<score>7",
                                         "<score>7</score>",
                                         "<answer>[[A]]</answer>",
                                         "<plan>",
                                         "<execution>",
                                         "</execution>"};
    static const char *const begins[] = {"", "<think>", "<think>t</think><answer>",
                                         "<plan>p</plan>", "<answer_k3f9b2d>"};
    double most = 0;
    for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++)
        for (size_t at = 0; at < sizeof begins / sizeof begins[0]; at++)
            for (int marked = 0; marked < 2; marked++) {
                struct buf b;
                buf_init(&b, ROOM);
                buf_str(&b, begins[at]);
                fill(&b, pieces[p], bytes);
                uint64_t from = now_ns();
                struct trace t = trace_split(buf_view(&b), S(""), THOUGHT_ABSENT, FINISH_STOP);
                j->parse(&t, marked ? slice_of(nonce) : S(""));
                double took = us(from, 1);
                *worst = took > most ? pieces[p] : *worst;
                most = took > most ? took : most;
                buf_free(&b);
            }
    return most;
}

int main(int argc, char **argv)
{
    int64_t rounds = 20000;
    if (argc > 1)
        must(slice_i64(slice_of(argv[1]), &rounds) && rounds > 0 && rounds < 1000000000, "rounds?");
    int many = (int)rounds / MANY + 1;
    printf("%-15s %12s %12s %12s %12s %16s\n", "format", "render 4 kB", "per 4 kB of", "parse 4 kB",
           "per 4 kB of", "worst 1 MB");
    printf("%-15s %12s %12s %12s %12s %16s\n", "", "us", "256 kB, us", "us", "256 kB, us", "ms");
    for (const struct judge *const *j = judge_table; *j; j++) {
        const char *worst = "";
        double most = hostile(*j, 1 << 20, &worst);
        printf("%-15s %12.2f %12.2f %12.2f %12.2f %10.2f %s\n", (*j)->name,
               render(*j, TEXT, (int)rounds), render(*j, TEXT * MANY, many) / MANY,
               parse(*j, TEXT, (int)rounds), parse(*j, TEXT * MANY, many) / MANY, most / 1e3,
               worst);
    }
    return 0;
}
