/* run_state: in which state a project's work is. */
#ifndef CLI_RUN_STATE_H
#define CLI_RUN_STATE_H

#include "coordinator/store/look.h"

/* run_state(held, run): "running" while a process holds the store for writing; otherwise how the
 * last run ended: "complete", "stopped" (resumable), "failed", "interrupted" (it never said), or
 * "new" when nothing has run. */
const char *run_state(bool held, const struct look_run *run);

#endif
