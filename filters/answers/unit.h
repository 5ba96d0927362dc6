/* unit: what a number counts: 12 cm, 5 miles per hour, $3, 90 degrees. */
#ifndef ANSWERS_UNIT_H
#define ANSWERS_UNIT_H

#include <gmp.h>

#include "base/slice.h"

#define UNIT_DIMENSIONS 12
#define UNIT_TEXT 48

struct unit {
    char text[UNIT_TEXT]; /* its spelling, folded: small letters, no blanks, singular */
    bool known;           /* the rest is filled in */
    int powers[UNIT_DIMENSIONS];
    mpq_t scale; /* of one of it, in the dimension's own units */
};

enum unit_relation {
    UNIT_SAME,
    UNIT_SCALED, /* cm and m */
    UNIT_OTHER,  /* cm and kg */
    UNIT_UNSURE, /* apples and fruits: words that are no units of measure */
};

void unit_init(struct unit *u);
void unit_clear(struct unit *u);
/* unit_read(text, u): letters, blanks and / * ^2 as people write units. False when the text cannot
 * be one: digits elsewhere, a conjunction, more than a few words. */
bool unit_read(struct slice text, struct unit *u);
bool unit_is_none(const struct unit *u);
enum unit_relation unit_relate(const struct unit *a, const struct unit *b);

#endif
