/* released_rows: the rows of a release as JSON, read through its manifest. Include cmocka.h first.
 */
#ifndef TESTS_RELEASED_ROWS_H
#define TESTS_RELEASED_ROWS_H

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/lines.h"
#include "coordinator/exports/manifest.h"

#define RELEASED_MAX 4096

struct released_rows {
    struct {
        json *json;
        char split[65];
    } row[RELEASED_MAX];
    size_t n, files;
};

/* released_load(r, dir, format): all rows of a format in the order of its files. */
static inline void released_load(struct released_rows *r, const char *dir, const char *format)
{
    struct err e;
    struct manifest m;
    r->n = r->files = 0;
    manifest_init(&m);
    bool ok = manifest_read(&m, dir, &e);
    assert(ok);
    for (size_t i = 0; i < m.n_files; i++) {
        char path[1024];
        struct slice line;
        if (strcmp(m.files[i].format, format) != 0)
            continue;
        r->files++;
        snprintf(path, sizeof path, "%s/%s", dir, m.files[i].path);
        struct lines *lines = lines_open(path, 1 << 20, &e);
        assert(lines);
        while (lines_next(lines, &line, &e) == LINES_LINE) {
            assert(r->n < RELEASED_MAX);
            snprintf(r->row[r->n].split, sizeof r->row[0].split, "%s", m.files[i].split);
            r->row[r->n].json = json_parse(line, JSON_STRICT, &e);
            assert(r->row[r->n].json);
            r->n++;
        }
        lines_close(lines);
    }
    manifest_free(&m);
    (void)ok;
}

static inline void released_free(struct released_rows *r)
{
    for (size_t i = 0; i < r->n; i++)
        json_free(r->row[i].json);
    r->n = 0;
}

/* released_text(r, i, path): the string at "key", "key.key" or "key.0.key" of a row. */
static inline struct slice released_text(const struct released_rows *r, size_t i, const char *path)
{
    const json *node = r->row[i].json;
    struct slice rest = slice_of(path);
    while (rest.n) {
        struct slice part = slice_cut(rest, '.', &rest);
        char key[64];
        snprintf(key, sizeof key, SLICE_FMT, SLICE_ARG(part));
        if (json_type(node) == JSON_LIST) {
            int64_t at = 0;
            slice_i64(part, &at);
            node = json_first(node);
            while (node && at-- > 0)
                node = json_next(node);
        } else {
            node = json_get(node, key);
        }
        if (!node)
            return S("(absent)");
    }
    return json_type(node) == JSON_NUMBER ? json_number_text(node)
           : json_type(node) == JSON_BOOL ? (json_bool(node, false) ? S("true") : S("false"))
                                          : json_string(node);
}

/* released_expect(r, i, path, value): fails the test when the row holds something else there. */
static inline void released_expect(const struct released_rows *r, size_t i, const char *path,
                                   const char *value)
{
    struct slice got = i < r->n ? released_text(r, i, path) : S("(no such row)");
    if (!slice_is(got, value))
        fail_msg("row %zu, %s: '" SLICE_FMT "', not '%s'", i, path, SLICE_ARG(got), value);
}

#endif
