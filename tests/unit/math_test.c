/* core/base/math: against long double libm, against exact figures, and against itself by the array.
 */
#include "base/math.h"
#include "base/random.h"
#include "check.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* Where long double is no wider than double, libm's own last place blurs what can be seen. */
#if LDBL_MANT_DIG >= 64
static const double allowed = 0.85;
#else
static const double allowed = 2;
#endif

enum { DRAWS = 20000 };

typedef double one_argument(double x);
typedef long double one_argument_wide(long double x);

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The same number, or both NaN; zeros must agree in sign. */
static bool same(double got, double want)
{
    return (got != got && want != want) || bits_of(got) == bits_of(want);
}

/* The distance from what is true in units of its last place. */
static double units_off(double got, long double want)
{
    if (same(got, (double)want) && !(fabsl(want) <= DBL_MAX))
        return 0;
    int exponent;
    frexpl(want, &exponent);
    if (exponent < DBL_MIN_EXP)
        exponent = DBL_MIN_EXP;
    return (double)ldexpl(fabsl(got - want), DBL_MANT_DIG - exponent);
}

/* Even over [low, high], or over the bit patterns between when both have one sign and `by_bits`. */
static double draw(struct random_stream *stream, double low, double high, bool by_bits)
{
    if (!by_bits)
        return low + (high - low) * random_unit(stream);
    return double_of(bits_of(low) + random_below(stream, bits_of(high) - bits_of(low)));
}

struct range {
    const char *name;
    one_argument *ours;
    one_argument_wide *libm;
    double low, high;
    bool by_bits;
};

static const struct range ranges[] = {
    {"exp", math_exp, expl, -1, 1, false},
    {"exp", math_exp, expl, -708, 709.7, false},
    {"exp", math_exp, expl, -745.1, -708, false},
    {"exp", math_exp, expl, 1e-300, 700, true},
    {"log", math_log, logl, 0.5, 2, false},
    {"log", math_log, logl, 0.999, 1.001, false},
    {"log", math_log, logl, 5e-324, DBL_MAX, true},
    {"log2", math_log2, log2l, 0.5, 2, false},
    {"log2", math_log2, log2l, 5e-324, DBL_MAX, true},
    {"log10", math_log10, log10l, 0.5, 2, false},
    {"log10", math_log10, log10l, 5e-324, DBL_MAX, true},
    {"log_gamma", math_log_gamma, lgammal, 0.8, 2.3, false},
    {"log_gamma", math_log_gamma, lgammal, 1e-3, 30, false},
    {"log_gamma", math_log_gamma, lgammal, 5e-324, 1e305, true},
};

static void test_last_place(void)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct range *range = &ranges[i];
        struct random_stream stream;
        random_open(&stream, 1, RANDOM_VALUES, i);
        double worst = 0;
        double worst_at = 0;
        for (int n = 0; n < DRAWS; n++) {
            double x = draw(&stream, range->low, range->high, range->by_bits);
            double off = units_off(range->ours(x), range->libm(x));
            if (!(off <= worst)) {
                worst = off;
                worst_at = x;
            }
        }
        if (!CHECK(worst <= allowed) || getenv("MATH_TEST_REPORT"))
            fprintf(stderr, "%s over [%g, %g]: %.3f units off at %a\n", range->name, range->low,
                    range->high, worst, worst_at);
    }
}

struct pair_range {
    const char *name;
    double (*ours)(double x, double y);
    long double (*libm)(long double x, long double y);
    double x_low, x_high;
    double y_low, y_high;
    bool by_bits;
};

static const struct pair_range pair_ranges[] = {
    {"pow", math_pow, powl, 0.1, 10, -300, 300, false},
    {"pow", math_pow, powl, 0.99, 1.01, -70000, 70000, false},
    {"pow", math_pow, powl, 0.9999999, 1.0000001, -7e9, 7e9, false},
    {"pow", math_pow, powl, 5e-324, DBL_MAX, -1.1, 1.1, false},
    {"pow", math_pow, powl, 5e-324, DBL_MAX, 1e-10, 300, true},
};

static void test_last_place_of_pairs(void)
{
    for (size_t i = 0; i < sizeof pair_ranges / sizeof *pair_ranges; i++) {
        const struct pair_range *range = &pair_ranges[i];
        struct random_stream stream;
        random_open(&stream, 2, RANDOM_VALUES, i);
        double worst = 0;
        for (int n = 0; n < DRAWS; n++) {
            double x = draw(&stream, range->x_low, range->x_high, range->by_bits);
            double y = draw(&stream, range->y_low, range->y_high, range->by_bits);
            long double want = range->libm(x, y);
            if (fabsl(want) > DBL_MAX)
                want = (double)want;
            double off = units_off(range->ours(x, y), want);
            worst = off <= worst ? worst : off;
        }
        if (!CHECK(worst <= allowed) || getenv("MATH_TEST_REPORT"))
            fprintf(stderr, "%s, row %zu: %.3f units off\n", range->name, i, worst);
    }
}

struct known {
    one_argument *function;
    double x, want;
};

static void check_known(const struct known *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double got = rows[i].function(rows[i].x);
        if (!CHECK(same(got, rows[i].want)))
            fprintf(stderr, "row %zu of %a: got %a, want %a\n", i, rows[i].x, got, rows[i].want);
    }
}

static void test_special_values(void)
{
    static const struct known rows[] = {
        {math_exp, 0.0, 1},
        {math_exp, -0.0, 1},
        {math_exp, INFINITY, INFINITY},
        {math_exp, -INFINITY, 0},
        {math_exp, NAN, NAN},
        {math_exp, 710, INFINITY},
        {math_exp, -746, 0},
        {math_exp, 0x1.62e42fefa39efp+9, 0x1.fffffffffff2ap+1023}, /* the largest finite */
        {math_exp, 0x1.62e42fefa39f0p+9, INFINITY},
        {math_exp, -0x1.74910d52d3051p+9, 5e-324}, /* the smallest above 0 */
        {math_exp, -0x1.74910d52d3052p+9, 0},
        {math_log, 1, 0},
        {math_log, 0.0, -INFINITY},
        {math_log, -0.0, -INFINITY},
        {math_log, -1, NAN},
        {math_log, -5e-324, NAN},
        {math_log, INFINITY, INFINITY},
        {math_log, -INFINITY, NAN},
        {math_log, NAN, NAN},
        {math_log2, 0.0, -INFINITY},
        {math_log2, -1, NAN},
        {math_log2, INFINITY, INFINITY},
        {math_log10, -0.0, -INFINITY},
        {math_log10, -INFINITY, NAN},
        {math_log10, NAN, NAN},
        {math_log_gamma, 0, INFINITY},
        {math_log_gamma, 1, 0},
        {math_log_gamma, 2, 0},
        {math_log_gamma, INFINITY, INFINITY},
        {math_log_gamma, DBL_MAX, INFINITY},
        {math_log_gamma, -1.5, NAN},
        {math_log_gamma, NAN, NAN},
    };
    check_known(rows, sizeof rows / sizeof *rows);
}

static void test_exact_powers(void)
{
    for (int n = -1074; n <= 1023; n++) {
        CHECK(math_pow(2, n) == ldexp(1, n));
        CHECK(math_log2(ldexp(1, n)) == n);
        CHECK(n % 2 != 0 || math_pow(ldexp(1, n), 0.5) == ldexp(1, n / 2));
    }
    double ten = 1;
    for (int n = 0; n <= 22; n++) {
        CHECK(math_pow(10, n) == ten);
        CHECK(math_log10(ten) == n);
        ten *= 10;
    }
    for (int base = -30; base <= 30; base++) {
        double power = 1;
        for (int n = 0; fabs(power) < 0x1p53; n++) {
            CHECK(n > 60 || math_pow(base, n) == power);
            power = n > 60 ? INFINITY : power * base;
        }
    }
    for (double root = 3; root < 90000000; root = root * 3 + 2)
        CHECK(math_pow(root * root, 0.5) == root);
}

struct known_pair {
    double x, y, want;
};

static void check_pairs(double (*function)(double x, double y), const struct known_pair *rows,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double got = function(rows[i].x, rows[i].y);
        if (!CHECK(same(got, rows[i].want)))
            fprintf(stderr, "of %a, %a: got %a, want %a\n", rows[i].x, rows[i].y, got,
                    rows[i].want);
    }
}

static void test_special_powers(void)
{
    static const struct known_pair rows[] = {
        {NAN, 0, 1},
        {INFINITY, -0.0, 1},
        {1, NAN, 1},
        {1, INFINITY, 1},
        {-1, INFINITY, 1},
        {-1, -INFINITY, 1},
        {-1, 0x1p60, 1},
        {-1, 3, -1},
        {-1, 0.5, NAN},
        {NAN, 1, NAN},
        {2, NAN, NAN},
        {0.0, -3, INFINITY},
        {-0.0, -3, -INFINITY},
        {-0.0, -2, INFINITY},
        {-0.0, -0.5, INFINITY},
        {-0.0, -INFINITY, INFINITY},
        {-0.0, 3, -0.0},
        {-0.0, 2, 0.0},
        {-0.0, 0.5, 0.0},
        {0.5, INFINITY, 0},
        {0.5, -INFINITY, INFINITY},
        {-2, INFINITY, INFINITY},
        {-2, -INFINITY, 0.0},
        {INFINITY, -1, 0.0},
        {INFINITY, 0.1, INFINITY},
        {-INFINITY, -3, -0.0},
        {-INFINITY, -2, 0.0},
        {-INFINITY, 3, -INFINITY},
        {-INFINITY, 2, INFINITY},
        {-INFINITY, 0.5, INFINITY},
        {-8, 1.0 / 3, NAN},
        {-2, 1023, -0x1p1023},
        {-2, 1024, INFINITY},
        {-2, 1025, -INFINITY},
        {-2, -1075, -0.0},
        {-2, -1074, 5e-324},
        {5e-324, 1, 5e-324},
        {DBL_MAX, 1, DBL_MAX},
        {DBL_MAX, -1, 0x1p-1024},
        {3, 5e-324, 1},
        {0x1.fffffffffffffp-1, 1e300, 0},
        {0x1.0000000000001p+0, -1e300, 0},
        {0x1.0000000000001p+0, 1e300, INFINITY},
    };
    check_pairs(math_pow, rows, sizeof rows / sizeof *rows);
}

static void fill(double *x, size_t count, struct random_stream *stream, bool odd_ones)
{
    for (size_t i = 0; i < count; i++) {
        x[i] = odd_ones && random_below(stream, 20) == 0 ? double_of(random_bits(stream))
                                                         : 700 * random_unit(stream);
    }
}

/* In place and beside, with and without odd elements, for every length around a block's. */
static void test_arrays(void)
{
    struct random_stream stream;
    random_open(&stream, 3, RANDOM_VALUES, 0);
    for (size_t count = 0; count < 200; count++) {
        double x[200], exps[200], logs[200];
        fill(x, count, &stream, count % 2);
        memcpy(logs, x, count * sizeof *x);
        math_exp_all(exps, x, count);
        math_log_all(logs, logs, count);
        for (size_t i = 0; i < count; i++)
            CHECK(same(exps[i], math_exp(x[i])) && same(logs[i], math_log(x[i])));
    }
    const double ends[] = {0.0,      -0.0,    5e-324, -5e-324,  DBL_MIN,
                           -DBL_MIN, DBL_MAX, NAN,    INFINITY, -INFINITY,
                           708,      -708,    709.5,  709.8,    -709,
                           -745,     -746,    1,      -DBL_MAX, 0x1.fffffffffffffp-1023};
    enum { ENDS = sizeof ends / sizeof *ends };
    double exps[ENDS], logs[ENDS];
    math_exp_all(exps, ends, ENDS);
    math_log_all(logs, ends, ENDS);
    for (size_t i = 0; i < ENDS; i++)
        CHECK(same(exps[i], math_exp(ends[i])) && same(logs[i], math_log(ends[i])));
}

/* One number for the bits of many results: another processor or compiler must come to it too. */
static void test_golden_bits(void)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        struct random_stream stream;
        random_open(&stream, 4, RANDOM_VALUES, i);
        for (int n = 0; n < 2000; n++) {
            double x = draw(&stream, ranges[i].low, ranges[i].high, ranges[i].by_bits);
            double y = fabs(ranges[i].ours(x));
            sum = (sum ^ bits_of(y)) * 0x100000001b3;
            sum = (sum ^ bits_of(math_pow(y, 0.37))) * 0x100000001b3;
        }
    }
    if (!CHECK(sum == 0x55d3da9ec6296f7a))
        fprintf(stderr, "sum: 0x%016" PRIx64 "\n", sum);
}

CHECK_MAIN({"last_place", test_last_place}, {"last_place_of_pairs", test_last_place_of_pairs},
           {"special_values", test_special_values}, {"exact_powers", test_exact_powers},
           {"special_powers", test_special_powers}, {"arrays", test_arrays},
           {"golden_bits", test_golden_bits})
