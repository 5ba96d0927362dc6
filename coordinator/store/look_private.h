/* look_private: what the files of look.h share. */
#ifndef STORE_LOOK_PRIVATE_H
#define STORE_LOOK_PRIVATE_H

#include "coordinator/store/look.h"
#include "coordinator/store/store_private.h"

/* look_code(st, at, count): a stored number; one that this version does not know becomes 0. */
int look_code(sqlite3_stmt *st, int at, int count);

#endif
