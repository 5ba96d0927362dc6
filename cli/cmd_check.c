/* gavel check: is the project right, can its endpoints do what it asks for, and what will a run
 * take? */
#include "base/text.h"
#include "cli/command.h"
#include "cli/page.h"
#include "cli/plan.h"
#include "cli/probe_view.h"
#include "cli/reading.h"
#include "cli/terms_view.h"
#include "coordinator/exports/release.h"

struct check {
    struct opening opening;
    struct plan plan;
    bool offline;
    struct probe probes[ENDPOINT_MAX];
    size_t silent;       /* endpoints that do not answer */
    bool serves;         /* those that answer can do what the project asks for */
    struct err unserved; /* what they cannot */
    struct buf out;
};

static void write_json(struct check *c)
{
    const struct project *p = &c->opening.project;
    const struct project_endpoint *endpoints = p->endpoints.items;
    struct jsonw w = jsonw_to(&c->out);
    jsonw_object(&w);
    jsonw_kstr(&w, "project", p->file);
    jsonw_kstr(&w, "name", p->name);
    jsonw_kstr(&w, "store", c->opening.store_path);
    terms_view_json(&w, p, &c->opening.seats, &c->opening.chain);
    plan_json(&w, &c->plan);
    jsonw_kbool(&w, "probed", !c->offline);
    jsonw_key(&w, "endpoints");
    jsonw_list(&w);
    for (size_t i = 0; !c->offline && i < p->endpoints.n; i++)
        probe_view_json(&w, &endpoints[i], &c->probes[i]);
    jsonw_end_list(&w);
    jsonw_kstr(&w, "unserved", c->serves ? "" : c->unserved.text);
    jsonw_end_object(&w);
    buf_char(&c->out, '\n');
}

static void write_text(struct check *c)
{
    const struct project *p = &c->opening.project;
    const struct project_endpoint *endpoints = p->endpoints.items;
    text_quote(&c->out, slice_of(p->file), 300);
    buf_str(&c->out, ": all keys are right\n");
    terms_view_text(&c->out, p, &c->opening.seats, &c->opening.chain);
    plan_text(&c->out, &c->plan);
    buf_str(&c->out, c->offline ? "\nendpoints: not asked (--offline)\n" : "\nendpoints\n");
    for (size_t i = 0; !c->offline && i < p->endpoints.n; i++)
        probe_view_text(&c->out, &endpoints[i], &c->probes[i]);
}

static bool check(struct check *c, const char *path, const struct args_strings *sets, struct err *e)
{
    const struct project *p = &c->opening.project;
    if (!reading_open(&c->opening, path, sets, e) && e->code != ERR_NOTFOUND)
        return false;
    if (!release_check(p, e) || !plan_read(&c->plan, &c->opening, e) ||
        (!c->offline && !probe_all(p, c->probes, e)))
        return false;
    for (size_t i = 0; !c->offline && i < p->endpoints.n; i++)
        c->silent += !c->probes[i].ok;
    c->serves = c->offline || probe_settle(&c->opening.project, c->probes, &c->unserved);
    return true;
}

int cmd_check(int argc, char **argv)
{
    static struct check c;
    bool as_json = false;
    struct args_strings sets = {0};
    const struct args_row rows[] = {
        {"offline", 0, ARGS_FLAG, &c.offline, NULL, "do not ask the endpoints"},
        {"json", 0, ARGS_FLAG, &as_json, NULL, "one JSON object"},
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel check PROJECT [--offline] [--set KEY=VALUE]...",
        .about =
            "Reads the project file, counts the seeds, finds out by at most ten small calls what "
            "each endpoint can do,\nand forecasts calls, tokens, cost and time. Changes nothing. "
            "Exit status 2: the project is wrong or asks\nfor what an endpoint cannot do; 3: an "
            "endpoint does not answer.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, exit_status;
    struct err e;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    buf_init(&c.out, PAGE_MAX);
    bool ok = check(&c, operands[0], &sets, &e);
    exit_status = ok ? EXIT_COMPLETE : command_fail(&e);
    if (ok && as_json)
        write_json(&c);
    else if (ok)
        write_text(&c);
    opening_close(&c.opening);
    exit_status = page_end(&c.out, exit_status);
    if (exit_status != EXIT_COMPLETE || (c.serves && !c.silent))
        return exit_status;
    if (!c.serves)
        return command_fail(&c.unserved);
    err_set(&e, ERR_IO, "%zu of the endpoints do%s not answer; see above", c.silent,
            c.silent == 1 ? "es" : "");
    command_fail(&e);
    return EXIT_STOPPED;
}
