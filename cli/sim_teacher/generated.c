#include "cli/sim_teacher/generated.h"

#include <assert.h>

const char *generated_name(enum generated v)
{
    static const char *const texts[] = {
#define X(name, text, help) text,
        GENERATED(X)
#undef X
    };
    assert(v < GENERATED_COUNT);
    return texts[v];
}
