#include "cli/first_pairs.h"

#include <stdio.h>

#include "coordinator/imports/seed_reader.h"
#include "coordinator/store/seeds.h"

static void note_bad(struct first_pairs *out, const char *file, uint64_t line, const char *why)
{
    if (out->bad++ == 0)
        snprintf(out->first_bad, sizeof out->first_bad, "%s:%llu: %s", file,
                 (unsigned long long)line, why);
}

static bool copy_chat(struct chat *to, const struct chat *from, struct arena *arena)
{
    to->n = from->n;
    to->messages = arena_alloc(arena, (from->n + 1) * sizeof *to->messages);
    for (size_t i = 0; to->messages && i < from->n; i++) {
        to->messages[i].role = arena_dup(arena, from->messages[i].role);
        to->messages[i].content = arena_dup(arena, from->messages[i].content);
        if (!to->messages[i].role.p || !to->messages[i].content.p)
            return false;
    }
    return to->messages != NULL;
}

/* The reader's record lasts until the next one only. */
static bool take(struct first_pairs *out, const struct seed_file *file,
                 const struct seed_reading *reading, size_t pair, struct arena *arena,
                 struct err *e)
{
    const struct seed_record *r = reading->record;
    struct first_pair *p = &out->pairs[out->n++];
    *p = (struct first_pair){
        .file = file->name,
        .line = (int64_t)reading->line,
        .id = seeds_pair_id(r, pair),
        .name = arena_dup(arena, r->name),
        .trust = r->trust,
        .reference = arena_dup(arena, r->reference),
        .rubric = arena_dup(arena, r->rubric),
        .language = arena_dup(arena, r->language),
    };
    return (p->name.p && p->reference.p && p->rubric.p && p->language.p &&
            copy_chat(&p->prompt, &r->prompt, arena) &&
            copy_chat(&p->chosen, &r->responses[r->pairs[pair].chosen].chat, arena) &&
            copy_chat(&p->rejected, &r->responses[r->pairs[pair].rejected].chat, arena)) ||
           err_set(e, ERR_NOMEM, "out of memory for the first pairs");
}

static bool take_file(struct first_pairs *out, size_t max, const struct seed_file *file,
                      int64_t max_line, struct arena *arena, struct err *e)
{
    struct seed_reader *reader = seed_reader_open(file->path, &file->how, (size_t)max_line, e);
    struct seed_reading got;
    bool ok = reader != NULL, more = ok;
    while (ok && more && out->n < max) {
        switch (seed_reader_next(reader, &got, e)) {
        case SEED_RECORD:
            out->without_pair += got.record->n_pairs == 0;
            for (size_t i = 0; ok && i < got.record->n_pairs && out->n < max; i++)
                ok = take(out, file, &got, i, arena, e);
            break;
        case SEED_BAD:
            note_bad(out, file->name, got.line, got.why.text);
            break;
        case SEED_NOTHING:
            break;
        case SEED_END:
            more = false;
            break;
        case SEED_ERROR:
            ok = false;
            break;
        }
    }
    seed_reader_close(reader);
    return ok || err_wrap(e, "%s", file->name);
}

bool first_pairs_read(struct first_pairs *out, const struct project *p, size_t max,
                      struct arena *arena, struct err *e)
{
    struct seed_files files;
    *out = (struct first_pairs){0};
    if (!seed_files_list(&files, p, NULL, 0, arena, e))
        return false;
    out->pairs = arena_alloc(arena, max * sizeof *out->pairs);
    if (!out->pairs)
        return err_set(e, ERR_NOMEM, "out of memory for %zu pairs", max);
    for (size_t i = 0; i < files.n && out->n < max; i++)
        if (!take_file(out, max, &files.files[i], p->limits.line_bytes, arena, e))
            return false;
    return true;
}
