/* records_csv: the rows of a table (RFC 4180: quoted fields may hold separators, line breaks and
 * doubled quotes), each as a JSON object of strings with the header's names. See records.h. */
#ifndef BASE_RECORDS_CSV_H
#define BASE_RECORDS_CSV_H

#include "base/records.h"

struct infile;
struct records_csv;

/* records_csv_new(file, separator, max, e): the file stands before the header, and stays the
 * caller's. */
struct records_csv *records_csv_new(struct infile *file, char separator, size_t max, struct err *e);
enum records_got records_csv_next(struct records_csv *c, struct slice *record, struct err *e);
uint64_t records_csv_line(const struct records_csv *c);
void records_csv_free(struct records_csv *c);

#endif
