#include "filters/answers/checker.h"

#include <string.h>

const struct checker *checker_find(const char *name)
{
    for (size_t i = 0; checker_table[i]; i++)
        if (strcmp(checker_table[i]->name, name) == 0)
            return checker_table[i];
    return NULL;
}
