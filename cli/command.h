/* command: one subcommand of `gavel` = one function in cmd_<name>.c, listed in main.c. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/args.h"
#include "base/err.h"

/* Exit statuses: scripts rely on them. */
enum {
    EXIT_COMPLETE = 0, /* deferred pairs are reported, not an error */
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,   /* wrong usage, project file or input */
    EXIT_STOPPED = 3, /* early but resumable: budget, deadline, signal, teacher gone */
    EXIT_GATE = 4,    /* a quality gate failed */
};

typedef int command_fn(int argc, char **argv); /* argv[0] is the subcommand's name */

command_fn cmd_check, cmd_coordinator, cmd_export, cmd_filters, cmd_import, cmd_init, cmd_preview,
    cmd_refilter, cmd_report, cmd_run, cmd_sample, cmd_show, cmd_status, cmd_tool, cmd_verify,
    cmd_worker;

/* command_args(c, argc, argv, operands, n): args_parse with its messages printed; true: go on,
 * false: leave with *exit_status (0 after --help). */
bool command_args(const struct args_command *c, int argc, char **argv, char ***operands, int *n,
                  int *exit_status);
/* command_fail(e): prints "gavel: text" on stderr, secrets hidden; the exit status that fits the
 * error's code. */
int command_fail(const struct err *e);

#endif
