#include "cli/first_pairs.h"

#include <stdio.h>

#include "base/lines.h"
#include "coordinator/store/seeds.h"

struct taking {
    struct first_pairs *out;
    size_t max;
    struct arena *arena;
    struct seed_record *record;
};

static void note_bad(struct taking *t, const char *file, int64_t line, const char *why)
{
    if (t->out->bad++ == 0)
        snprintf(t->out->first_bad, sizeof t->out->first_bad, "%s:%lld: %s", file, (long long)line,
                 why);
}

static bool take_line(struct taking *t, const struct seed_file *file, int64_t line,
                      struct slice text, struct err *e)
{
    const struct importer *importer;
    struct seed_record *r = t->record;
    struct err why;
    if (line == 1 && slice_starts(text, S("\xEF\xBB\xBF")))
        text = slice_from(text, 3);
    if (!slice_trim(text).n)
        return true;
    if (!seed_line_read(&file->how, text, r, &importer, t->arena, &why)) {
        if (why.code == ERR_NOMEM || why.code == ERR_LIMIT) {
            *e = why;
            return false;
        }
        note_bad(t, file->name, line, why.text);
        return true;
    }
    if (!r->has_pair) {
        t->out->without_pair++;
        return true;
    }
    t->out->pairs[t->out->n++] = (struct first_pair){
        .file = file->name,
        .line = line,
        .id = seeds_pair_id(r),
        .name = r->name,
        .trust = r->trust,
        .prompt = r->prompt,
        .chosen = r->responses[r->chosen].chat,
        .rejected = r->responses[r->rejected].chat,
        .reference = r->reference,
        .rubric = r->rubric,
        .language = r->language,
    };
    return true;
}

static bool take_file(struct taking *t, const struct seed_file *file, int64_t max_line,
                      struct err *e)
{
    struct lines *lines = lines_open(file->path, (size_t)max_line, e);
    bool ok = lines != NULL, more = ok;
    while (ok && more && t->out->n < t->max) {
        struct slice text;
        enum lines_got got = lines_next(lines, &text, e);
        int64_t line = (int64_t)lines_number(lines);
        more = got != LINES_END;
        if (got == LINES_LINE)
            ok = take_line(t, file, line, text, e);
        else if (got == LINES_LONG)
            note_bad(t, file->name, line, "the line is longer than limits.line_bytes");
        else if (got == LINES_ERROR)
            ok = false;
    }
    lines_close(lines);
    return ok || err_wrap(e, "%s", file->name);
}

bool first_pairs_read(struct first_pairs *out, const struct project *p, size_t max,
                      struct arena *arena, struct err *e)
{
    struct seed_files files;
    struct taking t = {.out = out, .max = max, .arena = arena};
    *out = (struct first_pairs){0};
    if (!seed_files_list(&files, p, NULL, 0, arena, e))
        return false;
    out->pairs = arena_alloc(arena, max * sizeof *out->pairs);
    t.record = arena_alloc(arena, sizeof *t.record);
    if (!out->pairs || !t.record)
        return err_set(e, ERR_NOMEM, "out of memory for %zu pairs", max);
    for (size_t i = 0; i < files.n && out->n < max; i++)
        if (!take_file(&t, &files.files[i], p->limits.line_bytes, e))
            return false;
    return true;
}
