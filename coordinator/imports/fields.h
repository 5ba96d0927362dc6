/* fields: members of an input line, copied out of it, with errors that name the key. A member that
 * is null counts as absent. */
#ifndef IMPORTS_FIELDS_H
#define IMPORTS_FIELDS_H

#include "base/arena.h"
#include "base/json.h"

/* fields_get(line, key): NULL when absent or null. */
const json *fields_get(const json *line, const char *key);
/* fields_text(line, key, out, arena, e): a string, copied; absent: *out stays empty. False with
 * ERR_SYNTAX when it is no string, ERR_LIMIT when the arena is full. */
bool fields_text(const json *line, const char *key, struct slice *out, struct arena *arena,
                 struct err *e);
/* fields_label(…): as fields_text, but a number will do too; it keeps the digits it was written
 * with. */
bool fields_label(const json *line, const char *key, struct slice *out, struct arena *arena,
                  struct err *e);
/* fields_number(line, key, value, given, e): a number, or text that is one; absent, null or blank:
 * *given is false. */
bool fields_number(const json *line, const char *key, double *value, bool *given, struct err *e);
/* fields_flag(line, key): whether it is true, however it is written: true, 1, "1", "True". */
bool fields_flag(const json *line, const char *key);
/* fields_have(line, keys, n): n when the line has all of these keys, else 0. FIELDS_HAVE(line, "a",
 * "b") is the same. */
int fields_have(const json *line, const char *const *keys, int n);
#define FIELDS_HAVE(line, ...)                              \
    fields_have((line), (const char *const[]){__VA_ARGS__}, \
                (int)(sizeof(const char *const[]){__VA_ARGS__} / sizeof(const char *)))
/* fields_rest(line, used, meta, arena, e): all members but those named in `used` (NULL at its end)
 * as a JSON object, so that nothing is lost that somebody may need later; empty when there are
 * none. */
bool fields_rest(const json *line, const char *const *used, struct slice *meta, struct arena *arena,
                 struct err *e);
/* fields_decoded(line, key, text, e): the list or object at the key, also when it is written as
 * JSON in a string; *text is then its tree, for json_free. NULL: absent, or e says that it is
 * neither. */
const json *fields_decoded(const json *line, const char *key, json **text, struct err *e);
/* fields_keep(out, text, arena, e): copies what was built in a buf. */
bool fields_keep(struct slice *out, const struct buf *text, struct arena *arena, struct err *e);

/* Text of a line made safe and short for a message. */
struct fields_quote {
    char text[640];
};
struct fields_quote fields_quote(struct slice text);

#endif
