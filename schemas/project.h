/*
 * project: the project file as a struct. The option rows in project_rows.c are its only definition:
 * keys, defaults, bounds, help and the fingerprint each key belongs to come from there.
 */
#ifndef SCHEMAS_PROJECT_H
#define SCHEMAS_PROJECT_H

#include "base/conf.h"
#include "schemas/types.h"

enum { PURPOSE_TRAIN, PURPOSE_EVALUATE };
enum { STOP_EARLY, STOP_FULL, STOP_ADAPTIVE };
enum { KEEP_RANDOM, KEEP_FIRST, KEEP_SHORTEST, KEEP_LONGEST };
enum { REDRAW_UNDECIDED, REDRAW_ALL };
enum { PICK_RANDOM, PICK_CLOSEST_LENGTH, PICK_FREQUENT_WRONG };
enum { RIGHT_BY_STRICT, RIGHT_BY_RULES };
enum { RULE_K_OF_N, RULE_MAJORITY, RULE_SHARE, RULE_MEAN_SCORE };
enum { ROLE_TEACHER, ROLE_GENERATOR, ROLE_STUDENT, ROLE_CHECKER };
enum {
    REFLECT_NONE,
    REFLECT_NATURAL,
    REFLECT_WAIT,
    REFLECT_WRONG_TO_RIGHT,
    REFLECT_RIGHT_TO_RIGHT,
    REFLECT_MIXED
};
enum { UNPAIRED_KEEP, UNPAIRED_SKIP };
enum { ANNOTATORS_OVERALL, ANNOTATORS_MAJORITY, ANNOTATORS_UNANIMOUS };
enum { RANKING_BEST_VS_REST, RANKING_BEST_VS_WORST, RANKING_ADJACENT, RANKING_ALL };
/* How a final answer is checked; AUTO: as math, unless the seed says its kind. */
#define ANSWER_KINDS(X) \
    X(AUTO, "auto")     \
    X(MATH, "math")     \
    X(NUMBER, "number") \
    X(CHOICE, "choice") \
    X(TEXT, "text")     \
    X(REGEX, "regex")   \
    X(EXEC, "exec")
enum answer_kind {
#define X(name, text) ANSWER_KIND_##name,
    ANSWER_KINDS(X)
#undef X
        ANSWER_KIND_COUNT
};
const char *answer_kind_name(enum answer_kind kind);
bool answer_kind_parse(struct slice name, enum answer_kind *kind);

/* Where a final answer is looked for in a text (filters/answers/extract.h). */
#define EXTRACT_STYLES(X)         \
    X(AUTO, "auto")               \
    X(BOXED, "boxed")             \
    X(HASHES, "hashes")           \
    X(ANSWER_LINE, "answer_line") \
    X(LAST_NUMBER, "last_number")
enum extract_style {
#define X(name, text) EXTRACT_##name,
    EXTRACT_STYLES(X)
#undef X
        EXTRACT_STYLE_COUNT
};
enum { SPLIT_MAX = 8, ENDPOINT_MAX = 64, QUOTA_MAX = 64, TEMPLATE_MAX = 64, CUE_MAX = 32 };

/* Fingerprint parts of option rows: what shapes a request, and how results are decided on. */
#define PART_RECIPE 'r'
#define PART_RULES 'u'
/* Likewise for the building of pairs: what shapes a generator's request, and how pairs are made of
 * what it wrote. */
#define PART_WRITING 'w'
#define PART_BUILDING 'b'

/* What becomes of records that do not say which answer is better, or say more than one pair. */
struct project_import {
    int ties, both_bad, moderated; /* UNPAIRED_*: kept as seeds without a pair, or not stored */
    int annotators;                /* ANNOTATORS_*: how many must agree */
    int ranking;                   /* RANKING_*: which pairs of a ranking are taken */
    double min_margin;             /* in the data set's own units */
    int64_t max_pairs;             /* of one record */
};

struct project_seeds {
    const char *path; /* glob, or "-" */
    const char *format;
    const char *trust;    /* "" : what the importer or the line says */
    const char *eval_set; /* "" : what the importer says */
};

struct project_endpoint {
    int role;
    const char *url;
    const char *model;
    const char *api_key_env;
    const char *api_key_file;
    int64_t max_in_flight;
    int continuation; /* enum continuation; AUTO until the probe has found out */
    double price_prompt, price_completion; /* US dollars per million tokens */
};

/* A prompt of the user's own in place of a format's. */
struct project_template {
    int format;           /* enum format */
    const char *language; /* of the seeds it is for; "": all that have no own one */
    const char *path;     /* the file it was read from; "" once `text` is filled */
    const char *text;
};

struct project_judge {
    int format;                 /* enum format */
    struct conf_list mix;       /* struct conf_share by format name; empty: `format` alone */
    struct conf_list templates; /* struct project_template */
    bool nonce;
};

/* 0 and 0: as `accept` says. */
struct project_bar {
    int64_t k, n;
};

struct project_quota {
    const char *domain, *source, *trust; /* "": any */
    double pass_from, pass_to;           /* share of correct rollouts, both orders together */
    int64_t accepted;                    /* pairs of this kind that are enough */
};

struct project_reflection {
    int mode; /* REFLECT_* */
    double share;
    int64_t rounds;
    struct conf_list cues;          /* const char *; empty: the built-in ones */
    int64_t min_tokens, max_tokens; /* of the thought; 0: no bound */
    struct conf_list proportions;   /* struct conf_share: natural, right_to_right, wrong_to_right */
    double flip_gap;                /* gate; 0: none */
};

struct project_hint {
    double share; /* of the accepted pairs; 0: no second pass */
    int64_t k, n;
};

struct project_checker {
    bool claims; /* a claim it finds wrong rejects the trace */
};

/* How answers are checked against the known one; see struct answer_rules for what the rules mean.
 */
struct project_answers {
    int kind;           /* enum answer_kind */
    int percent, units; /* ANSWER_PERCENT_*, ANSWER_UNITS_* */
    double relative, absolute;
    bool ratios, words, fold_case;
    int right_by;        /* RIGHT_BY_* */
    int extract;         /* enum extract_style */
    const char *exec;    /* the command of kind exec, for /bin/sh -c; "": none */
    double exec_timeout; /* seconds for one comparison */
    int64_t exec_workers;
};

struct project_generation {
    int64_t max_tokens;
    int64_t per_request; /* rollouts asked for with one request */
    bool stream;
    bool send_seed;
    double temperature, top_p;
    bool temperature_given, top_p_given;
    int64_t top_k;
    bool top_k_given;
    const char *extra; /* JSON object merged into the request; "" for none */
};

/* How pairs are built of seeds that come without one (coordinator/builder.h). */
struct project_build {
    bool verifiable, open;           /* whether, for prompts with and without a known answer */
    int64_t samples;                 /* answers to a prompt with a known answer, at most */
    int64_t right, wrong;            /* checked answers that are enough */
    int64_t pairs;                   /* of one prompt, at most */
    int pick;                        /* PICK_* */
    struct conf_list temperatures;   /* const char *, numbers; sample k has the (k mod n)-th */
    int64_t max_tokens;              /* of an answer; 0: generation.max_tokens */
    const char *instruction;         /* said after a prompt with a known answer; "": nothing */
    bool exclude_judge;              /* no answer of the judging model stands in a pair */
    int64_t modifications;           /* open prompts: changed prompts tried, at most */
    double min_overlap, max_overlap; /* words that the changed prompt shares with the original */
    double max_similarity;           /* words that the two answers share */
};

struct project_deadlines { /* seconds */
    double connect, first_byte, idle, total;
};

struct project_accept {
    int rule;
    int64_t k, n;
    double share;  /* rule: share */
    double margin; /* rule: mean_score; points */
    struct project_bar verified, human, synthetic;
    int stop;
    double loss; /* stop: adaptive; share of the pairs that `early` would accept */
    int64_t keep_per_order;
    int keep;
    int64_t speculate;
    bool cut;
};

struct project_budget { /* 0: no limit */
    int64_t calls, tokens;
    double cost_usd, wall_s;
};

struct project_workers {
    int64_t local, slots;
    const char *listen; /* tcp://… for workers elsewhere; "" : local ones only */
};

struct project_limits {
    int64_t line_bytes; /* of a seed file */
    int64_t body_bytes; /* of a teacher's answer */
    int64_t message_bytes;
    double lease_s;
};

struct project_export {
    const char *dir;          /* "" : no export at the end of a run */
    struct conf_list formats; /* const char * */
    int64_t shard_rows;
    int compress;           /* enum outfile_kind */
    struct conf_list split; /* struct conf_share, in file order */
    struct conf_list trust; /* const char *: trust classes that may leave */
};

struct project {
    struct conf_tree tree; /* for the places of keys in messages */
    const char *file;      /* path of the YAML file */
    const char *dir;       /* its folder: relative paths start here */
    const char *name;
    int purpose; /* PURPOSE_* */
    const char *store;
    int64_t rng_seed;
    struct conf_list seeds;     /* struct project_seeds */
    struct project_import import;
    struct conf_list endpoints; /* struct project_endpoint */
    struct project_generation generation;
    struct project_build build;
    struct project_deadlines deadlines;
    int64_t tries;
    double give_up_after; /* seconds */
    struct project_judge judge;
    struct project_accept accept;
    double calibration;
    struct conf_list quotas; /* struct project_quota */
    int redraw;
    struct project_reflection reflection;
    struct project_hint hint;
    struct project_checker checker;
    struct project_answers answers;
    int64_t student_n;        /* rollouts of each student in each order */
    struct conf_list filters; /* struct conf_named */
    struct project_budget budget;
    struct project_workers workers;
    struct project_limits limits;
    struct project_export export;
};

extern const struct conf_row project_rows[];

/* project_load(p, arena, path, sets, n_sets, e): reads the file (or PATH/gavel.yaml), applies the
 * `--set` assignments, binds and checks it. Everything lives in the arena. Errors are ERR_USAGE
 * with file, line and column. */
bool project_load(struct project *p, struct arena *arena, const char *path, const char *const *sets,
                  size_t n_sets, struct err *e);
/* project_from_text(p, arena, name, text, e): the same from text in memory, e.g. from a WELCOME. */
bool project_from_text(struct project *p, struct arena *arena, const char *name, struct slice text,
                       struct err *e);
/* project_path(p, arena, path): a path of the project file, relative to the file's folder; NULL
 * without memory. */
const char *project_path(const struct project *p, struct arena *arena, const char *path);
/* project_text(p, part, out): canonical JSON of all keys (part 0) or of one fingerprint part. Holds
 * no secret: keys come by environment or file only. */
void project_text(const struct project *p, char part, struct buf *out);
/* project_teacher(p): the first teacher endpoint; teachers with the same model share its work,
 * those with another are asked for their agreement. */
const struct project_endpoint *project_teacher(const struct project *p);
/* project_bar(p, trust): the k of n that a pair of this trust must reach in each order: `majority`
 * and `share` said as k of n. Under `mean_score` k is 0. */
struct project_bar project_bar(const struct project *p, enum trust trust);
/* project_rules_text(p, out): what the fingerprint of the rules is made of, as JSON. The recipes'
 * texts are the seats' business (judges/seat.h). */
void project_rules_text(const struct project *p, struct buf *out);
/* project_writing_text(p, out) / project_building_text(p, out): the same for what shapes the
 * requests to a generator, and for how pairs are built of its answers. */
void project_writing_text(const struct project *p, struct buf *out);
void project_building_text(const struct project *p, struct buf *out);
/* project_temperature(p, k, t): that of sample k; false: none is given. */
bool project_temperature(const struct project *p, int k, double *t);
/* project_fingerprint(domain, text): id of such a text. */
struct id project_fingerprint(const char *domain, struct slice text);

#endif
