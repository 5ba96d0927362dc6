/*
 * fault_alloc: memory that runs out. An executable linked with --wrap=malloc, calloc, realloc and
 * reallocarray (see tests/CMakeLists.txt) allocates through here, as far as it is our own code;
 * cJSON does too, once fault_alloc_install was called.
 */
#ifndef TESTS_FAULT_ALLOC_H
#define TESTS_FAULT_ALLOC_H

#include "tests/lib/fault.h"

void fault_alloc_install(void);
/* fault_alloc_arm(at, repeat): allocation `at` (from 1, counted from now) fails. */
void fault_alloc_arm(int64_t at, bool repeat);
/* fault_alloc_disarm(): none fails any more; whether one did. */
bool fault_alloc_disarm(void);

#endif
