/* gavel refilter: decides again from the ledger under the project's present rules; no calls. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/opening.h"
#include "coordinator/redecide.h"

static void print_report(const struct redecide_report *r)
{
    printf("%" PRId64 " rollouts looked at, the filter's word changed for %" PRId64 "\n",
           r->rollouts, r->refiltered);
    bool any = false;
    for (int from = 0; from < STATE_COUNT; from++) {
        for (int to = 0; to < STATE_COUNT; to++) {
            if (!r->moved[from][to])
                continue;
            any = true;
            printf("%" PRId64 " of %" PRId64 " pairs: %s -> %s\n", r->moved[from][to], r->pairs,
                   state_name((enum pair_state)from), state_name((enum pair_state)to));
        }
    }
    if (!any)
        printf("nothing changes for the %" PRId64 " pairs with judgments\n", r->pairs);
    int64_t open = r->moved[STATE_ACCEPTED][STATE_OPEN] + r->moved[STATE_REJECTED][STATE_OPEN];
    if (open)
        printf("%" PRId64 " pairs need more rollouts under these rules: `gavel run` makes them\n",
               open);
}

static bool refilter(struct opening *o, struct redecide_report *report, struct err *e)
{
    struct ledger_run run = {0};
    bool ok = ledger_begin_run(o->store, &o->project, &o->seats, S(""), &run, e);
    if (ok) {
        const struct redecide r = {.store = o->store,
                                   .project = &o->project,
                                   .chain = &o->chain,
                                   .run = run.run,
                                   .rules = run.rules.row,
                                   .seats = &o->seats,
                                   .recipes = run.recipes};
        ok = redecide_all(&r, report, e) &&
             ledger_end_run(o->store, run.run, EXIT_COMPLETE, "refilter: complete", e);
    }
    ledger_free_run(&run);
    return ok;
}

int cmd_refilter(int argc, char **argv)
{
    struct args_strings sets = {.n = 0};
    const struct args_row rows[] = {
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel refilter PROJECT [options]",
        .about =
            "Runs the filters and the acceptance rule again over all stored rollouts and says what "
            "changed.\nMakes no call.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, status;
    struct err e;
    struct opening o;
    struct redecide_report report;
    if (!command_args(&command, argc, argv, &operands, &n, &status))
        return status;
    memset(&report, 0, sizeof report);
    bool ok = opening_project(&o, operands[0], &sets, &e) && opening_store(&o, STORE_WRITE, &e) &&
              refilter(&o, &report, &e);
    if (ok)
        print_report(&report);
    status = ok ? EXIT_COMPLETE : command_fail(&e);
    opening_close(&o);
    return status;
}
