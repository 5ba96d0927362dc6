/*
 * compat: how public harnesses read a verdict from a judgment's text, faithfully, oddities
 * included, to compare with them. None of them decides anything in a run.
 */
#ifndef JUDGES_COMPAT_H
#define JUDGES_COMPAT_H

#include "schemas/types.h"

struct compat {
    const char *name; /* rewardbench, ste, rm-r1, judgebench, mt-bench */
    const char *help; /* its rule and where it was read */
    /* read(text): A, B, TIE, or NONE / CONFLICTING where the harness finds none. */
    enum verdict (*read)(struct slice text);
};

extern const struct compat compat_table[]; /* ends with a NULL name */
const struct compat *compat_find(const char *name);

#endif
