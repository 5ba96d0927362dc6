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

/* word(text): how long the word is at its beginning that stands for no number; 0: none does. */
static size_t word(struct slice text)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_starts(text, slice_of(words[i])))
            return strlen(words[i]);
    return 0;
}

/* without_words(text, out): the text with null for such words outside of strings; how many. */
static size_t without_words(struct slice text, struct buf *out)
{
    size_t found = 0, from = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        size_t n = quoted || (c != 'N' && c != 'I' && c != '-') ? 0 : word(slice_from(text, i));
        if (n == 0)
            continue;
        buf_slice(out, slice_sub(text, from, i - from));
        buf_str(out, "null");
        i += n - 1;
        from = i + 1;
        found++;
    }
    buf_slice(out, slice_from(text, from));
    return found;
}

json *seed_line_parse(struct slice text, struct err *e)
{
    struct buf again;
    struct err second = {0};
    json *line = json_parse(text, JSON_STRICT, e);
    if (line || e->code == ERR_NOMEM)
        return line;
    buf_init(&again, text.n + text.n / 3 + 16);
    size_t found = without_words(text, &again);
    if (buf_ok(&again, "a line", &second) && found > 0)
        line = json_parse(buf_view(&again), JSON_STRICT, &second);
    buf_free(&again);
    if (!line && second.code == ERR_NOMEM)
        *e = second;
    else if (!line)
        err_wrap(e, "broken JSON");
    return line;
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

static bool read_alone(const struct importer_group *group, const json *line,
                       struct seed_record *record, struct arena *arena, struct err *e)
{
    size_t lead;
    for (int part = 0; part < group->parts && record->rows == 0; part++)
        if (!group->read(&line, 1, part, record, &lead, arena, e))
            return false;
    return record->rows > 0 || err_set(e, ERR_SYNTAX, "no record comes of this line alone");
}

static bool read_object(const struct seed_line_options *options, const json *line,
                        struct seed_record *record, const struct importer **importer,
                        struct arena *arena, struct err *e)
{
    if (!seed_line_importer(options, line, importer, e))
        return false;
    const struct importer *i = *importer;
    if (!(i->group ? read_alone(i->group, line, record, arena, e)
                   : i->read(line, record, arena, e)))
        return false;
    return seed_line_finish(options, i, record, arena, e);
}

bool seed_line_read(const struct seed_line_options *options, struct slice text,
                    struct seed_record *record, const struct importer **importer,
                    struct arena *arena, struct err *e)
{
    memset(record, 0, sizeof *record);
    json *line = seed_line_parse(text, e);
    if (!line)
        return false;
    bool ok = read_object(options, line, record, importer, arena, e);
    json_free(line);
    if (!ok && arena->nomem)
        err_set(e, ERR_NOMEM, "out of memory for a line of %zu bytes", text.n);
    return ok;
}
