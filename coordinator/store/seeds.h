/* seeds: what an import writes: files, seed records with their responses and pairs, quarantined
 * lines. */
#ifndef STORE_SEEDS_H
#define STORE_SEEDS_H

#include "coordinator/imports/importer.h"
#include "coordinator/store/store.h"

/* What a seed file looked like when it was last read to its end. */
struct seeds_file {
    int64_t row;
    int64_t size, mtime_ns, inode; /* -1: never read to its end */
    char options[128];
    int64_t scan;
};

enum seeds_got { SEEDS_NEW, SEEDS_KNOWN, SEEDS_DUPLICATE, SEEDS_FAILED };

/* seeds_file(s, path, file, e): the file's row, made when it is new. */
bool seeds_file(struct store *s, const char *path, struct seeds_file *file, struct err *e);
/* seeds_scan_begin(s, file, e): a new reading: raises file->scan and forgets what this file has in
 * quarantine. */
bool seeds_scan_begin(struct store *s, struct seeds_file *file, struct err *e);
/* seeds_scan_end(s, file, lines, invalid, e): the file was read to its end; remembers size, mtime,
 * inode and options as they stand in *file. */
bool seeds_scan_end(struct store *s, const struct seeds_file *file, int64_t lines, int64_t invalid,
                    struct err *e);
/* seeds_add(s, file, line, importer, record, where, e): idempotent by content. KNOWN: this very
 * record of this file was stored by an earlier reading. DUPLICATE: it stands elsewhere too; *where
 * gets "FILE:LINE". */
enum seeds_got seeds_add(struct store *s, const struct seeds_file *file, int64_t line,
                         const char *importer, const struct seed_record *record, struct buf *where,
                         struct err *e);
/* seeds_quarantine(s, file, line, reason, head, e) */
bool seeds_quarantine(struct store *s, const struct seeds_file *file, int64_t line,
                      const char *reason, struct slice head, struct err *e);
/* seeds_pair_id(record): the identity of the record's pair: a hash of prompt, chosen and rejected.
 */
struct id seeds_pair_id(const struct seed_record *record);

#endif
