/* compare-answers with a command of the user's: comparisons overlap, lines stay in order. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/page.h"
#include "cli/tool_answers.h"
#include "coordinator/exec_checker.h"

#define WINDOW 256 /* lines that may be under way */
#define FLUSH_BYTES ((size_t)64 << 10)

/* A line under way, or one that waits for those before it. */
struct slot {
    bool done;
    bool extracted;
    struct buf candidate; /* with --extract: the answer, for the line out */
    struct buf line;      /* out, when it is done */
};

struct exec_run {
    const struct answers_way *way;
    struct loop *loop;
    struct exec_checker *checker;
    struct lines *lines;
    struct slot slots[WINDOW];
    uint64_t first, next; /* numbers of the lines under way: first is written next */
    bool ended;           /* standard input */
    struct buf out;
};

static struct slot *slot_of(struct exec_run *x, uint64_t number)
{
    return &x->slots[number % WINDOW];
}

static void settle(struct slot *s, const struct answer_result *r)
{
    struct slice candidate = buf_view(&s->candidate);
    answers_write(r, s->extracted ? &candidate : NULL, &s->line);
    s->done = true;
}

static void on_done(void *context, uint64_t id, const struct answer_result *r)
{
    settle(slot_of(context, id), r);
}

static void refuse(struct slot *s, const struct err *e)
{
    answers_refuse(e, &s->line);
    s->done = true;
}

static void take_line(struct exec_run *x, struct slice line)
{
    struct slot *s = slot_of(x, x->next);
    struct comparison c;
    struct answer_result r;
    struct err e;
    if (!comparison_read(x->way, line, &c, &e)) {
        refuse(s, &e);
    } else {
        s->extracted = x->way->extract && c.from.reason == ANSWER_FOUND;
        if (s->extracted)
            buf_slice(&s->candidate, c.candidate);
        if (comparison_settled(x->way, &c, &r))
            settle(s, &r);
        else if (!exec_checker_ask(x->checker, x->next, c.gold, c.candidate, c.prompt, &e))
            refuse(s, &e);
    }
    comparison_free(&c);
    x->next++;
}

static bool read_one(struct exec_run *x, struct err *e)
{
    struct slice line;
    struct err why;
    switch (lines_next(x->lines, &line, e)) {
    case LINES_LINE:
        take_line(x, line);
        return true;
    case LINES_LONG:
        tool_too_long(&why);
        refuse(slot_of(x, x->next++), &why);
        return true;
    case LINES_END:
        x->ended = true;
        return true;
    case LINES_ERROR:
        break;
    }
    return false;
}

static void write_ready(struct exec_run *x)
{
    while (x->first < x->next && slot_of(x, x->first)->done) {
        struct slot *s = slot_of(x, x->first++);
        buf_slice(&x->out, buf_view(&s->line));
        buf_clear(&s->line);
        buf_clear(&s->candidate);
        s->done = s->extracted = false;
    }
}

/* Reads while there is something to read; waits for the command only when there is nothing, and for
 * standard input only when the command has nothing to do. */
static bool run(struct exec_run *x, struct err *e)
{
    while (!x->ended || x->first < x->next) {
        bool busy = x->first < x->next, room = x->next - x->first < WINDOW;
        bool waits = !x->ended && lines_waits(x->lines);
        if ((x->out.n > FLUSH_BYTES || waits) && !page_flush(&x->out, e))
            return false;
        bool ok = !x->ended && room && !(busy && waits) ? read_one(x, e)
                                                        : loop_turn(x->loop, -1, e);
        if (!ok)
            return false;
        write_ready(x);
    }
    return true;
}

static bool open_all(struct exec_run *x, const struct answers_asked *asked, struct err *e)
{
    const struct exec_settings settings = {
        .command = asked->exec,
        .timeout = asked->exec_timeout,
        .workers = asked->exec_workers,
        .queue = WINDOW,
        .done = on_done,
        .context = x,
    };
    for (size_t i = 0; i < WINDOW; i++) {
        buf_init(&x->slots[i].candidate, ANSWER_MAX);
        buf_init(&x->slots[i].line, (size_t)1 << 20);
    }
    buf_init(&x->out, PAGE_MAX);
    x->loop = loop_new(e);
    x->checker = x->loop ? exec_checker_new(x->loop, &settings, e) : NULL;
    x->lines = x->checker ? lines_open("-", TOOL_LINE_MAX, e) : NULL;
    return x->lines != NULL;
}

int tool_exec(const struct answers_way *way, const struct answers_asked *asked)
{
    struct err e;
    struct exec_run *x = calloc(1, sizeof *x);
    if (!x) {
        err_set(&e, ERR_NOMEM, "out of memory");
        return command_fail(&e);
    }
    x->way = way;
    bool ok = open_all(x, asked, &e) && run(x, &e);
    exec_checker_free(x->checker);
    loop_free(x->loop);
    if (x->lines)
        lines_close(x->lines);
    int exit_status = page_end(&x->out, EXIT_COMPLETE);
    for (size_t i = 0; i < WINDOW; i++) {
        buf_free(&x->slots[i].candidate);
        buf_free(&x->slots[i].line);
    }
    free(x);
    return ok ? exit_status : command_fail(&e);
}
