/*
 * manifest: what a release consists of and where it comes from. It holds no time and no machine, so
 * that the same store gives the same manifest, apart from `parent`.
 */
#ifndef EXPORTS_MANIFEST_H
#define EXPORTS_MANIFEST_H

#include "base/arena.h"
#include "coordinator/exports/exporter.h"

#define MANIFEST_SCHEMA_VERSION 2
#define MANIFEST_FILES_MAX 100000
#define MANIFEST_BYTES_MAX ((size_t)64 << 20)
#define MANIFEST_EVAL_SETS_MAX 1024
#define MANIFEST_SEEDS_MAX 16
#define RELEASE_NAME 17 /* 16 hex digits and NUL */

struct manifest_file {
    char path[256]; /* relative to the release */
    char format[65], split[65];
    int64_t rows;
    uint64_t bytes;
    char sha256[SHA256_HEX];
};

/* Pairs at the release's horizon, whether or not rows were made of them. */
struct manifest_counts {
    struct {
        char name[64];
        int64_t value;
    } seeds[MANIFEST_SEEDS_MAX]; /* the store's own counters */
    size_t n_seeds;
    int64_t pairs[STATE_COUNT];
    int64_t reasons[REASON_COUNT];
    int64_t untrusted;  /* left out: `export.trust` does not name their class */
    int64_t incomplete; /* accepted, but an order has no correct trace left that its filters pass */
    int64_t rollouts[OUTCOME_COUNT];
    int64_t filtered;              /* rollouts a filter rejected, whatever their outcome */
    int64_t formats[FORMAT_COUNT]; /* pairs that leave, by the format they are judged in */
    int64_t orders, stopped;       /* of these pairs: all, and those not drawn in full */
    struct export_tally sft;       /* what the rows of sft are */
    struct flip_counts all;        /* all rollouts of the teacher, whether or not they leave */
};

struct manifest {
    int64_t version;                                  /* as it was read; 1: without reflection */
    char release[RELEASE_NAME], parent[RELEASE_NAME]; /* parent "": the first of its folder */
    const char *name;                                 /* the project's */
    struct release_terms terms;                       /* not read back */
    struct manifest_counts counts;                    /* not read back */
    double
        flip_gap; /* most by which P(flip | cue) of the sft rows may exceed that of all; 0: any */
    const char *seats; /* JSON: who judged under which recipe; "": not known; not read back */
    struct flips flips_sft, flips_all;             /* only read back: written from the counts */
    const char *eval_sets[MANIFEST_EVAL_SETS_MAX]; /* sorted; not read back */
    size_t n_eval_sets;
    struct manifest_file *files; /* sorted by path */
    size_t n_files, cap_files;
};

/* manifest_init(m): nothing in it. */
void manifest_init(struct manifest *m);
/* manifest_free(m): the files; texts are the caller's. */
void manifest_free(struct manifest *m);
/* manifest_add(m, file, e): ERR_LIMIT past MANIFEST_FILES_MAX. */
bool manifest_add(struct manifest *m, const struct manifest_file *file, struct err *e);
/* manifest_seal(m): sorts the files and names the release after their paths and checksums. */
void manifest_seal(struct manifest *m);
/* manifest_rows(m, format, split): rows of all files of that format and split; NULL: of any. */
int64_t manifest_rows(const struct manifest *m, const char *format, const char *split);
void manifest_write(const struct manifest *m, struct buf *out);
/* manifest_read(m, folder, e): release, parent, files, flips and flip_gap from FOLDER/manifest.json
 * into an empty manifest. Paths that lead out of the folder are refused. */
bool manifest_read(struct manifest *m, const char *folder, struct err *e);
/* manifest_file_intact(folder, file, e): whether the file on the disk has these bytes and this
 * checksum; else false with a sentence. */
bool manifest_file_intact(const char *folder, const struct manifest_file *file, struct err *e);

#endif
