/* records_json: the elements of a JSON list, or whole objects one after another, as text. It counts
 * brackets and knows strings; it does not check. See records.h. */
#ifndef BASE_RECORDS_JSON_H
#define BASE_RECORDS_JSON_H

#include "base/records.h"
#include "base/records_shape.h"

struct infile;
struct records_json;

/* records_json_new(file, shape, max, e): from where the file stands: before the list or its object,
 * or the first object. The file stays the caller's. */
struct records_json *records_json_new(struct infile *file, enum records_shape shape, size_t max,
                                      struct err *e);
enum records_got records_json_next(struct records_json *j, struct slice *record, struct err *e);
uint64_t records_json_line(const struct records_json *j);
void records_json_free(struct records_json *j);

#endif
