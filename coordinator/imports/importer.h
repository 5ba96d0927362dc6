/*
 * importer: one input format = one file importer_<name>.c ending in one `const struct importer`. It
 * turns one JSON line into a seed record, or into an error that says what is wrong with the line.
 */
#ifndef IMPORTS_IMPORTER_H
#define IMPORTS_IMPORTER_H

#include "schemas/chat.h"
#include "schemas/types.h"

#define SEED_MAX_RESPONSES 64

struct seed_response {
    struct chat chat;
    struct slice author; /* model or person; empty: unknown */
    int rank;            /* 0: best; equal ranks are allowed */
};

/* One input record, as understood. Lives in the arena it was read into. Unknown texts are empty. */
struct seed_record {
    struct slice name; /* the user's own id */
    struct slice group, domain, source, language;
    struct slice eval_set; /* the evaluation set it is part of, e.g. "GSM8K test" */
    struct slice answer, reference, rubric;
    struct slice meta; /* JSON */
    struct chat prompt;
    struct seed_response responses[SEED_MAX_RESPONSES];
    size_t n_responses;
    bool has_pair;
    size_t chosen, rejected; /* indexes into responses, when has_pair */
    enum trust trust;
    bool trust_given;      /* the line itself says */
    struct slice evidence; /* JSON object: how we know */
};

struct importer_case {
    const char *line;
    bool pair;         /* whether a pair comes of it */
    const char *error; /* a part of the message when the line is refused; NULL: it is fine */
    const char *why;
};

struct importer {
    const char *name;
    const char *help;
    enum trust trust; /* of pairs whose line says nothing */
    /* detect(line): whether an object has the keys of this format; `auto` takes the first that says
     * so. */
    bool (*detect)(const json *line);
    /* read(line, record, arena, e): false with a sentence naming the key that is wrong. */
    bool (*read)(const json *line, struct seed_record *record, struct arena *arena, struct err *e);
    const struct importer_case *cases;
    size_t n_cases;
};

extern const struct importer
    *const importer_table[]; /* sorted by name, NULL at the end; made by the build */

/* importer_find(name): NULL when there is none. */
const struct importer *importer_find(const char *name);
/* importer_detect(line): the first importer that recognises the line, NULL: none. */
const struct importer *importer_detect(const json *line);

#endif
