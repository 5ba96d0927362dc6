/* files: small file-system acts with errors that name the path. */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include "base/arena.h"
#include "base/buf.h"

/* files_read(path, out, e): the whole file into out (whose maximum bounds it). */
bool files_read(const char *path, struct buf *out, struct err *e);
/* files_write(path, content, e): atomically: temporary file beside it, fsync, rename. */
bool files_write(const char *path, struct slice content, struct err *e);
/* files_mkdirs(path, e): as `mkdir -p`. */
bool files_mkdirs(const char *path, struct err *e);
/* files_remove_tree(path, e): as `rm -r`; does not follow symbolic links. */
bool files_remove_tree(const char *path, struct err *e);
/* files_join(arena, dir, name): "dir/name", or name alone when it is absolute; NULL without memory.
 */
char *files_join(struct arena *a, const char *dir, const char *name);
/* files_dirname(arena, path): the folder part, "." when there is none. */
char *files_dirname(struct arena *a, const char *path);
/* files_glob(arena, pattern, paths, n, e): sorted matches; a pattern without wildcard that does not
 * exist, or one that matches nothing, is ERR_NOTFOUND naming it. */
bool files_glob(struct arena *a, const char *pattern, char ***paths, size_t *n, struct err *e);

#endif
