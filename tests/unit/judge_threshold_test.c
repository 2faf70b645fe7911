/* judge.threshold: m of the last n periods that are evidence. */
#include "check.h"
#include "judge/judge.h"

#include <math.h>

static struct error err;

static struct judge_threshold_params limit_of(double limit, bool above, size_t m, size_t n)
{
    struct judge_threshold_params params = judge_threshold_default;
    params.limit = limit;
    params.above = above;
    params.m = m;
    params.n = n;
    return params;
}

/* Periods: x beyond, . not, - absent, s too few requests, e exactly at the limit, n not a number.
 * Verdicts: H harm, u undecided. */
static void test_threshold(void)
{
    static const struct {
        size_t m, n;
        const char *periods, *verdicts;
    } rows[] = {
        {2, 3, "x.x..x", "uuHuuu"},   {2, 3, "xx...x", "uHHuuu"}, {2, 3, "x--x-.", "uuuHHH"},
        {2, 3, "xssx.s.", "uuuHHHu"}, {1, 1, ".x.-x", "uHuuH"},   {3, 3, "xx.xxx", "uuuuuH"},
        {2, 3, "xeex", "uuuu"},       {2, 3, "xnnx", "uuuH"},     {2, 2, "xx", "uH"},
        {2, 3, "------", "uuuuuu"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int above = 0; above < 2; above++) {
            struct judge_threshold judge;
            struct judge_threshold_params params = limit_of(5, above, rows[i].m, rows[i].n);
            char verdicts[16] = "";
            CHECK(judge_threshold_init(&judge, &params, &err));
            for (size_t k = 0; rows[i].periods[k]; k++) {
                char kind = rows[i].periods[k];
                double beyond = above ? 6 : 4;
                double value = kind == '.'   ? 10 - beyond
                               : kind == 'e' ? 5
                               : kind == 'n' ? NAN
                                             : beyond;
                struct judge_threshold_result found;
                judge_threshold_observe(&judge, value, kind == 's' ? 99 : 100, kind != '-');
                judge_threshold_result(&judge, &found);
                verdicts[k] = found.verdict == VERDICT_HARM ? 'H' : 'u';
            }
            CHECK_TEXT(verdicts, rows[i].verdicts);
        }
    }
}

static void test_threshold_numbers(void)
{
    struct judge_threshold judge;
    struct judge_threshold_result found;
    struct judge_threshold_params params = limit_of(0.02, true, 2, 3);
    CHECK(judge_threshold_init(&judge, &params, &err));
    judge_threshold_result(&judge, &found);
    CHECK(found.of == 0 && found.beyond == 0 && found.last == 0 && found.limit == 0.02);
    judge_threshold_observe(&judge, 0.03, INFINITY, true);
    judge_threshold_observe(&judge, -INFINITY, 1000, true);
    judge_threshold_observe(&judge, 0.01, NAN, true);
    judge_threshold_observe(&judge, 0.04, 1000, true);
    judge_threshold_result(&judge, &found);
    CHECK(found.of == 2 && found.beyond == 2 && found.last == 0.04);
    CHECK(judge.periods == 2 && found.verdict == VERDICT_HARM);
}

static void test_threshold_refuses(void)
{
    static const struct {
        struct judge_threshold_params params;
        const char *message;
    } rows[] = {
        {{NAN, true, 2, 3, 100}, "\"above\" must be a finite number"},
        {{-INFINITY, false, 2, 3, 100}, "\"below\" must be a finite number"},
        {{1, true, 2, 0, 100}, "\"n\" must be from 1 to 64, not 0"},
        {{1, true, 2, 65, 100}, "\"n\" must be from 1 to 64, not 65"},
        {{1, true, 0, 3, 100}, "\"m\" must be from 1 to \"n\" (3), not 0"},
        {{1, true, 4, 3, 100}, "\"m\" must be from 1 to \"n\" (3), not 4"},
        {{1, true, 2, 3, -1}, "\"min_requests\" must be from 0 to 1e+15, not -1"},
        {{1, true, 2, 3, NAN}, "\"min_requests\" must be from 0 to 1e+15, not nan"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct judge_threshold judge;
        CHECK(!judge_threshold_init(&judge, &rows[i].params, &err));
        CHECK_TEXT(err.message, rows[i].message);
        CHECK(err.code == ERROR_INVALID);
    }
}

CHECK_MAIN({"threshold", test_threshold}, {"threshold_numbers", test_threshold_numbers},
           {"threshold_refuses", test_threshold_refuses})
