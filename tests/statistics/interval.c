/* By bisection of the binomial's distribution function. */
#include "interval.h"

#include "base/math.h"

#include <math.h>

/* P(at most `count` of `runs`) at a probability between 0 and 1. */
static double at_most(int count, int runs, double p)
{
    double log_term = runs * math_log(1 - p);
    double odds = math_log(p) - math_log(1 - p);
    double sum = math_exp(log_term);
    for (int k = 0; k < count; k++) {
        log_term += odds + math_log((double)(runs - k) / (k + 1));
        sum += math_exp(log_term);
    }
    return sum < 1 ? sum : 1;
}

/* The probability at which at most `count` has the chance `chance`. */
static double solve(int count, int runs, double chance)
{
    enum { STEPS = 60 };
    double low = 0;
    double high = 1;
    for (int i = 0; i < STEPS; i++) {
        double middle = (low + high) / 2;
        if (at_most(count, runs, middle) > chance)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

double interval_low(int count, int runs)
{
    return count > 0 ? solve(count - 1, runs, 0.975) : 0;
}

double interval_high(int count, int runs)
{
    return count < runs ? solve(count, runs, 0.025) : 1;
}
