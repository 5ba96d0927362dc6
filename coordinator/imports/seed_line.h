/* seed_line: one line of a seed file, from bytes to a record. Pure. */
#ifndef IMPORTS_SEED_LINE_H
#define IMPORTS_SEED_LINE_H

#include "coordinator/imports/pairing.h"

/* How the lines of a file are to be read. */
struct seed_line_options {
    const struct importer *format; /* NULL: each line says by its keys */
    bool trust_given;              /* for lines that do not say: instead of the importer's trust */
    enum trust trust;
    bool import_given; /* false: pairing_defaults() */
    struct project_import import;
    const char *eval_set; /* "" or NULL: what the importer says */
    bool is_test;         /* the file calls itself a test set */
};

/* seed_line_parse(text, e): the line's tree, for json_free. NaN and Infinity, which Python writes
 * for what is missing, are read as null; everything else as strictly as anywhere. */
json *seed_line_parse(struct slice text, struct err *e);
/* seed_line_importer(options, line, importer, e): which importer is to read this object. */
bool seed_line_importer(const struct seed_line_options *options, const json *line,
                        const struct importer **importer, struct err *e);
/* seed_line_finish(options, importer, record, arena, e): what is the same for all formats, once the
 * importer has filled the record: trust, evaluation set, pairs. */
bool seed_line_finish(const struct seed_line_options *options, const struct importer *importer,
                      struct seed_record *record, struct arena *arena, struct err *e);
/* seed_line_read(options, text, record, importer, arena, e): fills *record and says which importer
 * read it; a line of a format with groups is read as a group of one. False: the line is bad, e says
 * why (ERR_NOMEM alone is not the line's fault). */
bool seed_line_read(const struct seed_line_options *options, struct slice text,
                    struct seed_record *record, const struct importer **importer,
                    struct arena *arena, struct err *e);

#endif
