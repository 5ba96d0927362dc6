/* gavel worker: one worker process. `gavel run` starts its local ones through this command, too. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/command.h"
#include "worker/worker.h"

int cmd_worker(int argc, char **argv)
{
    int64_t slots = 256, parent = 0;
    double give_up = 900;
    const char *spool = NULL;
    const struct args_row rows[] = {
        {"slots", 0, ARGS_INT, &slots, "N", "calls in flight (default 256)"},
        {"give-up", 0, ARGS_DOUBLE, &give_up, "SECONDS",
         "end when the coordinator was silent for so long (default 900)"},
        {"spool", 0, ARGS_STRING, &spool, "DIR",
         "folder for finished answers until they are acknowledged"},
        {"parent", 0, ARGS_INT, &parent, "PID", "end when this process ends (used by gavel run)"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel worker ENDPOINT [options]",
        .about =
            "Calls the teacher for the coordinator at ENDPOINT (tcp://host:port or ipc://path). It "
            "holds nothing\nbut answers that are not acknowledged yet; any number may come and go. "
            "The "
            "teacher's key is read\nfrom the environment of this process. Ctrl-C: finishes its "
            "calls "
            "and leaves; twice: stops now.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands, why[700] = "";
    int n, status;
    struct err e;
    if (!command_args(&command, argc, argv, &operands, &n, &status))
        return status;
    if (slots < 1 || slots > 16384) {
        err_set(&e, ERR_USAGE, "--slots must lie between 1 and 16384");
        return command_fail(&e);
    }
    if (strncmp(operands[0], "tcp://", 6) != 0 && strncmp(operands[0], "ipc://", 6) != 0) {
        err_set(&e, ERR_USAGE, "'%s' is no address; the coordinator says it, e.g. %s", operands[0],
                "tcp://host:5555");
        return command_fail(&e);
    }
    log_setup("worker", LOG_INFO);
    const struct worker_options options = {.endpoint = operands[0],
                                           .slots = (uint32_t)slots,
                                           .parent = (uint32_t)parent,
                                           .spool = spool,
                                           .give_up_after = give_up};
    switch (worker_run(&options, why, sizeof why, &e)) {
    case WORKER_DONE:
        if (!parent)
            log_info("%s", why);
        return EXIT_COMPLETE;
    case WORKER_REFUSED:
        log_error("%s", why);
        return EXIT_USAGE;
    case WORKER_ALONE:
        log_error("%s", why);
        return EXIT_STOPPED;
    case WORKER_FAILED:
        break;
    }
    return command_fail(&e);
}
