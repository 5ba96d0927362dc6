#include "coordinator/imports/importer.h"

#include <string.h>

const struct importer *importer_find(const char *name)
{
    for (size_t i = 0; importer_table[i]; i++)
        if (strcmp(importer_table[i]->name, name) == 0)
            return importer_table[i];
    return NULL;
}

const struct importer *importer_detect(const json *line)
{
    for (size_t i = 0; importer_table[i]; i++)
        if (importer_table[i]->detect(line))
            return importer_table[i];
    return NULL;
}
