/* gavel init: a project to begin with. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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

/* As a shell takes it for one word. */
static void add_word(struct buf *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "/._-+:@%,";
    if (*text && !text[strspn(text, plain)]) {
        buf_str(out, text);
        return;
    }
    buf_char(out, '\'');
    for (; *text; text++)
        buf_addf(out, *text == '\'' ? "'\\''" : "%c", *text);
    buf_char(out, '\'');
}

/* The commands begin with this program as it was called, to be typed as they stand. */
static void say_next(struct buf *out, const char *dir, const char *project, const char *seeds)
{
    static const char *const steps[][2] = {
        {"check", "is all right, and what will it take?"},
        {"preview", "shows a few judgments and stores nothing"},
        {"run", "the job"},
    };
    buf_addf(out,
             "wrote %s and %s\n\n"
             "Next:\n"
             "  1. Put your teacher's url and model into the first, or rehearse:\n     ",
             project, seeds);
    add_word(out, program_invocation_name);
    buf_str(out, "-sim-teacher --listen 127.0.0.1:8000 --truth ");
    add_word(out, seeds);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        buf_addf(out, "\n  %zu. ", i + 2);
        add_word(out, program_invocation_name);
        buf_addf(out, " %s ", steps[i][0]);
        add_word(out, dir);
        buf_addf(out, "   # %s", steps[i][1]);
    }
    buf_char(out, '\n');
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
