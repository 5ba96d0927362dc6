/* lock: who may write a store: a lock on a file beside it, which also says who holds it. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/err.h"

/* lock_take(store_path, e): the descriptor that holds the lock as long as it is open; -1 with
 * ERR_BUSY naming the holder, after a second in vain. */
int lock_take(const char *store_path, struct err *e);
/* lock_holder(store_path, text, n): true while somebody holds it; text: "process 12 on host, since
 * …". */
bool lock_holder(const char *store_path, char *text, unsigned long n);

#endif
