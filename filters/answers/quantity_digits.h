/* quantity_digits: digits with points, commas and blanks between them. For quantity.c alone. */
#ifndef ANSWERS_QUANTITY_DIGITS_H
#define ANSWERS_QUANTITY_DIGITS_H

#include "filters/answers/quantity.h"

#define QUANTITY_MAX 4096 /* bytes of a text that is read */

/* quantity_digits(s, q): takes the number that s begins with: value, other, odd, places and digits
 * of q. False when the separators make no sense. */
bool quantity_digits(struct slice *s, struct quantity *q);
/* quantity_set(out, digits): nothing but digits; none is 0. */
void quantity_set(mpz_t out, struct slice digits);
/* quantity_shift(value, power): value *= 10^power */
void quantity_shift(mpq_t value, long power);

#endif
