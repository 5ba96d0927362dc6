/* records_shape: what a file's first bytes say about its records. Pure; see records.h. */
#ifndef BASE_RECORDS_SHAPE_H
#define BASE_RECORDS_SHAPE_H

#include "base/slice.h"

enum records_shape {
    SHAPE_UNKNOWN, /* more bytes are needed */
    SHAPE_LINES,
    SHAPE_LIST,     /* [ element, … ] */
    SHAPE_ENVELOPE, /* {"data": [ element, … ], …} */
    SHAPE_OBJECTS,  /* objects of several lines, one after another */
    SHAPE_TABLE,
};

/* records_shape(head, all, by_name, mark): all: there are no more bytes, or no more fit. by_name:
 * separator if the name says that it is a table, else 0. *mark: bytes before the first record that
 * are to be passed over (byte order mark; up to and with the bracket of a list). */
enum records_shape records_shape(struct slice head, bool all, char by_name, size_t *mark);

#endif
