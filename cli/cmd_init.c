/* gavel init: a project to begin with. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/files.h"
#include "cli/command.h"
#include "cli/page.h"
#include "cli/template.h"

#define FILE_BYTES ((size_t)1 << 20)

static bool exists(const char *path)
{
    struct stat st;
    return path && lstat(path, &st) == 0;
}

/* The folder's own name, also of "." and "a/b/". */
static const char *name_of(struct arena *arena, const char *dir)
{
    char *path = realpath(dir, NULL);
    struct slice full = slice_of(path ? path : dir);
    size_t slash = slice_rfind(full, S("/"));
    struct slice last = slash == SIZE_MAX ? full : slice_from(full, slash + 1);
    const char *name = arena_str(arena, last.n ? last : S("gavel"));
    free(path);
    return name;
}

static bool refuse_existing(const char *project, const char *seeds, struct err *e)
{
    bool first = exists(project), second = exists(seeds);
    if (!first && !second)
        return true;
    return err_set(e, ERR_USAGE, "%s%s%s %s already; nothing was written. Choose another folder",
                   first ? project : "", first && second ? " and " : "", second ? seeds : "",
                   first && second ? "exist" : "exists");
}

static bool write_file(const char *path, struct buf *content, struct err *e)
{
    return buf_ok(content, path, e) && files_write(path, buf_view(content), e);
}

static void say_next(struct buf *out, const char *dir, const char *project, const char *seeds)
{
    buf_addf(out,
             "wrote %s and %s\n\n"
             "Next:\n"
             "  1. Put your teacher's url and model into %s,\n"
             "     or rehearse: gavel-sim-teacher --listen 127.0.0.1:8000 --truth %s\n"
             "  2. gavel check %s      is all right, and what will it take?\n"
             "  3. gavel preview %s    a few judgments, nothing is stored\n"
             "  4. gavel run %s\n",
             project, seeds, project, seeds, dir, dir, dir);
}

static bool init(struct arena *arena, const char *dir, struct buf *out, struct err *e)
{
    struct buf project, lines;
    const char *project_path = files_join(arena, dir, "gavel.yaml");
    const char *seeds_path = files_join(arena, dir, "seeds.jsonl");
    if (!project_path || !seeds_path)
        return err_set(e, ERR_NOMEM, "out of memory");
    if (!refuse_existing(project_path, seeds_path, e) || !files_mkdirs(dir, e))
        return false;
    const char *name = name_of(arena, dir);
    buf_init(&project, FILE_BYTES);
    buf_init(&lines, FILE_BYTES);
    template_project(&project, name ? name : "gavel");
    template_seeds(&lines);
    bool ok = write_file(seeds_path, &lines, e) && write_file(project_path, &project, e);
    if (ok)
        say_next(out, dir, project_path, seeds_path);
    buf_free(&project);
    buf_free(&lines);
    return ok;
}

int cmd_init(int argc, char **argv)
{
    const struct args_row rows[] = {{0}};
    const struct args_command command = {
        .usage = "gavel init DIR",
        .about = "Writes DIR/gavel.yaml, a project file with every key explained, and "
                 "DIR/seeds.jsonl with three pairs.\nOverwrites nothing.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, exit_status;
    struct err e;
    struct buf out;
    struct arena arena;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    buf_init(&out, PAGE_MAX);
    arena_init(&arena, FILE_BYTES);
    bool ok = init(&arena, operands[0], &out, &e);
    arena_free(&arena);
    return page_end(&out, ok ? EXIT_COMPLETE : command_fail(&e));
}
