#include "filters/chain.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define MAX_FILTERS 256

struct hint {
    char text[128];
};

/* " (did you mean 'x'?)", or nothing. */
static struct hint hint(const char *name, const char *const *names, size_t n)
{
    struct hint h = {""};
    const char *near = text_nearest(slice_of(name), names, n);
    if (near)
        snprintf(h.text, sizeof h.text, " (did you mean '%s'?)", near);
    return h;
}

static bool unknown_filter(const struct conf_named *named, struct err *e)
{
    const char *names[MAX_FILTERS];
    size_t n = 0;
    struct buf all;
    buf_init(&all, 4096);
    for (; filter_table[n] && n < MAX_FILTERS; n++) {
        names[n] = filter_table[n]->name;
        buf_addf(&all, "%s%s", n ? ", " : "", names[n]);
    }
    err_set(e, ERR_USAGE, "filters: unknown filter '%s'%s; there are %s", named->name,
            hint(named->name, names, n).text, buf_cstr(&all));
    buf_free(&all);
    return false;
}

static bool unknown_option(const struct filter *f, const char *key, struct err *e)
{
    const char *names[FILTER_MAX_OPTIONS];
    size_t n = 0;
    struct buf all;
    buf_init(&all, 1024);
    for (; f->options[n].name; n++) {
        names[n] = f->options[n].name;
        buf_addf(&all, "%s%s", n ? ", " : "", names[n]);
    }
    err_set(e, ERR_USAGE, "filters: %s has no option '%s'%s; it has %s", f->name, key,
            hint(key, names, n).text, n ? buf_cstr(&all) : "none");
    buf_free(&all);
    return false;
}

static bool set_option(struct chain_link *link, const struct conf_option *option, struct err *e)
{
    const struct filter *f = link->filter;
    for (size_t i = 0; f->options[i].name; i++) {
        const struct filter_option *row = &f->options[i];
        double value;
        if (strcmp(row->name, option->key) != 0)
            continue;
        if (!slice_double(slice_of(option->value), &value))
            return err_set(e, ERR_USAGE, "filters: %s: %s must be a number, not '%s'", f->name,
                           row->name, option->value);
        if (value < row->min || value > row->max)
            return err_set(e, ERR_USAGE, "filters: %s: %s must be from %g to %g, not %s", f->name,
                           row->name, row->min, row->max, option->value);
        link->settings[i] = value;
        return true;
    }
    return unknown_option(f, option->key, e);
}

static bool add_link(struct chain *c, const struct conf_named *named, struct err *e)
{
    const struct filter *f = filter_find(named->name);
    if (!f)
        return unknown_filter(named, e);
    for (size_t i = 0; i < c->n; i++)
        if (c->links[i].filter == f)
            return err_set(e, ERR_USAGE, "filters: '%s' is there twice", f->name);
    if (c->n == CHAIN_MAX)
        return err_set(e, ERR_USAGE, "filters: at most %d are possible", CHAIN_MAX);
    struct chain_link *link = &c->links[c->n++];
    link->filter = f;
    for (size_t i = 0; f->options[i].name; i++) {
        assert(i < FILTER_MAX_OPTIONS);
        link->settings[i] = f->options[i].fallback;
    }
    for (size_t i = 0; i < named->n_options; i++)
        if (!set_option(link, &named->options[i], e))
            return false;
    return true;
}

static bool is_there(const struct chain *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->links[i].filter->name, name) == 0)
            return true;
    return false;
}

/* What the project's other settings imply. */
static bool add_implied(struct chain *c, const struct project *p, struct err *e)
{
    struct conf_option require = {"require", "1"};
    struct conf_named reflection = {.name = "reflection"}, told = {.name = "hint"};
    if (p->reflection.mode == REFLECT_NATURAL) {
        reflection.options = &require;
        reflection.n_options = 1;
    }
    if (p->reflection.mode != REFLECT_NONE && !is_there(c, "reflection") &&
        !add_link(c, &reflection, e))
        return false;
    return p->hint.share <= 0 || is_there(c, "hint") || add_link(c, &told, e);
}

bool chain_build(struct chain *c, const struct project *p, struct err *e)
{
    *c = (struct chain){0};
    const struct conf_named *items = p->filters.items;
    for (size_t i = 0; i < p->filters.n; i++)
        if (!add_link(c, &items[i], e))
            return false;
    return add_implied(c, p, e);
}

const char *chain_reject(const struct chain *c, const struct filter_view *view)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct chain_link *link = &c->links[i];
        if (link->filter->scope == FILTER_ROLLOUT && !link->filter->keep(link->settings, view))
            return link->filter->name;
    }
    return NULL;
}

bool chain_has_corpus(const struct chain *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->links[i].filter->scope == FILTER_CORPUS)
            return true;
    return false;
}
