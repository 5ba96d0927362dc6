/* scratch: a folder of its own for one test executable, removed with all it holds. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/files.h"

static char scratch_folder[256];

/* scratch_setup / scratch_teardown: for cmocka_run_group_tests. */
static inline int scratch_setup(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(scratch_folder, sizeof(scratch_folder), "%s/gavel-test-XXXXXX", base ? base : "/tmp");
    return mkdtemp(scratch_folder) ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
    (void)state;
    struct err e;
    return files_remove_tree(scratch_folder, &e) ? 0 : -1;
}

/* scratch_path(name): the path of a file in the folder; one of eight buffers in turn. */
static inline const char *scratch_path(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    int n = snprintf(path, sizeof(paths[0]), "%s/%s", scratch_folder, name);
    assert(n > 0 && n < (int)sizeof(paths[0]));
    return path;
}

/* scratch_write(name, content): the path of a new file with this content. */
static inline const char *scratch_write(const char *name, struct slice content)
{
    struct err e;
    const char *path = scratch_path(name);
    bool ok = files_write(path, content, &e);
    assert(ok);
    (void)ok;
    return path;
}

#endif
