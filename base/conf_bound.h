/* conf_bound: fields of a bound struct and limits of rows; for the conf_*.c files alone. */
#ifndef BASE_CONF_BOUND_H
#define BASE_CONF_BOUND_H

#include "base/conf.h"

/* The limits of a number or a list in words: "between 1 and 64", "at least 0"; "" without limits.
 */
struct conf_bounds {
    char text[96];
};
struct conf_bounds conf_bounds(const struct conf_row *row);

static inline void *conf_field(void *base, size_t offset)
{
    return (char *)base + offset;
}

static inline const void *conf_const_field(const void *base, size_t offset)
{
    return (const char *)base + offset;
}

#endif
