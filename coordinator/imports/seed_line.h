/* seed_line: one line of a seed file, from bytes to a record. Pure. */
#ifndef IMPORTS_SEED_LINE_H
#define IMPORTS_SEED_LINE_H

#include "coordinator/imports/importer.h"

/* How the lines of a file are to be read. */
struct seed_line_options {
    const struct importer *format; /* NULL: each line says by its keys */
    bool trust_given;              /* for lines that do not say: instead of the importer's trust */
    enum trust trust;
};

/* seed_line_read(options, text, record, importer, arena, e): fills *record and says which importer
 * read it. False: the line is bad, e says why (ERR_NOMEM alone is not the line's fault). */
bool seed_line_read(const struct seed_line_options *options, struct slice text,
                    struct seed_record *record, const struct importer **importer,
                    struct arena *arena, struct err *e);

#endif
