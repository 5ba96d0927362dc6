/*
 * importer: one input format = one file importer_<name>.c ending in one `const struct importer`. It
 * says what a record of the format holds: prompt, answers, who prefers which and how we know.
 * Which pairs come of it is decided in one place for all of them (pairing.h).
 */
#ifndef IMPORTS_IMPORTER_H
#define IMPORTS_IMPORTER_H

#include "schemas/chat.h"
#include "schemas/types.h"

#define SEED_MAX_RESPONSES 128
#define SEED_MAX_PAIRS 256
#define IMPORTER_GROUP_MAX 64 /* lines that are one record */

/* Why a record gives no pair. Every record that gives none is counted under one of these. */
#define SEED_REASONS(X)                                                            \
    X(PAIRED, "", "it gives a pair")                                               \
    X(PROMPT_ONLY, "prompt_only", "a prompt without a label")                      \
    X(ANSWER_ONLY, "answer_only", "a prompt with its verifiable answer")           \
    X(TIE, "tie", "its answers are called equally good")                           \
    X(BOTH_BAD, "both_bad", "its answers are called equally bad")                  \
    X(LOW_MARGIN, "low_margin", "the difference is below import.min_margin")       \
    X(ANNOTATORS, "annotators_disagree", "its annotators do not agree enough")     \
    X(ONE_SIDED, "one_sided", "its answers are all right, or all wrong")           \
    X(IDENTICAL, "identical", "the better and the worse answer are the same text") \
    X(MODERATED, "moderated", "it is flagged, and import.moderated says skip")     \
    X(JOINED, "joined", "a line that belongs to the record of the line before it")

enum seed_reason {
#define X(name, text, help) SEED_##name,
    SEED_REASONS(X)
#undef X
        SEED_REASON_COUNT
};

/* What the record says about its answers. */
enum seed_label {
    LABEL_NONE,    /* nothing: it is a prompt */
    LABEL_RANKED,  /* `rank` says which is better */
    LABEL_CHECKED, /* rank 0 is right and rank 1 wrong */
    LABEL_TIE,
    LABEL_BOTH_BAD,
};

struct seed_response {
    struct chat chat;
    struct slice author; /* model or person; empty: unknown */
    struct slice note;   /* which variant it is, e.g. "concise"; empty: none */
    int rank;            /* 0: best; equal ranks are allowed */
    bool scored;
    double score; /* when scored: larger is better */
};

struct seed_pair {
    size_t chosen, rejected; /* indexes into responses */
    struct slice evidence;   /* JSON object: how we know */
};

/* One input record, as understood. Lives in the arena it was read into. Unknown texts are empty. */
struct seed_record {
    struct slice name; /* the user's own id */
    struct slice group, domain, source, language;
    struct slice eval_set; /* the evaluation set it is part of, e.g. "GSM8K test" */
    struct slice answer, reference, rubric;
    struct slice answer_kind; /* enum answer_kind; empty: the project's */
    struct slice meta;        /* JSON */
    struct chat prompt;
    struct seed_response responses[SEED_MAX_RESPONSES];
    size_t n_responses;

    enum seed_label label;
    bool has_margin;
    double margin;                     /* of the two answers, when they have no scores */
    unsigned votes, agreed, undecided; /* annotators; those for this label, for a tie; 0: unknown */
    bool has_overall;                  /* the label is the data set's own, whatever the votes say */
    bool moderated;                    /* flagged by a moderation */
    const char *kind;     /* of the evidence, e.g. "votes"; NULL: the record only declares it */
    struct slice details; /* JSON object of what else the evidence must say */

    struct seed_pair pairs[SEED_MAX_PAIRS]; /* filled by pairing, or by an importer that chooses */
    size_t n_pairs;
    size_t left_out;         /* pairs over import.max_pairs or under import.min_margin */
    enum seed_reason reason; /* when there is no pair */
    bool skip;               /* it is not to be stored at all */
    enum trust trust;
    bool trust_given; /* the line itself says */
    bool trust_known; /* the importer says so of this record; weaker than the project's word */
    size_t rows;      /* lines it was read from */
};

struct importer_case {
    const char *line;  /* of a format with groups: several, each ended by LF but the last */
    size_t pairs;      /* that come of it */
    const char *error; /* a part of the message when the line is refused; NULL: it is fine */
    const char *why;
    enum seed_reason reason; /* when no pair comes of it; PAIRED: whichever */
    bool by_name;            /* `auto` takes it for another format, or for none */
};

/* Rows of a `cases` table: the line last. By name: `auto` would not take the line for this format.
 */
#define CASE_PAIRS(n, about, text)             \
    {                                          \
        .line = text, .pairs = n, .why = about \
    }
#define CASE_NONE(because, about, text)               \
    {                                                 \
        .line = text, .reason = because, .why = about \
    }
#define CASE_BAD(message, about, text)               \
    {                                                \
        .line = text, .error = message, .why = about \
    }
#define CASE_PAIRS_BY_NAME(n, about, text)                      \
    {                                                           \
        .line = text, .pairs = n, .why = about, .by_name = true \
    }
#define CASE_BAD_BY_NAME(message, about, text)                        \
    {                                                                 \
        .line = text, .error = message, .why = about, .by_name = true \
    }

/* The same with the line as JSON is written: JSON_PAIRS(1, "strings", {"prompt": "q"}). */
#define JSON_PAIRS(n, about, ...) CASE_PAIRS(n, about, #__VA_ARGS__)
#define JSON_NONE(because, about, ...) CASE_NONE(because, about, #__VA_ARGS__)
#define JSON_BAD(message, about, ...) CASE_BAD(message, about, #__VA_ARGS__)
#define JSON_BAD_BY_NAME(message, about, ...) CASE_BAD_BY_NAME(message, about, #__VA_ARGS__)
#define JSON_PAIRS_BY_NAME(n, about, ...) CASE_PAIRS_BY_NAME(n, about, #__VA_ARGS__)

/* Lines that are one record only together, e.g. two scored answers to one prompt. */
struct importer_group {
    /* key(line, h): what the lines of one record have in common. */
    void (*key)(const json *line, struct hash *h);
    size_t max;  /* lines of one record, at most IMPORTER_GROUP_MAX */
    size_t open; /* records that are waited for at once; 1: their lines stand one after another */
    int parts;   /* records that may come of one group */
    /* read(lines, n, part, record, arena, e): fills the record and its `rows`: how many of the
     * lines it is made of; 0: there is no such part. `lead` gets the index of its first line. */
    bool (*read)(const json *const *lines, size_t n, int part, struct seed_record *record,
                 size_t *lead, struct arena *arena, struct err *e);
};

struct importer {
    const char *name;
    const char *help;
    const char
        *test_set;    /* evaluation set that a file called "test" of this format is; NULL: none */
    enum trust trust; /* of pairs whose line says nothing */
    /* detect(line): 0: not this format; else how many of its keys say so: `auto` takes the
     * importer with most. It must look at nothing but keys, the types of their values, and the
     * type of the first item of a list. */
    int (*detect)(const json *line);
    /* read(line, record, arena, e): false with a sentence naming the key that is wrong. NULL: the
     * format has groups of lines. */
    bool (*read)(const json *line, struct seed_record *record, struct arena *arena, struct err *e);
    const struct importer_group *group; /* NULL: each line is a record */
    const struct importer_case *cases;
    size_t n_cases;
};

extern const struct importer
    *const importer_table[]; /* sorted by name, NULL at the end; made by the build */

/* importer_find(name): NULL when there is none. */
const struct importer *importer_find(const char *name);
/* importer_detect(line): the importer that recognises most of the line's keys, NULL: none. */
const struct importer *importer_detect(const json *line);
/* importer_shape(line): a hash of all that detection may look at. */
uint64_t importer_shape(const json *line);
/* seed_reason_name(v): "" for PAIRED. seed_reason_help(v): what it means, in words. */
const char *seed_reason_name(enum seed_reason v);
const char *seed_reason_help(enum seed_reason v);

#endif
