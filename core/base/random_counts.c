/* How often something happens: exact draws from the binomial, hypergeometric and Poisson
 * distributions. Small means are found by walking up from 0; large ones by rejection, where a
 * candidate is judged by its probability over that of the mode. That ratio is put together from
 * terms that stay small however large the counts are. */
#include "base/math.h"
#include "base/random.h"

#include <math.h>
#include <stdbool.h>

/* Below this mean, walk. The rejections are proven from there on. */
static const double walk_below = 10;

/* log(k!) - (log(2 pi k) / 2 + k log(k) - k): what Stirling leaves. */
static inline double stirling_rest(double k)
{
    static const double small[] = {0,
                                   0.08106146679532726,
                                   0.0413406959554093,
                                   0.02767792568499834,
                                   0.020790672103765093,
                                   0.016644691189821193,
                                   0.013876128823070748,
                                   0.01189670994589177,
                                   0.010411265261972096,
                                   0.009255462182712733,
                                   0.00833056343336287,
                                   0.007573675487951841,
                                   0.00694284010720953,
                                   0.006408994188004207,
                                   0.0059513701127588475,
                                   0.005554733551962801};
    if (k < 16)
        return small[(int)k];
    double inverse = 1 / k;
    double square = inverse * inverse;
    return inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680)));
}

/* log(k / m) = 2 v (1 + v^2/3 + v^4/5 + ...) for v = (k - m) / (k + m): the sum without its 1.
 * Eight terms do for |v| <= 1/8. */
static inline double artanh_rest(double v)
{
    double z = v * v;
    double z2 = z * z;
    double low = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
    double high = (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));
    return z * (low + z2 * z2 * high);
}

/* log(k / m) (k + 1/2) - (k - m), without the loss of digits that k near m would bring. */
static inline double log_drop(double k, double m)
{
    double v = (k - m) / (k + m);
    if (v * v > 1.0 / 64)
        return math_log(k / m) * (k + 0.5) - (k - m);
    return v * ((k - m) + 1 + (2 * k + 1) * artanh_rest(v));
}

/* log(m! / k!) + (k - m) log(m) - stirling_rest(m), m > 0: how a cell of k is less likely than one
 * of m, but for what depends on m alone. */
static inline double cell(double k, double m)
{
    if (k == 0) {
        const double two_pi = 0x1.921fb54442d18p+2;
        return 0.5 * math_log(two_pi * m) - m;
    }
    return -stirling_rest(k) - log_drop(k, m);
}

/* log(1 - p) */
static double log_of_rest(double p)
{
    double rest = 1 - p;
    return rest == 1 ? -p : math_log(rest) * (p / (1 - rest));
}

/* A draw by transformed rejection (Hormann 1993): a table mountain over the probabilities, most of
 * which needs no look at them. */
struct mountain {
    double centre, width, lift; /* k = floor((2 lift / us + width) u + centre) */
    double sure;                /* below it every v is accepted, off the flanks */
};

static inline double climb(const struct mountain *mountain, struct random_stream *stream, double *v,
                           double *us)
{
    double u = random_unit(stream) - 0.5;
    *v = 1 - random_unit(stream);
    *us = 0.5 - fabs(u);
    return floor((2 * mountain->lift / *us + mountain->width) * u + mountain->centre);
}

static inline bool is_sure(const struct mountain *mountain, double v, double us)
{
    return us >= 0.07 && v <= mountain->sure;
}

/* trials * probability < 10 */
static int64_t walk_binomial(struct random_stream *stream, double trials, double p)
{
    double none = math_exp(trials * log_of_rest(p));
    double odds = p / (1 - p);
    for (;;) {
        double u = random_unit(stream);
        double mass = none;
        double k = 0;
        while (u >= mass && k < trials && mass > 0) {
            u -= mass;
            mass *= (trials - k) / (k + 1) * odds;
            k++;
        }
        if (u < mass) /* or rounding has lost what u asks for, some 2^-53 */
            return (int64_t)k;
    }
}

/* What the rejections compare with: the mode, and what its probability contributes to the ratio. */
struct mode {
    double k;
    double tilt; /* of the cells' logarithms: near 0 */
    double rest; /* of the cells by Stirling */
};

static struct mode binomial_mode(double trials, double p)
{
    double k = floor((trials + 1) * p);
    return (struct mode){
        .k = k,
        .tilt = math_log((trials - k) * p / (k * (1 - p))),
        .rest = stirling_rest(k) + stirling_rest(trials - k),
    };
}

/* log of the probability of k over that of the mode */
static double binomial_log_ratio(double trials, const struct mode *mode, double k)
{
    return cell(k, mode->k) + cell(trials - k, trials - mode->k) + mode->rest +
           (k - mode->k) * mode->tilt;
}

/* BTRS, for trials * probability >= 10 and probability <= 1/2 */
static int64_t reject_binomial(struct random_stream *stream, double trials, double p)
{
    double deviation = sqrt(trials * p * (1 - p));
    double width = 1.15 + 2.53 * deviation;
    struct mountain mountain = {
        .centre = trials * p + 0.5,
        .width = width,
        .lift = -0.0873 + 0.0248 * width + 0.01 * p,
        .sure = 0.92 - 4.2 / width,
    };
    double scale = (2.83 + 5.1 / width) * deviation;
    for (;;) {
        double v, us;
        double k = climb(&mountain, stream, &v, &us);
        if (is_sure(&mountain, v, us))
            return (int64_t)k;
        if (!(k >= 0 && k <= trials))
            continue;
        double height = v * scale / (mountain.lift / (us * us) + width);
        struct mode mode = binomial_mode(trials, p); /* rarely needed */
        if (math_log(height) <= binomial_log_ratio(trials, &mode, k))
            return (int64_t)k;
    }
}

int64_t random_binomial(struct random_stream *stream, int64_t trials, double probability)
{
    if (trials <= 0 || !(probability > 0))
        return 0;
    if (probability >= 1)
        return trials;
    if (probability > 0.5)
        return trials - random_binomial(stream, trials, 1 - probability);
    double mean = (double)trials * probability;
    return mean < walk_below ? walk_binomial(stream, (double)trials, probability)
                             : reject_binomial(stream, (double)trials, probability);
}

/* An urn turned so that neither more than half is marked nor more than half is taken, and no more
 * is taken than is marked: swapping the two changes nothing. */
struct urn {
    double total, marked, sample;
};

/* The probability that none of the sample is marked. */
static double none_marked(struct urn urn)
{
    double left = urn.total - urn.sample;
    double unmarked = urn.total - urn.marked;
    double rest = unmarked - urn.sample;
    if (urn.sample > 16)
        return math_exp(cell(urn.total, left) + stirling_rest(left) + cell(rest, unmarked) +
                        stirling_rest(unmarked) + urn.sample * math_log(unmarked / left));
    double ways = 1;
    double all = 1;
    for (double i = 0; i < urn.sample; i++) {
        ways *= unmarked - i;
        all *= urn.total - i;
    }
    return ways / all;
}

/* mean < 10 */
static int64_t walk_hypergeometric(struct random_stream *stream, struct urn urn)
{
    double rest = urn.total - urn.marked - urn.sample;
    double none = none_marked(urn);
    for (;;) {
        double u = random_unit(stream);
        double mass = none;
        double k = 0;
        while (u >= mass && k < urn.sample && mass > 0) {
            u -= mass;
            mass *= (urn.marked - k) * (urn.sample - k) / ((k + 1) * (rest + k + 1));
            k++;
        }
        if (u < mass)
            return (int64_t)k;
    }
}

static struct mode hypergeometric_mode(struct urn urn, double k)
{
    double marked = urn.marked - k;
    double sample = urn.sample - k;
    double neither = urn.total - urn.marked - sample;
    return (struct mode){
        .k = k,
        .tilt = math_log(marked * sample / (k * neither)),
        .rest = stirling_rest(k) + stirling_rest(marked) + stirling_rest(sample) +
                stirling_rest(neither),
    };
}

/* log of the probability of k over that of the mode */
static double hypergeometric_log_ratio(struct urn urn, const struct mode *mode, double k)
{
    double rest = urn.total - urn.marked - urn.sample;
    return (cell(k, mode->k) + cell(urn.marked - k, urn.marked - mode->k)) +
           (cell(urn.sample - k, urn.sample - mode->k) + cell(rest + k, rest + mode->k)) +
           mode->rest + (k - mode->k) * mode->tilt;
}

/* Bounds of the log ratio near the mode. From k to k + 1 the log probability falls more steeply
 * with every k, by 1/(marked - k) + 1/(sample - k) + 1/(k + 1) + 1/(neither + k + 1) or so, which
 * within `reach` of the mode lies between two figures. So at a distance d the ratio lies between
 * -steepest d (d + 1) / 2 and -flattest d (d - 1) / 2. */
struct bounds {
    double mode, reach, steepest, flattest;
};

static double steepness(struct urn urn, double k, double shift)
{
    double neither = urn.total - urn.marked - urn.sample;
    return (1 / (urn.marked - k + shift) + 1 / (urn.sample - k + shift)) +
           (1 / (k + shift) + 1 / (neither + k + shift));
}

static struct bounds hypergeometric_bounds(struct urn urn, double deviation)
{
    struct bounds bounds = {
        .mode = floor((urn.sample + 1) * (urn.marked + 1) / (urn.total + 2)),
        .reach = floor(2 * deviation),
    };
    bounds.steepest = steepness(urn, bounds.mode, -bounds.reach);
    bounds.flattest = steepness(urn, bounds.mode, bounds.reach + 1);
    return bounds;
}

enum answer { NO, YES, UNCLEAR };

/* Whether 2 log(x) <= ratio, if the ratio lies between these: 2 log(x) lies between x - 1/x and
 * x (4 - x) - 3. */
static enum answer below_ratio(double x, double low, double high)
{
    if (x * (4 - x) - 3 <= low)
        return YES;
    return x * (x - high) >= 1 ? NO : UNCLEAR;
}

static enum answer quick_answer(const struct bounds *bounds, double x, double k)
{
    double d = fabs(k - bounds->mode);
    if (d > bounds->reach)
        return UNCLEAR;
    return below_ratio(x, -0.5 * bounds->steepest * d * (d + 1),
                       -0.5 * bounds->flattest * d * (d - 1));
}

static bool exact_answer(struct urn urn, double at, double x, double k)
{
    struct mode mode = hypergeometric_mode(urn, at);
    double ratio = hypergeometric_log_ratio(urn, &mode, k);
    enum answer answer = below_ratio(x, ratio, ratio);
    return answer == UNCLEAR ? 2 * math_log(x) <= ratio : answer == YES;
}

/* HRUA, the ratio of uniforms (Stadlober 1990), for means from 10 on: the mode is then far from
 * every end of the support. */
static int64_t reject_hypergeometric(struct random_stream *stream, struct urn urn)
{
    double share = urn.marked / urn.total;
    double variance = urn.sample * share * (1 - share) *
                      ((urn.total - urn.sample) / (urn.total - 1));
    double deviation = sqrt(variance + 0.5);
    double width = 1.7155277699214135 * deviation + 0.8989161620588988;
    double centre = urn.sample * share + 0.5;
    struct bounds bounds = hypergeometric_bounds(urn, deviation);
    for (;;) {
        double x = 1 - random_unit(stream);
        double k = floor(centre + width * (random_unit(stream) - 0.5) / x);
        if (!(k >= 0 && k <= urn.sample))
            continue;
        enum answer answer = quick_answer(&bounds, x, k);
        if (answer == YES || (answer == UNCLEAR && exact_answer(urn, bounds.mode, x, k)))
            return (int64_t)k;
    }
}

static int64_t draw_from_urn(struct random_stream *stream, struct urn urn)
{
    if (urn.marked < urn.sample) {
        double marked = urn.marked;
        urn.marked = urn.sample;
        urn.sample = marked;
    }
    if (urn.sample == 0)
        return 0;
    return urn.sample * urn.marked / urn.total < walk_below ? walk_hypergeometric(stream, urn)
                                                            : reject_hypergeometric(stream, urn);
}

static int64_t clamp(int64_t x, int64_t high)
{
    return x < 0 ? 0 : x > high ? high : x;
}

int64_t random_hypergeometric(struct random_stream *stream, int64_t total, int64_t marked,
                              int64_t sample)
{
    total = total < 0 ? 0 : total;
    marked = clamp(marked, total);
    sample = clamp(sample, total);
    bool most_marked = marked > total - marked;
    bool most_taken = sample > total - sample;
    int64_t few_marked = most_marked ? total - marked : marked;
    int64_t few_taken = most_taken ? total - sample : sample;
    struct urn urn = {(double)total, (double)few_marked, (double)few_taken};
    int64_t k = draw_from_urn(stream, urn);
    if (most_taken)
        k = few_marked - k;
    return most_marked ? sample - k : k;
}

/* mean < 10 */
static int64_t walk_poisson(struct random_stream *stream, double mean)
{
    double none = math_exp(-mean);
    for (;;) {
        double u = random_unit(stream);
        double mass = none;
        double k = 0;
        while (u >= mass && mass > 0) {
            u -= mass;
            k++;
            mass *= mean / k;
        }
        if (u < mass)
            return (int64_t)k;
    }
}

/* log of the probability of k */
static double poisson_log_mass(double k, double mean)
{
    const double half_log_2pi = 0x1.d67f1c864beb5p-1;
    if (k == 0)
        return -mean;
    return -half_log_2pi - 0.5 * math_log(mean) - stirling_rest(k) - log_drop(k, mean);
}

/* PTRS */
static int64_t reject_poisson(struct random_stream *stream, double mean)
{
    double width = 0.931 + 2.53 * sqrt(mean);
    struct mountain mountain = {
        .centre = mean + 0.43,
        .width = width,
        .lift = -0.059 + 0.02483 * width,
        .sure = 0.9277 - 3.6224 / (width - 2),
    };
    double scale = 1.1239 + 1.1328 / (width - 3.4);
    for (;;) {
        double v, us;
        double k = climb(&mountain, stream, &v, &us);
        if (is_sure(&mountain, v, us))
            return (int64_t)k;
        if (!(k >= 0 && k < 0x1p62))
            continue;
        double height = v * scale / (mountain.lift / (us * us) + width);
        if (math_log(height) <= poisson_log_mass(k, mean))
            return (int64_t)k;
    }
}

int64_t random_poisson(struct random_stream *stream, double mean)
{
    if (!(mean > 0))
        return 0;
    if (mean > 0x1p60)
        mean = 0x1p60;
    return mean < walk_below ? walk_poisson(stream, mean) : reject_poisson(stream, mean);
}
