#include "cli/sim_teacher/counting.h"

static const char all[] = "one, two, three, four, five, six, seven, eight, nine, ten";
#define LEAST 9 /* "one, two," */

const char *counting_rest(struct slice begun)
{
    for (size_t n = sizeof all - 1; n >= LEAST; n--)
        if (slice_ends(begun, (struct slice){all, n}))
            return all + n;
    return NULL;
}
