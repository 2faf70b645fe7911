/* Elementary functions whose last bit does not depend on the processor. libm picks other code where
 * the processor has FMA; these use IEEE + - * / sqrt only and are compiled without contraction.
 * Results are within one unit in the last place; exact cases (whole powers, log2 of powers of
 * two) are exact. Special values are C's (Annex F). */
#pragma once

#include <stddef.h>

/* Before a function that goes through arrays: it is there once more for processors with wider
 * registers, and chosen when the program starts. The bits stay the same: every element goes through
 * the same operations, one by one, and none is fused. */
#if defined __x86_64__ && defined __GNUC__ && !defined __clang__ && defined __gnu_linux__ &&       \
    !defined __SANITIZE_ADDRESS__
#define MATH_WIDER __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define MATH_WIDER
#endif

double math_exp(double x);
double math_log(double x);
double math_log2(double x);
double math_log10(double x);
double math_pow(double x, double y);
double math_log_gamma(double x); /* x > 0 */

/* Bit for bit math_exp and math_log of every element, several at a time; `out` may be `x`. */
void math_exp_all(double *out, const double *x, size_t count);
void math_log_all(double *out, const double *x, size_t count);
