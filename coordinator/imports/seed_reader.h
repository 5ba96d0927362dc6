/*
 * seed_reader: a seed file as seed records: reads it record by record, whatever its shape, finds
 * each record's importer, and joins lines that are one record only together.
 */
#ifndef IMPORTS_SEED_READER_H
#define IMPORTS_SEED_READER_H

#include "coordinator/imports/seed_line.h"

struct seed_reader;

enum seed_got {
    SEED_RECORD,  /* `record` is filled */
    SEED_BAD,     /* `why` says what is wrong; reading goes on */
    SEED_NOTHING, /* a line was read that belongs to a record that is not whole yet */
    SEED_END,
    SEED_ERROR, /* the file cannot be read on */
};

/* What was read last. Valid until the next call. */
struct seed_reading {
    struct seed_record *record;
    const struct importer *importer; /* NULL: not recognised */
    uint64_t line;                   /* where the record begins */
    size_t rows;                     /* lines that it was read from */
    struct slice head;               /* its first bytes, when it is bad */
    struct err why;
};

/* seed_reader_open(path, how, line_bytes, e): no record is longer than line_bytes. NULL on failure.
 */
struct seed_reader *seed_reader_open(const char *path, const struct seed_line_options *how,
                                     size_t line_bytes, struct err *e);
/* seed_reader_next(r, out, e): e is set for ERROR alone. */
enum seed_got seed_reader_next(struct seed_reader *r, struct seed_reading *out, struct err *e);
/* seed_reader_waits(r): the next line is not there yet: whoever writes the pipe has not written it.
 */
bool seed_reader_waits(const struct seed_reader *r);
void seed_reader_close(struct seed_reader *r);

#endif
