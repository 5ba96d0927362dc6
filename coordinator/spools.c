/* Finished answers that dead workers left in their spools. */
#include <dirent.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/spool.h"
#include "coordinator/serve_private.h"

enum { OLD_WORKERS_END_MS = 10000 };

static bool take_record(void *context, struct slice record, struct err *e)
{
    struct serve *s = context;
    struct wire_message m;
    struct call_result result;
    int more;
    while ((more = wire_next(&record, &m, e)) == 1) {
        if (m.type != WIRE_TYPE_RESULT || !wire_result_of(&m.as.result, &result))
            continue;
        struct wire_call call = wire_call_of(&m);
        engine_result(s->engine, ENGINE_NO_PEER, &call, &result, clock_ms());
    }
    return more == 0;
}

static bool take_file(struct serve *s, const char *path, int *busy, struct err *e)
{
    struct err why;
    if (!spool_read(path, take_record, s, &why)) {
        if (why.code == ERR_BUSY)
            ++*busy;
        else if (why.code != ERR_NOTFOUND)
            log_warn("%s: %s", path, why.text); /* it stays for a look */
        return true;
    }
    /* Only what is durable in the store may vanish from the spool. */
    if (!serve_flush(s, e))
        return false;
    if (staging_count(s->staging) == 0 && !s->unsaved)
        unlink(path);
    return true;
}

static bool is_spool(const char *name)
{
    return slice_ends(slice_of(name), S(".spool"));
}

bool serve_take_spools(struct serve *s, int *busy, struct err *e)
{
    char path[4096];
    DIR *dir = opendir(s->spool_dir);
    *busy = 0;
    if (!dir)
        return err_sys(e, "cannot read %s", s->spool_dir);
    bool ok = true;
    for (struct dirent *d; ok && (d = readdir(dir));) {
        int n = snprintf(path, sizeof path, "%s/%s", s->spool_dir, d->d_name);
        if (is_spool(d->d_name) && n > 0 && (size_t)n < sizeof path)
            ok = take_file(s, path, busy, e);
    }
    closedir(dir);
    return ok;
}

bool serve_take_old_spools(struct serve *s, struct err *e)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    int64_t deadline = clock_ms() + OLD_WORKERS_END_MS;
    int busy;
    for (;;) {
        if (!serve_take_spools(s, &busy, e))
            return false;
        if (!busy)
            return true;
        if (clock_ms() > deadline)
            return err_set(
                e, ERR_BUSY,
                "%d workers of an earlier run still live and write to %s; end them first", busy,
                s->spool_dir);
        nanosleep(&pause, NULL);
    }
}
