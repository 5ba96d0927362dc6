/* slice: a piece of somebody else's bytes. It owns nothing and need not end in NUL. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const char *p;
    size_t n;
};

/* S("literal") and SLICE_FMT / SLICE_ARG(s) for printf. */
#define S(literal) ((struct slice){"" literal, sizeof(literal) - 1})
#define SLICE_FMT "%.*s"
#define SLICE_ARG(s) (int)((s).n > 4096 ? 4096 : (s).n), ((s).n ? (s).p : "")

/* slice_of(text): the whole C string; NULL gives the empty slice. */
struct slice slice_of(const char *text);
/* slice_sub(s, from, n): bytes [from, from+n), cut to what is there. */
struct slice slice_sub(struct slice s, size_t from, size_t n);
/* slice_from(s, from): everything from byte `from` on. */
struct slice slice_from(struct slice s, size_t from);
bool slice_eq(struct slice a, struct slice b);
/* slice_cmp(a, b): byte order, shorter first when one is a prefix of the other. */
int slice_cmp(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *text);
bool slice_starts(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);
/* slice_find(s, needle) / slice_rfind: offset of the first / last hit, SIZE_MAX when there is none.
 */
size_t slice_find(struct slice s, struct slice needle);
size_t slice_rfind(struct slice s, struct slice needle);
/* slice_trim(s): without ASCII white space at both ends. */
struct slice slice_trim(struct slice s);
/* slice_cut(s, separator, rest): the part before the first separator; *rest is what follows it.
 * Without a separator the whole of s is returned and *rest is empty. */
struct slice slice_cut(struct slice s, char separator, struct slice *rest);
/* slice_i64 / slice_double: the whole slice as a number; false when it is not one or out of range.
 */
bool slice_i64(struct slice s, int64_t *value);
bool slice_double(struct slice s, double *value);

#endif
