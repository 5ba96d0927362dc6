#include "judges/judge.h"

#include <assert.h>
#include <string.h>

const struct judge *judge_find(const char *name)
{
    for (const struct judge *const *j = judge_table; *j; j++)
        if (strcmp((*j)->name, name) == 0)
            return *j;
    return NULL;
}

const struct judge *judge_of(enum format format)
{
    const struct judge *const *j = judge_table;
    while (*j && (*j)->format != format)
        j++;
    assert(*j);
    return *j;
}
