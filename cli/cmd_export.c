/* gavel export and gavel verify: releases. */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/opening.h"
#include "coordinator/exports/release.h"

int cmd_export(int argc, char **argv)
{
    struct args_strings sets = {.n = 0};
    const char *dir = NULL;
    const struct args_row rows[] = {
        {"out", 'o', ARGS_STRING, &dir, "DIR", "where to (default: export.dir of the project)"},
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel export PROJECT [options]",
        .about =
            "Writes a release: shards of every format, manifest.json and README.md. DIR becomes a "
            "symbolic link to it.\nThe same store gives the same bytes. Works while a run goes on. "
            "Exit 4 when a quality gate\n(reflection.flip_gap) keeps the release back.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, status;
    struct err e;
    struct opening o;
    struct release_report report = {0};
    if (!command_args(&command, argc, argv, &operands, &n, &status))
        return status;
    bool ok = opening_project(&o, operands[0], &sets, &e);
    if (ok && !dir && !o.project.export.dir[0])
        ok = err_set(&e, ERR_USAGE, "where to? give --out DIR, or set export.dir in %s",
                     o.project.file);
    ok = ok && opening_store(&o, STORE_READ, &e) &&
         release_write(o.store, &o.project, dir, &report, &e);
    if (ok) {
        printf("release %s: %" PRId64 " rows in %" PRId64 " file%s%s\n", report.path, report.rows,
               report.files, report.files == 1 ? "" : "s", report.unchanged ? " (unchanged)" : "");
        if (report.eval_rows)
            log_warn("%" PRId64 " rows come from evaluation sets: never train on them",
                     report.eval_rows);
    }
    status = ok ? EXIT_COMPLETE : command_fail(&e);
    if (report.gate)
        status = EXIT_GATE;
    opening_close(&o);
    return status;
}

static void print_problem(void *context, const char *sentence)
{
    (void)context;
    printf("%s\n", sentence);
}

int cmd_verify(int argc, char **argv)
{
    const struct args_row rows[] = {{0}};
    const struct args_command command = {
        .usage = "gavel verify DIR",
        .about = "Checks a release: every checksum, count and row, and that no group stands in two "
                 "splits. "
                 "Exit 4 when\nsomething is wrong with it.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, status;
    int64_t problems = 0;
    struct err e;
    if (!command_args(&command, argc, argv, &operands, &n, &status))
        return status;
    if (release_verify(operands[0], print_problem, NULL, &problems, &e)) {
        printf("%s: as its manifest says\n", operands[0]);
        return EXIT_COMPLETE;
    }
    if (!problems && e.code == ERR_NOTFOUND)
        err_set(&e, ERR_USAGE, "%s is no release: it has no manifest.json", operands[0]);
    if (!problems) { /* a manifest that is there and cannot be read is damage, too */
        int failed = command_fail(&e);
        return e.code == ERR_SYNTAX ? EXIT_GATE : failed;
    }
    printf("%s: %" PRId64 " problem%s\n", operands[0], problems, problems == 1 ? "" : "s");
    return EXIT_GATE;
}
