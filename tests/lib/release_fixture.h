/* release_fixture: a store of its own for each test, the folder it is exported to, and looks at
 * what lies there afterwards. */
#ifndef TESTS_RELEASE_FIXTURE_H
#define TESTS_RELEASE_FIXTURE_H

#include <sys/stat.h>

#include "coordinator/exports/release.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

static char out[512]; /* the folder of the test that runs */

static inline void begin(struct ledger_fixture *f, const char *yaml)
{
    static int n;
    struct err e;
    char name[32];
    snprintf(name, sizeof name, "release-%d.db", n);
    fixture_open(f, scratch_path(name), yaml);
    snprintf(name, sizeof name, "out-%d", n++);
    snprintf(out, sizeof out, "%s", scratch_path(name));
    fixture_must(store_begin(f->store, &e), &e);
}

static inline void add_pairs(struct ledger_fixture *f, int n, const char *verdicts)
{
    for (int i = 0; i < n; i++) {
        uint64_t row = fixture_add_pair(f, &(struct fixture_pair){0});
        fixture_judge(f, row, verdicts);
        fixture_decide(f, row, STATE_ACCEPTED, REASON_ACCEPTED);
    }
}

static inline void export_or_die(struct ledger_fixture *f, const char *dir,
                                 struct release_report *report)
{
    struct err e;
    fixture_must(release_write(f->store, &f->project, dir, report, &e), &e);
}

static inline void commit(struct ledger_fixture *f)
{
    struct err e;
    fixture_must(store_commit(f->store, &e), &e);
}

static inline void begin_again(struct ledger_fixture *f)
{
    struct err e;
    fixture_must(store_begin(f->store, &e), &e);
}

/* within(dir, name): "DIR/NAME"; one of four buffers in turn. */
static inline const char *within(const char *dir, const char *name)
{
    static char paths[4][2048];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static inline bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static inline struct slice read_whole(const char *path, struct buf *text)
{
    struct err e;
    buf_init(text, 16 << 20);
    fixture_must(files_read(path, text, &e), &e);
    return buf_view(text);
}

static inline bool holds(const char *path, const char *part)
{
    struct buf text;
    bool found = slice_find(read_whole(path, &text), slice_of(part)) != SIZE_MAX;
    buf_free(&text);
    return found;
}

static inline bool same_file(const char *a, const char *b)
{
    struct buf x, y;
    bool same = slice_eq(read_whole(a, &x), read_whole(b, &y));
    buf_free(&x);
    buf_free(&y);
    return same;
}

/* Nothing that begins with ".tmp-" may be left in DIR.releases or beside DIR. */
static inline int leftovers(const char *dir)
{
    int n = 0;
    struct arena a;
    char **paths;
    size_t found = 0;
    struct err ignored;
    char pattern[1024];
    arena_init(&a, 1 << 20);
    snprintf(pattern, sizeof pattern, "%s*/.tmp-*", dir);
    if (files_glob(&a, pattern, &paths, &found, &ignored))
        n += (int)found;
    snprintf(pattern, sizeof pattern, "%s.tmp-*", dir);
    if (files_glob(&a, pattern, &paths, &found, &ignored))
        n += (int)found;
    arena_free(&a);
    return n;
}

static inline void ignore_problem(void *context, const char *sentence)
{
    (void)context;
    (void)sentence;
}

static inline bool verifies(const char *dir)
{
    struct err e;
    int64_t problems;
    return release_verify(dir, ignore_problem, NULL, &problems, &e) && problems == 0;
}

#endif
