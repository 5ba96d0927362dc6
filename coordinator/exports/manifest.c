#include "coordinator/exports/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "base/jsonw.h"

#define CHUNK ((size_t)64 * 1024)

void manifest_init(struct manifest *m)
{
    *m = (struct manifest){.name = "", .seats = ""};
}

void manifest_free(struct manifest *m)
{
    free(m->files);
    m->files = NULL;
    m->n_files = m->cap_files = 0;
}

bool manifest_add(struct manifest *m, const struct manifest_file *file, struct err *e)
{
    if (m->n_files == MANIFEST_FILES_MAX)
        return err_set(e, ERR_LIMIT, "a release of more than %d files; raise export.shard_rows",
                       MANIFEST_FILES_MAX);
    if (m->n_files == m->cap_files) {
        size_t cap = m->cap_files ? m->cap_files * 2 : 64;
        struct manifest_file *more = reallocarray(m->files, cap, sizeof *more);
        if (!more)
            return err_set(e, ERR_NOMEM, "out of memory for the list of files");
        m->files = more;
        m->cap_files = cap;
    }
    m->files[m->n_files++] = *file;
    return true;
}

static int by_path(const void *a, const void *b)
{
    const struct manifest_file *x = a, *y = b;
    return strcmp(x->path, y->path);
}

void manifest_seal(struct manifest *m)
{
    if (m->n_files)
        qsort(m->files, m->n_files, sizeof *m->files, by_path);
    struct hash h;
    hash_init(&h, "release");
    for (size_t i = 0; i < m->n_files; i++) {
        hash_field(&h, slice_of(m->files[i].path));
        hash_field(&h, slice_of(m->files[i].sha256));
    }
    char hex[SHA256_HEX];
    hash_hex(&h, hex);
    snprintf(m->release, sizeof m->release, "%.16s", hex);
}

int64_t manifest_rows(const struct manifest *m, const char *format, const char *split)
{
    int64_t rows = 0;
    for (size_t i = 0; i < m->n_files; i++)
        if ((!format || strcmp(m->files[i].format, format) == 0) &&
            (!split || strcmp(m->files[i].split, split) == 0))
            rows += m->files[i].rows;
    return rows;
}

/* write_terms(w, key, id, text): a text that is a JSON object stands there as one. */
static void write_terms(struct jsonw *w, const char *key, const struct id *id, struct slice text)
{
    char hex[ID_HEX];
    id_hex(id, hex);
    jsonw_key(w, key);
    jsonw_object(w);
    jsonw_kstr(w, "id", text.n ? hex : "");
    jsonw_key(w, "text");
    struct err ignored;
    json *object = json_parse(text, JSON_STRICT, &ignored);
    if (object && json_type(object) == JSON_OBJECT)
        jsonw_raw(w, text);
    else
        jsonw_string(w, text);
    json_free(object);
    jsonw_end_object(w);
}

static void write_file(struct jsonw *w, const struct manifest_file *f)
{
    jsonw_object(w);
    jsonw_kstr(w, "path", f->path);
    jsonw_kstr(w, "format", f->format);
    jsonw_kstr(w, "split", f->split);
    jsonw_ki64(w, "rows", f->rows);
    jsonw_ki64(w, "bytes", (int64_t)f->bytes);
    jsonw_kstr(w, "sha256", f->sha256);
    jsonw_end_object(w);
}

/* Files are sorted by path, so those of one format and split are neighbours. */
static void write_rows(struct jsonw *w, const struct manifest *m)
{
    jsonw_key(w, "rows");
    jsonw_object(w);
    for (size_t i = 0; i < m->n_files; i++) {
        const struct manifest_file *f = &m->files[i], *before = i ? f - 1 : NULL;
        bool new_format = !before || strcmp(before->format, f->format) != 0;
        if (new_format && before)
            jsonw_end_object(w);
        if (new_format) {
            jsonw_key(w, f->format);
            jsonw_object(w);
        }
        if (new_format || strcmp(before->split, f->split) != 0)
            jsonw_ki64(w, f->split, manifest_rows(m, f->format, f->split));
    }
    if (m->n_files)
        jsonw_end_object(w);
    jsonw_end_object(w);
}

static void write_pairs(struct jsonw *w, const struct manifest_counts *c)
{
    int64_t total = 0;
    jsonw_key(w, "pairs");
    jsonw_object(w);
    for (int s = 0; s < STATE_COUNT; s++) {
        jsonw_ki64(w, state_name((enum pair_state)s), c->pairs[s]);
        total += c->pairs[s];
    }
    jsonw_ki64(w, "total", total);
    jsonw_ki64(w, "left_out_by_trust", c->untrusted);
    jsonw_ki64(w, "accepted_without_traces", c->incomplete);
    jsonw_end_object(w);
    jsonw_key(w, "reasons");
    jsonw_object(w);
    for (int r = REASON_NONE + 1; r < REASON_COUNT; r++)
        if (c->reasons[r])
            jsonw_ki64(w, reason_name((enum reason)r), c->reasons[r]);
    jsonw_end_object(w);
}

/* What the pairs and traces that leave are like. */
static void write_kinds(struct jsonw *w, const struct manifest_counts *c)
{
    jsonw_key(w, "judge_formats");
    jsonw_object(w);
    for (int f = 0; f < FORMAT_COUNT; f++)
        if (c->formats[f])
            jsonw_ki64(w, format_name((enum format)f), c->formats[f]);
    jsonw_end_object(w);
    jsonw_key(w, "orders");
    jsonw_object(w);
    jsonw_ki64(w, "total", c->orders);
    jsonw_ki64(w, "stopped", c->stopped);
    jsonw_end_object(w);
    jsonw_key(w, "sft");
    jsonw_object(w);
    jsonw_ki64(w, "rows", c->sft.rows);
    jsonw_ki64(w, "hinted", c->sft.hinted);
    jsonw_ki64(w, "checked", c->sft.checked);
    jsonw_key(w, "reflection");
    jsonw_object(w);
    for (int k = 0; k < KIND_COUNT; k++)
        if (c->sft.kinds[k])
            jsonw_ki64(w, k == KIND_PLAIN ? "none" : kind_name((enum kind)k), c->sft.kinds[k]);
    jsonw_end_object(w);
    jsonw_end_object(w);
}

static void write_counts(struct jsonw *w, const struct manifest *m)
{
    const struct manifest_counts *c = &m->counts;
    jsonw_key(w, "counts");
    jsonw_object(w);
    jsonw_key(w, "seeds");
    jsonw_object(w);
    for (size_t i = 0; i < c->n_seeds; i++)
        jsonw_ki64(w, c->seeds[i].name, c->seeds[i].value);
    jsonw_end_object(w);
    write_pairs(w, c);
    int64_t total = 0;
    jsonw_key(w, "rollouts");
    jsonw_object(w);
    for (int o = 0; o < OUTCOME_COUNT; o++) {
        jsonw_ki64(w, outcome_name((enum outcome)o), c->rollouts[o]);
        total += c->rollouts[o];
    }
    jsonw_ki64(w, "total", total);
    jsonw_ki64(w, "rejected_by_a_filter", c->filtered);
    jsonw_end_object(w);
    write_rows(w, m);
    write_kinds(w, c);
    jsonw_end_object(w);
}

static void write_flips(struct jsonw *w, const char *key, const struct flip_counts *counts)
{
    struct flips f = kind_flips(counts);
    jsonw_key(w, key);
    jsonw_object(w);
    jsonw_ki64(w, "cued", (int64_t)kind_cued(&f));
    jsonw_ki64(w, "fixed", (int64_t)f.fixed);
    jsonw_ki64(w, "broken", (int64_t)f.broken);
    jsonw_ki64(w, "kept", (int64_t)f.kept);
    jsonw_ki64(w, "stuck", (int64_t)f.stuck);
    jsonw_kdouble(w, "flip_share", kind_flip_share(&f));
    jsonw_end_object(w);
}

static void write_reflection(struct jsonw *w, const struct manifest *m)
{
    jsonw_key(w, "reflection");
    jsonw_object(w);
    write_flips(w, "sft", &m->counts.sft.flips);
    write_flips(w, "all", &m->counts.all);
    jsonw_kdouble(w, "flip_gap", m->flip_gap);
    jsonw_end_object(w);
}

void manifest_write(const struct manifest *m, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    jsonw_ki64(&w, "schema_version", MANIFEST_SCHEMA_VERSION);
    jsonw_kstr(&w, "release", m->release);
    jsonw_kstr(&w, "parent", m->parent);
    jsonw_kstr(&w, "name", m->name);
    write_terms(&w, "recipe", &m->terms.recipe, m->terms.recipe_text);
    write_terms(&w, "rules", &m->terms.rules, m->terms.rules_text);
    if (m->seats[0]) {
        jsonw_key(&w, "seats");
        jsonw_raw(&w, slice_of(m->seats));
    }
    jsonw_key(&w, "files");
    jsonw_list(&w);
    for (size_t i = 0; i < m->n_files; i++)
        write_file(&w, &m->files[i]);
    jsonw_end_list(&w);
    write_counts(&w, m);
    write_reflection(&w, m);
    jsonw_key(&w, "evaluation_sets");
    jsonw_list(&w);
    for (size_t i = 0; i < m->n_eval_sets; i++)
        jsonw_string(&w, slice_of(m->eval_sets[i]));
    jsonw_end_list(&w);
    jsonw_kstr(&w, "created_with", "gavel " GAVEL_VERSION);
    jsonw_end_object(&w);
    buf_char(out, '\n');
}

/* read_text(object, key, out, n, e): a string that fits and holds no NUL. */
static bool read_text(const json *object, const char *key, char *out, size_t n, struct err *e)
{
    const json *node = json_get(object, key);
    struct slice text = json_string(node);
    if (!node || json_type(node) != JSON_STRING || text.n >= n || memchr(text.p, 0, text.n))
        return err_set(e, ERR_SYNTAX, "'%s' must be a string of at most %zu bytes", key, n - 1);
    memcpy(out, text.p, text.n);
    out[text.n] = 0;
    return true;
}

static bool leads_out(const char *path)
{
    struct slice rest = slice_of(path);
    bool out = path[0] == '/' || path[0] == 0;
    while (rest.n && !out)
        out = slice_is(slice_cut(rest, '/', &rest), "..");
    return out;
}

static bool read_file(const json *node, struct manifest_file *f, struct err *e)
{
    int64_t bytes = -1;
    if (!read_text(node, "path", f->path, sizeof f->path, e) ||
        !read_text(node, "format", f->format, sizeof f->format, e) ||
        !read_text(node, "split", f->split, sizeof f->split, e) ||
        !read_text(node, "sha256", f->sha256, sizeof f->sha256, e))
        return false;
    if (leads_out(f->path))
        return err_set(e, ERR_SYNTAX, "the path '%s' leads out of the release", f->path);
    if (!json_i64(json_get(node, "rows"), &f->rows) || f->rows < 0)
        return err_set(e, ERR_SYNTAX, "'rows' must be a number");
    if (!json_i64(json_get(node, "bytes"), &bytes) || bytes < 0)
        return err_set(e, ERR_SYNTAX, "'bytes' must be a number");
    f->bytes = (uint64_t)bytes;
    return true;
}

static bool read_flips(const json *node, struct flips *f, struct err *e)
{
    const struct {
        const char *key;
        uint64_t *out;
    } rows[] = {
        {"fixed", &f->fixed},
        {"broken", &f->broken},
        {"kept", &f->kept},
        {"stuck", &f->stuck},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t n = -1;
        if (!node || !json_i64(json_get(node, rows[i].key), &n) || n < 0)
            return err_set(e, ERR_SYNTAX, "'reflection' must count '%s'", rows[i].key);
        *rows[i].out = (uint64_t)n;
    }
    return true;
}

static bool read_reflection(struct manifest *m, const json *root, struct err *e)
{
    const json *node = json_get(root, "reflection");
    if (!node)
        return err_set(e, ERR_SYNTAX, "it has no 'reflection'");
    return read_flips(json_get(node, "sft"), &m->flips_sft, e) &&
           read_flips(json_get(node, "all"), &m->flips_all, e) &&
           (json_double(json_get(node, "flip_gap"), &m->flip_gap) ||
            err_set(e, ERR_SYNTAX, "'reflection.flip_gap' must be a number"));
}

static bool read_root(struct manifest *m, const json *root, struct err *e)
{
    int64_t version = 0;
    if (!json_i64(json_get(root, "schema_version"), &version) || version < 1)
        return err_set(e, ERR_SYNTAX, "it has no 'schema_version'");
    if (version > MANIFEST_SCHEMA_VERSION)
        return err_set(e, ERR_USAGE,
                       "it has schema version %lld, this gavel knows %d; use a newer one",
                       (long long)version, MANIFEST_SCHEMA_VERSION);
    if (!read_text(root, "release", m->release, sizeof m->release, e) ||
        !read_text(root, "parent", m->parent, sizeof m->parent, e))
        return false;
    const json *files = json_get(root, "files");
    if (!files || json_type(files) != JSON_LIST)
        return err_set(e, ERR_SYNTAX, "'files' must be a list");
    for (const json *node = json_first(files); node; node = json_next(node)) {
        struct manifest_file file = {0};
        if (!read_file(node, &file, e))
            return err_wrap(e, "files[%zu]", m->n_files);
        if (!manifest_add(m, &file, e))
            return false;
    }
    m->version = version;
    return version < 2 || read_reflection(m, root, e);
}

bool manifest_read(struct manifest *m, const char *folder, struct err *e)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/manifest.json", folder) >= (int)sizeof path)
        return err_set(e, ERR_LIMIT, "the path %s is too long", folder);
    struct buf text;
    buf_init(&text, MANIFEST_BYTES_MAX);
    json *root = files_read(path, &text, e) ? json_parse(buf_view(&text), JSON_STRICT, e) : NULL;
    bool ok = root && read_root(m, root, e);
    json_free(root);
    buf_free(&text);
    return ok || err_wrap(e, "%s", path);
}

static bool sum_file(const char *path, uint64_t *bytes, char sha256[SHA256_HEX], struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, "cannot open %s", path);
    struct hash h;
    hash_plain(&h);
    char chunk[CHUNK];
    ssize_t n;
    *bytes = 0;
    while ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        hash_raw(&h, (struct slice){chunk, (size_t)n});
        *bytes += (uint64_t)n;
    }
    if (n < 0)
        err_sys(e, "cannot read %s", path);
    close(fd);
    hash_hex(&h, sha256);
    return n == 0;
}

bool manifest_file_intact(const char *folder, const struct manifest_file *file, struct err *e)
{
    char path[PATH_MAX], sha256[SHA256_HEX];
    uint64_t bytes;
    if (snprintf(path, sizeof path, "%s/%s", folder, file->path) >= (int)sizeof path)
        return err_set(e, ERR_LIMIT, "the path %s/%s is too long", folder, file->path);
    if (!sum_file(path, &bytes, sha256, e))
        return false;
    if (bytes != file->bytes)
        return err_set(e, ERR_CORRUPT, "%s has %llu bytes, the manifest says %llu", file->path,
                       (unsigned long long)bytes, (unsigned long long)file->bytes);
    return strcmp(sha256, file->sha256) == 0 ||
           err_set(e, ERR_CORRUPT, "%s has another SHA-256 than the manifest says: %s, not %s",
                   file->path, sha256, file->sha256);
}
