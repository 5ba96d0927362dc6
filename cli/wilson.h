/* wilson: how sure a measured share is. */
#ifndef CLI_WILSON_H
#define CLI_WILSON_H

struct wilson {
    double low, high;
};

/* wilson_interval(share, n): 95 % score interval (Wilson 1927) of a share measured on n independent
 * cases; [0, 1] for n <= 0. */
struct wilson wilson_interval(double share, double n);

#endif
