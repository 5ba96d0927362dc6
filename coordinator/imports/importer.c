#include "coordinator/imports/importer.h"

#include <assert.h>
#include <string.h>

const struct importer *importer_find(const char *name)
{
    for (size_t i = 0; importer_table[i]; i++)
        if (strcmp(importer_table[i]->name, name) == 0)
            return importer_table[i];
    return NULL;
}

const struct importer *importer_detect(const json *line)
{
    const struct importer *best = NULL;
    int most = 0;
    for (size_t i = 0; importer_table[i]; i++) {
        int keys = importer_table[i]->detect(line);
        if (keys > most) {
            most = keys;
            best = importer_table[i];
        }
    }
    return best;
}

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    return h;
}

uint64_t importer_shape(const json *line)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const json *m = json_first(line); m; m = json_next(m)) {
        struct slice key = json_key(m);
        const json *first = json_first(m);
        unsigned char types[3] = {(unsigned char)json_type(m),
                                  first ? (unsigned char)json_type(first) : 0xff, 0};
        h = mix(h, key.p, key.n);
        h = mix(h, types, sizeof types);
    }
    return h;
}

const char *seed_reason_name(enum seed_reason v)
{
    static const char *const names[] = {
#define X(name, text, help) text,
        SEED_REASONS(X)
#undef X
    };
    assert((unsigned)v < SEED_REASON_COUNT);
    return names[v];
}

const char *seed_reason_help(enum seed_reason v)
{
    static const char *const helps[] = {
#define X(name, text, help) help,
        SEED_REASONS(X)
#undef X
    };
    assert((unsigned)v < SEED_REASON_COUNT);
    return helps[v];
}
