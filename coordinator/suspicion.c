#include "coordinator/suspicion.h"

#include <math.h>

#define SPREAD 8.0 /* rollouts that the prior of a pair's rate is worth */
#define FLIPPED 0.05
#define ACCURACY_MAX 0.99 /* nobody is never wrong */

static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

double suspicion_odds(const struct suspicion_order *orders, int n, double accuracy)
{
    double correct = 0, incorrect = 0, mean = fmin(fmax(accuracy, 0.5), ACCURACY_MAX);
    for (int i = 0; i < n; i++) {
        correct += orders[i].correct + 0.5 * orders[i].unsure;
        incorrect += orders[i].incorrect + 0.5 * orders[i].unsure;
    }
    double a = SPREAD * mean, b = SPREAD * (1 - mean);
    return log(FLIPPED / (1 - FLIPPED)) + log_gamma(a + incorrect) + log_gamma(b + correct) -
           log_gamma(a + correct) - log_gamma(b + incorrect);
}

bool suspicion_contradicted(const struct suspicion_order *orders, int n)
{
    for (int i = 0; i < n; i++)
        if (orders[i].incorrect <= orders[i].correct)
            return false;
    return n > 0;
}
