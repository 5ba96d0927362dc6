/* seed_files: which files an intake reads, and how: the project's `seeds:` with its globs expanded.
 */
#ifndef IMPORTS_SEED_FILES_H
#define IMPORTS_SEED_FILES_H

#include "coordinator/imports/seed_line.h"
#include "schemas/project.h"

struct seed_file {
    const char *path; /* to be opened; "-" is standard input */
    const char
        *name; /* for the store and messages: relative to the project's folder when it is inside */
    struct seed_line_options how;
    char options[128]; /* `how` as text: a file is read again when it has changed */
};

struct seed_files {
    struct seed_file *files;
    size_t n;
};

/* seed_files_list(out, project, paths, n, arena, e): every file once, in the project's order; with
 * n > 0 only these paths, read as the project says when its `seeds:` name them too, otherwise with
 * format auto. They are looked for in the current folder, then in the project's. ERR_USAGE names an
 * entry that matches no file or has an unknown format or trust. */
bool seed_files_list(struct seed_files *out, const struct project *project,
                     const char *const *paths, size_t n, struct arena *arena, struct err *e);

#endif
