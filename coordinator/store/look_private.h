/* look_private: what the files of look.h share. */
#ifndef STORE_LOOK_PRIVATE_H
#define STORE_LOOK_PRIVATE_H

#include "coordinator/store/look.h"
#include "coordinator/store/store_private.h"

/* look_code(st, at, count): a stored number; one that this version does not know becomes 0. */
int look_code(sqlite3_stmt *st, int at, int count);
#define LOOK_PREFIX_MIN 6 /* hex digits */
/* look_id_range(text, low, high): whether the text is the beginning of an id; low and high get the
 * ids it may stand for. */
bool look_id_range(struct slice text, struct id *low, struct id *high);

#endif
