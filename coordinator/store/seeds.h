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
/* What came of a record. The caller owns `where`, and clears it before each record. */
struct seeds_added {
    struct buf where; /* "FILE:LINE" of its double */
    int64_t pairs;    /* stored now */
};

/* seeds_add(s, file, line, importer, record, added, e): idempotent by content. KNOWN: this very
 * record of this file was stored by an earlier reading; pairs that it did not have then are added.
 * DUPLICATE: it stands elsewhere too. A record that shares pairs with another is stored with those
 * that are its own. */
enum seeds_got seeds_add(struct store *s, const struct seeds_file *file, int64_t line,
                         const char *importer, const struct seed_record *record,
                         struct seeds_added *added, struct err *e);
/* seeds_count(s, file, importer, reason, rows, e): adds to the table `imports`: what became of the
 * rows of this reading. */
bool seeds_count(struct store *s, const struct seeds_file *file, const char *importer,
                 const char *reason, int64_t rows, struct err *e);
/* seeds_quarantine(s, file, line, rows, reason, head, e): rows: lines that the bad record is made
 * of.
 */
bool seeds_quarantine(struct store *s, const struct seeds_file *file, int64_t line, int64_t rows,
                      const char *reason, struct slice head, struct err *e);
/* seeds_pair_id(record, pair): the identity of one of the record's pairs: a hash of prompt, chosen
 * and rejected. */
struct id seeds_pair_id(const struct seed_record *record, size_t pair);
/* seeds_pair_id_of(prompt, chosen, rejected): the same from its parts. */
struct id seeds_pair_id_of(const struct chat *prompt, const struct chat *chosen,
                           const struct chat *rejected);

#endif
