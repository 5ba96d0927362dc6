/*
 * jsonw: writes JSON straight into a buf, faster than a tree and always in the order of the calls.
 * Commas are placed by the writer. Non-ASCII text is written as it is; invalid UTF-8 becomes U+FFFD.
 * Errors are the buf's: check buf_ok() at the end.
 */
#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include "base/buf.h"

struct jsonw {
    struct buf *out;
    bool comma; /* the next value or key needs a comma before it */
};

struct jsonw jsonw_to(struct buf *out);
void jsonw_object(struct jsonw *w); /* { */
void jsonw_end_object(struct jsonw *w);
void jsonw_list(struct jsonw *w); /* [ */
void jsonw_end_list(struct jsonw *w);
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_key_slice(struct jsonw *w, struct slice key);
void jsonw_string(struct jsonw *w, struct slice text);
void jsonw_i64(struct jsonw *w, int64_t v);
void jsonw_u64(struct jsonw *w, uint64_t v);
/* jsonw_double(w, v): shortest text that reads back as v; not finite: null. Whatever the locale. */
void jsonw_double(struct jsonw *w, double v);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
/* jsonw_raw(w, json): a value that is JSON text already. */
void jsonw_raw(struct jsonw *w, struct slice json);

/* key and value in one call */
void jsonw_kstr(struct jsonw *w, const char *key, const char *text);
void jsonw_kslice(struct jsonw *w, const char *key, struct slice text);
void jsonw_ki64(struct jsonw *w, const char *key, int64_t v);
void jsonw_kdouble(struct jsonw *w, const char *key, double v);
void jsonw_kbool(struct jsonw *w, const char *key, bool v);

/* jsonw_text(out, text): one JSON string literal with its quotes. */
void jsonw_text(struct buf *out, struct slice text);

#endif
