/* models: the names that the teacher answers to, each with an accuracy of its own. */
#ifndef SIM_TEACHER_MODELS_H
#define SIM_TEACHER_MODELS_H

#include "base/err.h"
#include "base/slice.h"

#define MODELS_MAX 64

struct model {
    struct slice name;
    double p_correct;
};

struct models {
    struct model list[MODELS_MAX];
    size_t n; /* 0: any name will do */
};

/* models_add(m, "NAME" or "NAME=P", fallback, e): without a P it is as good as `fallback` says. The
 * text must outlive m. */
bool models_add(struct models *m, const char *text, double fallback, struct err *e);
/* models_find(m, name): NULL when it is not served; with an empty list always NULL. */
const struct model *models_find(const struct models *m, struct slice name);

#endif
