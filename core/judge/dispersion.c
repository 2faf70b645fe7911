/* Sums over blocks. */
#include "judge/dispersion.h"

#include <math.h>

void dispersion_add(struct dispersion *dispersion, double canary, double events, double share)
{
    dispersion->deviation += canary - events * share;
    dispersion->variance += events * share * (1 - share);
}

void dispersion_end_block(struct dispersion *dispersion)
{
    if (dispersion->variance > 0) {
        dispersion->squares += dispersion->deviation * dispersion->deviation;
        dispersion->expected += dispersion->variance;
        dispersion->blocks++;
    }
    dispersion->deviation = dispersion->variance = 0;
}

double dispersion_ratio(const struct dispersion *dispersion)
{
    double ratio = dispersion->expected > 0 ? dispersion->squares / dispersion->expected : 1;
    return ratio > 1 ? ratio : 1;
}

/* That of the variance of as many normal numbers. */
double dispersion_error(const struct dispersion *dispersion)
{
    return dispersion->blocks > 0
               ? dispersion_ratio(dispersion) * sqrt(2 / (double)dispersion->blocks)
               : INFINITY;
}

/* In two digits, since more is not known. */
double dispersion_to_tell(const struct dispersion *measured)
{
    static const double no_less = 1.3;
    double ratio = dispersion_ratio(measured);
    double chance = 1 + 2 * dispersion_error(measured) / ratio;
    double unit = ratio < 10 ? 10 : 1;
    return ratio < no_less || ratio < chance ? 1 : ceil(ratio * unit) / unit;
}
