#include "coordinator/check_desk.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* uthash would call exit() */
#include <uthash.h>

#include "coordinator/exec_checker.h"

struct item {
    uint64_t id;
    struct check_order order;
    struct item *next; /* in the queue of those that were not asked yet */
    UT_hash_handle hh; /* in the table of those that were */
    char texts[];
};

struct check_desk {
    struct exec_checker *command;
    check_done_fn *done;
    void *context;
    uint64_t ids;
    struct item *asked;
    struct item *first, *last; /* not asked yet */
};

/* Asks for as many as the command holds. */
static void ask_more(struct check_desk *d)
{
    struct err ignored;
    while (d->first) {
        struct item *x = d->first;
        const struct check_order *o = &x->order;
        HASH_ADD(hh, d->asked, id, sizeof x->id, x);
        if (!x->hh.tbl)
            return; /* without memory: with the next one that is done */
        if (!exec_checker_ask(d->command, x->id, o->gold, o->final, o->prompt, &ignored)) {
            HASH_DEL(d->asked, x);
            return; /* it has enough for now */
        }
        d->first = x->next;
        if (!d->first)
            d->last = NULL;
    }
}

static void is_done(void *context, uint64_t id, const struct answer_result *result)
{
    struct check_desk *d = context;
    struct item *x = NULL;
    HASH_FIND(hh, d->asked, &id, sizeof id, x);
    if (!x)
        return;
    HASH_DEL(d->asked, x);
    if (!check_desk_hopeless(d))
        d->done(d->context, &x->order, result);
    free(x);
    ask_more(d);
}

struct check_desk *check_desk_new(struct loop *loop, const struct project *p, check_done_fn *done,
                                  void *context, struct err *e)
{
    struct check_desk *d = calloc(1, sizeof *d);
    if (!d) {
        err_set(e, ERR_NOMEM, "out of memory");
        return NULL;
    }
    d->done = done;
    d->context = context;
    const struct exec_settings settings = exec_settings_of(p, is_done, d);
    d->command = exec_checker_new(loop, &settings, e);
    if (d->command)
        return d;
    free(d);
    return NULL;
}

void check_desk_free(struct check_desk *d)
{
    if (!d)
        return;
    exec_checker_free(d->command);
    struct item *x, *following;
    HASH_ITER(hh, d->asked, x, following)
    {
        HASH_DEL(d->asked, x);
        free(x);
    }
    while ((x = d->first) != NULL) {
        d->first = x->next;
        free(x);
    }
    free(d);
}

static struct slice copy_text(char **at, struct slice text)
{
    struct slice copy = {*at, text.n};
    if (text.n)
        memcpy(*at, text.p, text.n);
    *at += text.n;
    return copy;
}

bool check_desk_put(struct check_desk *d, const struct check_order *order, struct err *e)
{
    struct item *x = malloc(sizeof *x + order->final.n + order->gold.n + order->prompt.n);
    if (!x)
        return err_set(e, ERR_NOMEM, "out of memory");
    char *at = x->texts;
    *x = (struct item){.id = d->ids++, .order = *order};
    x->order.final = copy_text(&at, order->final);
    x->order.gold = copy_text(&at, order->gold);
    x->order.prompt = copy_text(&at, order->prompt);
    if (d->last)
        d->last->next = x;
    else
        d->first = x;
    d->last = x;
    ask_more(d);
    return true;
}

bool check_desk_hopeless(const struct check_desk *d)
{
    return exec_checker_hopeless(d->command);
}
