/*
 * quantity: a number as people and models write one, with its unit: 1,234.50  \frac{3}{4}  2 1/3
 * 6\cdot 10^{-3}  \$18  50\%  5\text{ miles}  three. Its value is exact.
 */
#ifndef ANSWERS_QUANTITY_H
#define ANSWERS_QUANTITY_H

#include "filters/answers/unit.h"

struct quantity {
    mpq_t value;
    mpq_t other;    /* the other reading of 1,234 or 1.234 or 5k; see has_other */
    bool has_other; /* the separator could be meant the other way */
    bool odd;       /* a comma before decimals: 2,74 */
    bool percent;   /* value is the number before the sign */
    bool word;      /* written in letters, or in part: 1.5 million */
    bool ratio;     /* a:b */
    bool assigned;  /* x = … */
    bool rough;     /* about …, ≈ … */
    int places;     /* digits behind the decimal point; -1: no decimal number (a fraction) */
    int digits;     /* significant ones */
    struct unit unit;
};

void quantity_init(struct quantity *q);
void quantity_clear(struct quantity *q);
/* quantity_read(text, q): false when the text is not one number. q may be read into once. Bounded:
 * texts over 4096 bytes and exponents beyond ±4096 are not read. */
bool quantity_read(struct slice text, struct quantity *q);
/* quantity_decimal(value, out): a double as the decimal number that is written for it: 0.1 is one
 * tenth. */
void quantity_decimal(double value, mpq_t out);

#endif
