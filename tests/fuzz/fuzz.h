/*
 * fuzz: what a target has to offer, and how it complains. Built with libFuzzer a target searches;
 * built with replay.c it goes through the inputs in corpus/<target>, which every test run does.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/slice.h"

/* LLVMFuzzerTestOneInput(data, n): one input; always 0. Ends the process when a promise is broken.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* fuzz_check(promise): ends the process when it is not kept. */
#define fuzz_check(promise)                                                       \
    do {                                                                          \
        if (!(promise)) {                                                         \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #promise); \
            abort();                                                              \
        }                                                                         \
    } while (0)

static inline struct slice fuzz_input(const uint8_t *data, size_t n)
{
    return (struct slice){n ? (const char *)data : "", n};
}

/* fuzz_byte(input): takes the first byte off; 0 at the end. */
static inline uint8_t fuzz_byte(struct slice *input)
{
    uint8_t byte = input->n ? (uint8_t)input->p[0] : 0;
    *input = slice_from(*input, 1);
    return byte;
}

#endif
