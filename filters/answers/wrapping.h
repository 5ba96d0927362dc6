/* wrapping: what is laid around an answer and says nothing: dollar signs, emphasis, quotation
 * marks. */
#ifndef ANSWERS_WRAPPING_H
#define ANSWERS_WRAPPING_H

#include "base/slice.h"

enum {
    WRAP_MATH = 1,     /* $x$ $$x$$ \(x\) \[x\] */
    WRAP_MARKDOWN = 2, /* **x** *x* __x__ `x` */
    WRAP_QUOTES = 4,   /* "x" 'x' and their printed forms */
    WRAP_COMMANDS = 8, /* \text{x} \mathrm{x} and their like */
    WRAP_BOX = 16,     /* \boxed{x} \fbox{x} */
    WRAP_STOP = 32,    /* a full stop at the end; "a.m." keeps its own */
    WRAP_ALL = 63,
};

/* wrapping_off(s, which): without them, layer by layer (at most 8), and without white space at both
 * ends. Only what encloses the whole is taken off: "$a$ and $b$" stays. Linear. */
struct slice wrapping_off(struct slice s, unsigned which);
/* wrapping_close(s): bytes of the wrapped piece (math, markdown, quotation) that s begins with; 0
 * when it begins with none. */
size_t wrapping_close(struct slice s);
/* wrapping_brace(s, from): offset of the brace that closes the one at `from`, past escaped ones;
 * SIZE_MAX when none does. */
size_t wrapping_brace(struct slice s, size_t from);

#endif
