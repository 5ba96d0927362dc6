/* gavel import: seeds only. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/blind_view.h"
#include "cli/command.h"
#include "cli/opening.h"
#include "coordinator/imports/intake.h"

enum { LINES_A_TRANSACTION = 10000 };

static bool import_all(struct opening *o, struct intake *i, struct err *e)
{
    enum intake_got got = INTAKE_MORE;
    struct err failure;
    while (got == INTAKE_MORE) {
        if (!store_begin(o->store, e))
            return false;
        got = intake_step(i, LINES_A_TRANSACTION, &failure);
        if (!store_commit(o->store, e))
            return false; /* the lines of this transaction are read again by the next import */
    }
    if (got == INTAKE_FAILED)
        *e = failure;
    return got == INTAKE_DONE;
}

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

static void print_report(const struct intake_report *r, bool as_json)
{
    if (as_json) {
        printf("{\"files\":%" PRId64 ",\"unchanged\":%" PRId64 ",\"lines\":%" PRId64
               ",\"added\":%" PRId64 ",\"known\":%" PRId64 ",\"pairs\":%" PRId64
               ",\"invalid\":%" PRId64 ",\"waiting\":%" PRId64,
               r->files, r->unchanged, r->lines, r->added, r->known, r->pairs, r->invalid,
               r->waiting);
        return;
    }
    printf("%" PRId64 " file%s (%" PRId64 " unchanged), %" PRId64 " line%s: %" PRId64
           " new seed%s with %" PRId64 " pair%s, %" PRId64 " known, %" PRId64 " in quarantine\n",
           r->files, plural(r->files), r->unchanged, r->lines, plural(r->lines), r->added,
           plural(r->added), r->pairs, plural(r->pairs), r->known, r->invalid);
    if (r->waiting)
        printf("%" PRId64 " without a pair: building pairs is not part of this version\n",
               r->waiting);
    if (r->invalid)
        printf("the first in quarantine: %s\nthe store's table `quarantine` has them all\n",
               r->first_bad);
}

int cmd_import(int argc, char **argv)
{
    struct args_strings sets = {.n = 0};
    bool as_json = false, no_baseline = false;
    const struct args_row rows[] = {
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {"json", 0, ARGS_FLAG, &as_json, NULL, "one JSON object instead of sentences"},
        {"no-baseline", 0, ARGS_FLAG, &no_baseline, NULL, "leave the prompt-blind baseline out"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel import PROJECT [FILE...]",
        .about =
            "Reads the project's seed files, or these (- is standard input), into the store. "
            "Idempotent by content.\nA bad line goes to quarantine with file, line and reason; the "
            "rest goes on.\nSays at the end, for each source, how far the winner can be guessed "
            "without reading the prompt.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = -1,
    };
    char **operands;
    int n, status;
    struct err e;
    struct opening o;
    struct intake *intake = NULL;
    if (!command_args(&command, argc, argv, &operands, &n, &status))
        return status;
    bool ok = opening_project(&o, operands[0], &sets, &e) && opening_store(&o, STORE_WRITE, &e);
    if (ok) {
        intake = intake_new(o.store, &o.project, (const char *const *)operands + 1, (size_t)(n - 1),
                            &e);
        ok = intake && import_all(&o, intake, &e);
    }
    if (intake)
        print_report(intake_report(intake), as_json);
    if (ok && !no_baseline)
        ok = blind_view_print(o.store, (uint64_t)o.project.rng_seed, as_json, &e);
    if (intake && as_json)
        printf("}\n");
    status = ok ? EXIT_COMPLETE : command_fail(&e);
    intake_free(intake);
    opening_close(&o);
    return status;
}
