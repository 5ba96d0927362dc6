#include "cli/run_state.h"

#include "cli/command.h"

const char *run_state(bool held, const struct look_run *run)
{
    if (held)
        return "running";
    if (run->run == 0)
        return "new";
    if (run->ended_ms == 0)
        return "interrupted";
    return run->exit_status == EXIT_COMPLETE  ? "complete"
           : run->exit_status == EXIT_STOPPED ? "stopped"
                                              : "failed";
}
