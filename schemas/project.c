#include "schemas/project.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/jsonw.h"

#define PROJECT_MAX_BYTES (4 * 1024 * 1024)
#define TEMPLATE_MAX_BYTES (256 * 1024)

bool project_check(const struct project *p, struct err *e); /* project_check.c */

#define NAME(name, text) text,
static const char *const kind_names[] = {ANSWER_KINDS(NAME)};
#undef NAME

const char *answer_kind_name(enum answer_kind kind)
{
    return kind_names[kind];
}

bool answer_kind_parse(struct slice name, enum answer_kind *kind)
{
    for (int k = 0; k < ANSWER_KIND_COUNT; k++) {
        if (slice_is(name, kind_names[k])) {
            *kind = (enum answer_kind)k;
            return true;
        }
    }
    return false;
}

static const char *find_file(struct arena *arena, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return files_join(arena, path, "gavel.yaml");
    return path;
}

static bool bind(struct project *p, struct arena *arena, struct slice text, const char *const *sets,
                 size_t n_sets, struct err *e)
{
    if (!conf_parse(&p->tree, arena, p->file, text, e))
        return false;
    for (size_t i = 0; i < n_sets; i++)
        if (!conf_set(&p->tree, sets[i], e))
            return false;
    return conf_bind(&p->tree, project_rows, p, e) && project_check(p, e);
}

/* Workers know no folder of the project: they are told the whole path. */
static bool find_key_files(struct project *p, struct arena *arena, struct err *e)
{
    struct project_endpoint *all = p->endpoints.items;
    for (size_t i = 0; i < p->endpoints.n; i++) {
        char dir[PATH_MAX];
        if (!all[i].api_key_file[0] || all[i].api_key_file[0] == '/')
            continue;
        all[i].api_key_file = files_join(arena, realpath(p->dir, dir) ? dir : p->dir,
                                         all[i].api_key_file);
        if (!all[i].api_key_file)
            return err_set(e, ERR_NOMEM, "out of memory");
    }
    return true;
}

/* Workers may be elsewhere: the prompts travel with the project. */
static bool read_templates(struct project *p, struct arena *arena, struct err *e)
{
    struct project_template *all = p->judge.templates.items;
    for (size_t i = 0; i < p->judge.templates.n; i++) {
        if (!all[i].path[0])
            continue;
        struct buf text;
        buf_init(&text, TEMPLATE_MAX_BYTES);
        const char *path = project_path(p, arena, all[i].path);
        bool ok = path && files_read(path, &text, e);
        all[i].text = ok ? arena_str(arena, buf_view(&text)) : NULL;
        buf_free(&text);
        if (path && !ok && e->code == ERR_NOTFOUND)
            return err_set(e, ERR_USAGE, "judge.templates[%zu].path: there is no file %s", i, path);
        if (path && !ok)
            return err_wrap(e, "judge.templates[%zu].path: %s", i, path);
        if (!all[i].text)
            return err_set(e, ERR_NOMEM, "out of memory");
        all[i].path = "";
    }
    return true;
}

bool project_load(struct project *p, struct arena *arena, const char *path, const char *const *sets,
                  size_t n_sets, struct err *e)
{
    memset(p, 0, sizeof *p);
    p->file = find_file(arena, path);
    p->dir = p->file ? files_dirname(arena, p->file) : NULL;
    if (!p->file || !p->dir)
        return err_set(e, ERR_NOMEM, "out of memory");
    struct buf text;
    buf_init(&text, PROJECT_MAX_BYTES);
    bool ok = files_read(p->file, &text, e);
    if (!ok && e->code == ERR_NOTFOUND)
        err_set(e, ERR_USAGE, "there is no project file %s; `gavel init DIR` writes one", p->file);
    ok = ok && bind(p, arena, buf_view(&text), sets, n_sets, e) && find_key_files(p, arena, e) &&
         read_templates(p, arena, e);
    buf_free(&text);
    return ok;
}

bool project_from_text(struct project *p, struct arena *arena, const char *name, struct slice text,
                       struct err *e)
{
    memset(p, 0, sizeof *p);
    p->file = name;
    p->dir = ".";
    return bind(p, arena, text, NULL, 0, e);
}

const char *project_path(const struct project *p, struct arena *arena, const char *path)
{
    return files_join(arena, p->dir, path);
}

void project_text(const struct project *p, char part, struct buf *out)
{
    conf_dump(project_rows, p, part, out);
}

const struct project_endpoint *project_teacher(const struct project *p)
{
    const struct project_endpoint *all = p->endpoints.items;
    for (size_t i = 0; i < p->endpoints.n; i++)
        if (all[i].role == ROLE_TEACHER)
            return &all[i];
    return NULL;
}

static const struct project_bar *own_bar(const struct project_accept *a, enum trust trust)
{
    return trust == TRUST_VERIFIED ? &a->verified
           : trust == TRUST_HUMAN  ? &a->human
                                   : &a->synthetic;
}

struct project_bar project_bar(const struct project *p, enum trust trust)
{
    const struct project_accept *a = &p->accept;
    const struct project_bar *own = own_bar(a, trust);
    struct project_bar bar = {own->k ? own->k : a->k, own->n ? own->n : a->n};
    if (a->rule == RULE_MAJORITY)
        bar.k = bar.n / 2 + 1;
    else if (a->rule == RULE_SHARE)
        bar.k = (int64_t)ceil(a->share * (double)bar.n - 1e-9);
    else if (a->rule == RULE_MEAN_SCORE)
        bar.k = 0;
    if (a->rule != RULE_MEAN_SCORE && bar.k < 1)
        bar.k = 1;
    return bar;
}

void project_rules_text(const struct project *p, struct buf *out)
{
    conf_dump(project_rows, p, PART_RULES, out);
}

/* Of `generation` all that the request of a generator depends on, too. */
void project_writing_text(const struct project *p, struct buf *out)
{
    const struct conf_row *generation = project_rows;
    while (strcmp(generation->key, "generation") != 0)
        generation++;
    const struct conf_row rows[] = {*generation, {0}};
    buf_str(out, "[");
    conf_dump(rows, p, 0, out);
    buf_str(out, ",");
    conf_dump(project_rows, p, PART_WRITING, out);
    buf_str(out, "]");
}

void project_building_text(const struct project *p, struct buf *out)
{
    conf_dump(project_rows, p, PART_BUILDING, out);
}

bool project_temperature(const struct project *p, int k, double *t)
{
    const char *const *all = p->build.temperatures.items;
    size_t n = p->build.temperatures.n;
    if (n == 0)
        return false;
    *t = strtod(all[(size_t)k % n], NULL);
    return true;
}

struct id project_fingerprint(const char *domain, struct slice text)
{
    struct hash h;
    hash_init(&h, domain);
    hash_field(&h, text);
    return hash_id(&h);
}
