#include "cli/reading.h"

#include <time.h>

#define TRIES 40
#define WAIT_NS 50000000

/* Between the file's creation and its first tables lie milliseconds. */
static bool is_being_made(const struct opening *o, const struct err *e)
{
    char holder[256];
    return e->code != ERR_NOTFOUND && store_holder(o->store_path, holder, sizeof holder);
}

bool reading_open(struct opening *o, const char *path, const struct args_strings *sets,
                  struct err *e)
{
    const struct timespec wait = {.tv_nsec = WAIT_NS};
    if (!opening_project(o, path, sets, e))
        return false;
    for (int i = 0; i < TRIES; i++) {
        if (opening_store(o, STORE_READ, e))
            return true;
        if (!is_being_made(o, e))
            return false;
        nanosleep(&wait, NULL);
    }
    return false;
}
