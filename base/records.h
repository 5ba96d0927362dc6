/*
 * records: a text file record by record, whatever its shape: JSON lines; a JSON list, or an object
 * {"data": [...]} with one, element by element; whole JSON objects one after another, on as many
 * lines as they like; CSV or TSV with a header, each row as a JSON object of strings. The shape is
 * taken from the first bytes, and .csv or .tsv from the name too. Records are not checked: a JSON
 * record is what lies between its brackets, byte for byte.
 */
#ifndef BASE_RECORDS_H
#define BASE_RECORDS_H

#include "base/buf.h"

struct records;

enum records_got {
    RECORDS_RECORD, /* a whole record: text that should be one JSON value, without blank ends */
    RECORDS_BAD,    /* no record: its first bytes are given, e says why; reading goes on */
    RECORDS_END,
    RECORDS_ERROR, /* the file cannot be read on */
};

/* records_open(path, max, e): no record is longer than max bytes. NULL on failure. Close with
 * records_close. */
struct records *records_open(const char *path, size_t max, struct err *e);
/* records_next(r, record, e): *record is valid until the next call. Blank lines are passed over. e
 * is set for BAD (ERR_LIMIT: too long, ERR_SYNTAX) and for ERROR. */
enum records_got records_next(struct records *r, struct slice *record, struct err *e);
/* records_waits(r): the next record of a pipe or terminal is not there yet, as far as can be told
 * without reading on. */
bool records_waits(const struct records *r);
/* records_line(r): the line on which the record last returned begins, from 1. */
uint64_t records_line(const struct records *r);
void records_close(struct records *r);

#endif
