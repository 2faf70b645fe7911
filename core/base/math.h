/* Elementary functions whose last bit does not depend on the processor. libm picks other code where
 * the processor has FMA; these use IEEE + - * / sqrt only and are compiled without contraction.
 * Results are within one unit in the last place; exact cases (whole powers, log2 of powers of
 * two) are exact. Special values are C's (Annex F). */
#pragma once

#include <stddef.h>

double math_exp(double x);
double math_log(double x);
double math_log2(double x);
double math_log10(double x);
double math_pow(double x, double y);
double math_log_gamma(double x); /* x > 0 */

/* Bit for bit math_exp and math_log of every element, several at a time; `out` may be `x`. */
void math_exp_all(double *out, const double *x, size_t count);
void math_log_all(double *out, const double *x, size_t count);
