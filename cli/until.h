/* until: reads the deadline of `--until`. */
#ifndef CLI_UNTIL_H
#define CLI_UNTIL_H

#include <stdint.h>

#include "base/err.h"

/* until_parse(text, now_wall_ms, at, e): "+90s", "+30m", "+2h"; "07:30" (the next time the local
 * clock shows it); "2026-11-23T07:30" or "2026-11-23T07:30:00" (local). ERR_USAGE otherwise, also
 * for a time that has passed. */
bool until_parse(const char *text, int64_t now_wall_ms, int64_t *at, struct err *e);

#endif
