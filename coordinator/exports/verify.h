/* verify: checks a release against its manifest and against what every release promises. */
#ifndef EXPORTS_VERIFY_H
#define EXPORTS_VERIFY_H

#include <stdint.h>

#include "base/err.h"

/* verify_release(dir, problem, context, problems, e): see release_verify(). */
bool verify_release(const char *dir, void (*problem)(void *context, const char *sentence),
                    void *context, int64_t *problems, struct err *e);

#endif
