#include "coordinator/imports/seed_line.h"

#include "base/text.h"
#include "coordinator/imports/fields.h"

#define KEYS_BYTES 512
#define KEY_CHARS 40

/* What a line whose shape nobody knows can be told: its keys, and what a seed line would object to.
 */
static bool unknown_shape(const json *line, struct seed_record *record, struct arena *arena,
                          struct err *e)
{
    struct buf keys;
    buf_init(&keys, KEYS_BYTES);
    for (const json *m = json_first(line); m && keys.n < 120; m = json_next(m)) {
        buf_str(&keys, m == json_first(line) ? "'" : ", '");
        text_quote(&keys, json_key(m), KEY_CHARS);
        buf_str(&keys, json_next(m) && keys.n >= 120 ? "', …" : "'");
    }
    const struct importer *gavel = importer_find("gavel");
    struct err why;
    if (gavel && json_get(line, "prompt") && !gavel->read(line, record, arena, &why))
        err_set(e, ERR_SYNTAX, "no known format has the keys %s; as a gavel line: %s",
                buf_cstr(&keys), why.text);
    else
        err_set(e, ERR_SYNTAX, "no known format has the keys %s",
                keys.n ? buf_cstr(&keys) : "of {}");
    buf_free(&keys);
    return false;
}

static bool declare(struct seed_record *r, struct arena *arena, struct err *e)
{
    struct buf text;
    buf_init(&text, arena->max);
    struct jsonw w = jsonw_to(&text);
    jsonw_object(&w);
    jsonw_kstr(&w, "kind", "declared");
    jsonw_kstr(&w, "trust", trust_name(r->trust));
    if (r->meta.n) {
        jsonw_key(&w, "meta");
        jsonw_raw(&w, r->meta);
    }
    jsonw_end_object(&w);
    bool ok = fields_keep(&r->evidence, &text, arena, e);
    buf_free(&text);
    return ok;
}

static bool read_object(const struct seed_line_options *options, const json *line,
                        struct seed_record *record, const struct importer **importer,
                        struct arena *arena, struct err *e)
{
    if (json_type(line) != JSON_OBJECT)
        return err_set(e, ERR_SYNTAX, "a line must be an object, not %s",
                       json_type_name(json_type(line)));
    *importer = options->format ? options->format : importer_detect(line);
    if (!*importer)
        return unknown_shape(line, record, arena, e);
    if (!(*importer)->read(line, record, arena, e))
        return false;
    if (!record->trust_given)
        record->trust = options->trust_given ? options->trust : (*importer)->trust;
    return !record->has_pair || record->evidence.n || declare(record, arena, e);
}

bool seed_line_read(const struct seed_line_options *options, struct slice text,
                    struct seed_record *record, const struct importer **importer,
                    struct arena *arena, struct err *e)
{
    *record = (struct seed_record){0};
    json *line = json_parse(text, JSON_STRICT, e);
    if (!line)
        return e->code == ERR_NOMEM ? false : err_wrap(e, "broken JSON");
    bool ok = read_object(options, line, record, importer, arena, e);
    json_free(line);
    if (!ok && arena->nomem)
        err_set(e, ERR_NOMEM, "out of memory for a line of %zu bytes", text.n);
    return ok;
}
