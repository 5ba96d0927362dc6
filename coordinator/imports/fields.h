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
/* fields_keep(out, text, arena, e): copies what was built in a buf. */
bool fields_keep(struct slice *out, const struct buf *text, struct arena *arena, struct err *e);

/* Text of a line made safe and short for a message. */
struct fields_quote {
    char text[640];
};
struct fields_quote fields_quote(struct slice text);

#endif
