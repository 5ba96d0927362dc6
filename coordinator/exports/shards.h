/*
 * shards: the files of one format and split, FORMAT/SPLIT-00000-of-00003.jsonl[.gz|.zst]. How many
 * there are stands in their names, so they get them when the last row is in.
 */
#ifndef EXPORTS_SHARDS_H
#define EXPORTS_SHARDS_H

#include "base/outfile.h"
#include "coordinator/exports/manifest.h"

#define SHARDS_MAX 100000 /* five digits in the name */

struct shards;

/* shards_new(folder, format, split, kind, rows, e): files of at most `rows` rows in FOLDER/FORMAT,
 * which is made with the first. No row, no file. The strings must outlive it. */
struct shards *shards_new(const char *folder, const char *format, const char *split,
                          enum outfile_kind kind, int64_t rows, struct err *e);
bool shards_add(struct shards *s, struct slice row, struct err *e);
/* shards_finish(s, m, e): closes and names the files and enters them in the manifest. */
bool shards_finish(struct shards *s, struct manifest *m, struct err *e);
/* shards_free(s): leaves what is on the disk to the caller. NULL is fine. */
void shards_free(struct shards *s);

#endif
