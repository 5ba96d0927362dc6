#include "cli/wilson.h"

#include <math.h>

#define Z 1.959963984540054 /* 97.5 % of the normal distribution */

struct wilson wilson_interval(double share, double n)
{
    if (n <= 0)
        return (struct wilson){0, 1};
    double zz = Z * Z / n;
    double centre = (share + zz / 2) / (1 + zz);
    double half = Z / (1 + zz) * sqrt(share * (1 - share) / n + zz / (4 * n));
    return (struct wilson){fmax(0, centre - half), fmin(1, centre + half)};
}
