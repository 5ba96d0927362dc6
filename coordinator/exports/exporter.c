#include "coordinator/exports/exporter.h"

#include <string.h>

const struct exporter *exporter_find(const char *name)
{
    for (const struct exporter *const *x = exporter_table; *x; x++)
        if (strcmp((*x)->name, name) == 0)
            return *x;
    return NULL;
}
