/*
 * shelf: the place of all releases of one data set. DIR is a symbolic link into DIR.releases/,
 * where each release is a folder; one that is being made has a name starting with ".tmp-" there. A
 * lock keeps two exports to one DIR apart.
 */
#ifndef EXPORTS_SHELF_H
#define EXPORTS_SHELF_H

#include "base/err.h"

#define SHELF_PATH_MAX 1024

struct shelf {
    char link[SHELF_PATH_MAX];     /* DIR */
    char releases[SHELF_PATH_MAX]; /* DIR.releases */
    char making[SHELF_PATH_MAX];   /* the folder of the new release */
    char current[256];             /* name of the release DIR shows; "" when there is none */
    int lock_fd;
};

/* shelf_check(dir, e): whether a release may go there, without touching anything. */
bool shelf_check(const char *dir, struct err *e);
/* shelf_open(s, dir, e): takes the lock (ERR_BUSY: another export holds it), removes what killed
 * exports left behind and makes an empty folder s->making. ERR_USAGE when DIR is something that no
 * export made. Close it also when it failed. */
bool shelf_open(struct shelf *s, const char *dir, struct err *e);
/* shelf_path(s, name, out, e): the path of a finished release. */
bool shelf_path(const struct shelf *s, const char *name, char out[SHELF_PATH_MAX], struct err *e);
/* shelf_has(s, name): whether a finished release of this name is there. */
bool shelf_has(const struct shelf *s, const char *name);
/* shelf_finish(s, name, e): the folder that was made gets its name, durably; one that is there
 * already under this name gives way to it. */
bool shelf_finish(struct shelf *s, const char *name, struct err *e);
/* shelf_show(s, name, e): DIR shows this release from now on. */
bool shelf_show(struct shelf *s, const char *name, struct err *e);
/* shelf_close(s): removes an unfinished folder and gives the lock back. */
void shelf_close(struct shelf *s);

#endif
