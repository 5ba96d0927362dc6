/* gavel refilter: decides again from the ledger under the project's present rules; no calls. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/opening.h"
#include "coordinator/redecide.h"
#include "coordinator/relabel.h"

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

static void say(int64_t n, const char *what)
{
    if (n)
        printf("%" PRId64 " %s\n", n, what);
}

/* Nothing when the rules of building are what they were. */
static void print_labels(const struct relabel_report *r)
{
    if (!r->seeds)
        return;
    printf("%" PRId64 " sampled answers of %" PRId64 " prompts looked at, %" PRId64
           " are worth something else now\n",
           r->samples, r->seeds, r->changed);
    say(r->withdrawn, "pairs lost their label (label_withdrawn)");
    say(r->returned, "pairs have their label back");
    say(r->pairs, "pairs were built of stored answers: `gavel run` judges them");
    say(r->wanting, "prompts need more answers under these rules: `gavel run` asks for them");
    say(r->commanded, "prompts have answers that the command of answers.exec compares: `gavel run` "
                      "has it look at them again");
}

static bool refilter(struct opening *o, struct relabel_report *labels,
                     struct redecide_report *report, struct err *e)
{
    struct ledger_run run = {0};
    bool ok = ledger_begin_run(o->store, &o->project, &o->seats, S(""), &run, e);
    if (ok) {
        const struct relabel relabel = {
            .store = o->store, .project = &o->project, .seats = &o->seats, .run = &run};
        const struct redecide r = {.store = o->store,
                                   .project = &o->project,
                                   .chain = &o->chain,
                                   .run = run.run,
                                   .rules = run.rules.row,
                                   .seats = &o->seats,
                                   .recipes = run.recipes};
        ok = relabel_all(&relabel, labels, e) && redecide_all(&r, report, e) &&
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
            "Runs the filters and the acceptance rule again over all stored rollouts, checks again "
            "the answers that\npairs were built of, and says what changed. Makes no call.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, status;
    struct err e;
    struct opening o;
    struct relabel_report labels = {0};
    struct redecide_report report;
    if (!command_args(&command, argc, argv, &operands, &n, &status))
        return status;
    memset(&report, 0, sizeof report);
    bool ok = opening_project(&o, operands[0], &sets, &e) && opening_store(&o, STORE_WRITE, &e) &&
              refilter(&o, &labels, &report, &e);
    if (ok) {
        print_labels(&labels);
        print_report(&report);
    }
    status = ok ? EXIT_COMPLETE : command_fail(&e);
    opening_close(&o);
    return status;
}
