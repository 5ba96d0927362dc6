#include "cli/opening.h"

#include <string.h>

#include "coordinator/exports/exporter.h"
#include "coordinator/imports/importer.h"

static bool check_formats(const struct project *p, struct err *e)
{
    const char *const *formats = p->export.formats.items;
    const struct project_seeds *seeds = p->seeds.items;
    char place[300];
    for (size_t i = 0; i < p->export.formats.n; i++) {
        if (exporter_find(formats[i]))
            continue;
        conf_place(&p->tree, "export.formats", place, sizeof place);
        return err_set(e, ERR_USAGE,
                       "%s: export.formats: there is no exporter '%s'; known are sft, "
                       "dpo and rl",
                       place, formats[i]);
    }
    for (size_t i = 0; i < p->seeds.n; i++) {
        if (strcmp(seeds[i].format, "auto") == 0 || importer_find(seeds[i].format))
            continue;
        conf_place(&p->tree, "seeds", place, sizeof place);
        return err_set(e, ERR_USAGE,
                       "%s: seeds: there is no importer '%s'; auto recognises the "
                       "known ones",
                       place, seeds[i].format);
    }
    return true;
}

bool opening_project(struct opening *o, const char *path, const struct args_strings *sets,
                     struct err *e)
{
    memset(o, 0, sizeof *o);
    arena_init(&o->arena, 64 * 1024 * 1024);
    if (!project_load(&o->project, &o->arena, path, sets->items, (size_t)sets->n, e) ||
        !check_formats(&o->project, e))
        return false;
    if (!wording_check(&o->project, e) || !seats_build(&o->seats, &o->project, e) ||
        !chain_build(&o->chain, &o->project, e))
        return err_wrap(e, "%s", o->project.file);
    o->store_path = project_path(&o->project, &o->arena, o->project.store);
    return o->store_path || err_set(e, ERR_NOMEM, "out of memory");
}

bool opening_store(struct opening *o, enum store_mode mode, struct err *e)
{
    o->store = store_open(o->store_path, mode, e);
    return o->store != NULL;
}

void opening_close(struct opening *o)
{
    store_close(o->store);
    arena_free(&o->arena);
}
