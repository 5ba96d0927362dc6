#include "filters/filter.h"

#include <string.h>

const struct filter *filter_find(const char *name)
{
    for (size_t i = 0; filter_table[i]; i++)
        if (strcmp(filter_table[i]->name, name) == 0)
            return filter_table[i];
    return NULL;
}
