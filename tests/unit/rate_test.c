/* world/rate: how often, and how many at a time. */

#include "check.h"
#include "world/rate.h"

static struct error err;

static void test_rate_per_minute(void)
{
    struct rate rate;
    CHECK(rate_init(&rate, 3, 0, &err));
    for (int64_t now = 1000; now <= 3000; now += 1000) {
        CHECK(rate_ready(&rate, now) == now);
        rate_begin(&rate, now);
    }
    CHECK(rate_ready(&rate, 3001) == 61000);
    CHECK(rate_ready(&rate, 61000) == 61000);
    rate_begin(&rate, 61000);
    CHECK(rate_ready(&rate, 61500) == 62000);
    CHECK(rate_ready(&rate, 500000) == 500000);
    rate_clear(&rate);
}

/* Whoever calls as soon as it may never has more than so many in any 60 seconds. */
static void test_rate_everywhere(void)
{
    enum { LIMIT = 7, CALLS = 500 };
    struct rate rate;
    int64_t begun[CALLS];
    int64_t now = 5;
    CHECK(rate_init(&rate, LIMIT, 0, &err));
    for (int i = 0; i < CALLS; i++) {
        now += i * 7919 % 13000;
        now = rate_ready(&rate, now);
        begun[i] = now;
        rate_begin(&rate, now);
        CHECK(i < LIMIT || begun[i] - begun[i - LIMIT] >= 60000);
    }
    rate_clear(&rate);
}

static void test_rate_at_a_time(void)
{
    struct rate rate;
    CHECK(rate_init(&rate, 0, 2, &err));
    rate_begin(&rate, 1);
    CHECK(rate_ready(&rate, 1) == 1);
    rate_begin(&rate, 1);
    CHECK(rate_ready(&rate, 9) == RATE_AFTER_ONE_ENDS);
    rate_end(&rate);
    CHECK(rate_ready(&rate, 9) == 9);
    rate_clear(&rate);
    CHECK(rate_init(&rate, 0, 0, &err));
    for (int i = 0; i < 100; i++)
        rate_begin(&rate, 1);
    CHECK(rate_ready(&rate, 1) == 1);
    rate_clear(&rate);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"per_minute", test_rate_per_minute},
        {"everywhere", test_rate_everywhere},
        {"at_a_time", test_rate_at_a_time},
    };
    return check_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
