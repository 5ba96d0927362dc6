#include "coordinator/imports/seed_line.h"

#include <string.h>

#include "base/text.h"
#include "coordinator/imports/fields.h"

#define KEYS_BYTES 512
#define KEY_CHARS 40
#define UNKNOWN_ROOM ((size_t)64 << 20) /* memory for reading it as a gavel line */

/* What a line whose shape nobody knows can be told: its keys, and what a seed line would object to.
 */
static bool unknown_shape(const json *line, struct err *e)
{
    struct buf keys;
    struct arena arena;
    buf_init(&keys, KEYS_BYTES);
    arena_init(&arena, UNKNOWN_ROOM);
    for (const json *m = json_first(line); m && keys.n < 120; m = json_next(m)) {
        buf_str(&keys, m == json_first(line) ? "'" : ", '");
        text_quote(&keys, json_key(m), KEY_CHARS);
        buf_str(&keys, json_next(m) && keys.n >= 120 ? "', …" : "'");
    }
    const struct importer *gavel = importer_find("gavel");
    struct err why;
    struct seed_record *record = arena_alloc(&arena, sizeof *record);
    if (gavel && record && json_get(line, "prompt") && !gavel->read(line, record, &arena, &why))
        err_set(e, ERR_SYNTAX, "no known format has the keys %s; as a gavel line: %s",
                buf_cstr(&keys), why.text);
    else
        err_set(e, ERR_SYNTAX, "no known format has the keys %s",
                keys.n ? buf_cstr(&keys) : "of {}");
    arena_free(&arena);
    buf_free(&keys);
    return false;
}

bool seed_line_importer(const struct seed_line_options *options, const json *line,
                        const struct importer **importer, struct err *e)
{
    if (json_type(line) != JSON_OBJECT)
        return err_set(e, ERR_SYNTAX, "a line must be an object, not %s",
                       json_type_name(json_type(line)));
    *importer = options->format ? options->format : importer_detect(line);
    return *importer || unknown_shape(line, e);
}

bool seed_line_finish(const struct seed_line_options *options, const struct importer *importer,
                      struct seed_record *record, struct arena *arena, struct err *e)
{
    struct project_import how = options->import_given ? options->import : pairing_defaults();
    if (!record->rows)
        record->rows = 1;
    if (!record->trust_given && options->trust_given)
        record->trust = options->trust;
    else if (!record->trust_given && !record->trust_known)
        record->trust = importer->trust;
    if (options->eval_set && *options->eval_set)
        record->eval_set = slice_of(options->eval_set);
    else if (!record->eval_set.n && options->is_test && importer->test_set)
        record->eval_set = slice_of(importer->test_set);
    return pairing_make(record, &how, arena, e);
}

static bool read_object(const struct seed_line_options *options, const json *line,
                        struct seed_record *record, const struct importer **importer,
                        struct arena *arena, struct err *e)
{
    size_t lead;
    if (!seed_line_importer(options, line, importer, e))
        return false;
    const struct importer *i = *importer;
    if (!(i->group ? i->group->read(&line, 1, 0, record, &lead, arena, e)
                   : i->read(line, record, arena, e)))
        return false;
    return seed_line_finish(options, i, record, arena, e);
}

bool seed_line_read(const struct seed_line_options *options, struct slice text,
                    struct seed_record *record, const struct importer **importer,
                    struct arena *arena, struct err *e)
{
    memset(record, 0, sizeof *record);
    json *line = json_parse(text, JSON_STRICT, e);
    if (!line)
        return e->code == ERR_NOMEM ? false : err_wrap(e, "broken JSON");
    bool ok = read_object(options, line, record, importer, arena, e);
    json_free(line);
    if (!ok && arena->nomem)
        err_set(e, ERR_NOMEM, "out of memory for a line of %zu bytes", text.n);
    return ok;
}
