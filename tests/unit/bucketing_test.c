/* The reference for applications, examples/flags/bucketing.c: the vectors that it shares with
 * bucketing.lua, and what a ramp relies on. The program is told where the vectors are. */
#include "bucketing.h"
#include "check.h"

#include <math.h>
#include <stdlib.h>

static void test_vectors(void)
{
    char line[256], flag[64], user[64];
    unsigned bucket = 0;
    int count = 0;
    FILE *file = fopen(VECTORS, "r");
    if (!CHECK(file))
        return;
    for (; fgets(line, sizeof line, file); count++) {
        char *tab = strchr(line, '\t');
        char *last = strrchr(line, '\t');
        if (!CHECK(tab && last > tab && tab - line < 64 && last - tab < 64))
            break;
        snprintf(flag, sizeof flag, "%.*s", (int)(tab - line), line);
        snprintf(user, sizeof user, "%.*s", (int)(last - tab - 1), tab + 1);
        CHECK(sscanf(last, "%u", &bucket) == 1 && flag_bucket(flag, user) == bucket);
    }
    CHECK(count == 16);
    fclose(file);
}

enum { USERS = 20000 };

static int users_with(double percent, const char *flag)
{
    char user[32];
    int count = 0;
    for (int i = 0; i < USERS; i++) {
        snprintf(user, sizeof user, "user-%d", i);
        count += flag_is_on(flag, user, percent);
    }
    return count;
}

/* Four standard deviations of the count. */
static bool near(int count, double share)
{
    return fabs(count - USERS * share) < 4 * sqrt(USERS * share * (1 - share)) + 1;
}

static void test_as_many_as_said(void)
{
    CHECK(users_with(0, "new-checkout") == 0);
    CHECK(users_with(100, "new-checkout") == USERS);
    static const double percents[] = {0.5, 1, 5, 12.5, 50, 99};
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
        CHECK(near(users_with(percents[i], "new-checkout"), percents[i] / 100));
}

static void test_nobody_changes_sides(void)
{
    char user[32];
    for (int i = 0; i < USERS; i++) {
        snprintf(user, sizeof user, "user-%d", i);
        bool had = false;
        for (double percent = 0; percent <= 100; percent += 6.25) {
            bool has = flag_is_on("new-checkout", user, percent);
            CHECK(has || !had);
            had = has;
        }
    }
}

/* Who is first to have one flag is not first for the next. */
static void test_flags_are_independent(void)
{
    char user[32];
    int both = 0;
    for (int i = 0; i < USERS; i++) {
        snprintf(user, sizeof user, "user-%d", i);
        both += flag_is_on("new-checkout", user, 10) && flag_is_on("dark-mode", user, 10);
    }
    CHECK(near(both, 0.01));
}

static void test_strange_percentages(void)
{
    CHECK(!flag_is_on("a", "b", (double)NAN) && !flag_is_on("a", "b", -1));
    CHECK(flag_is_on("a", "b", 1e300) && flag_is_on("a", "b", (double)INFINITY));
    uint32_t bucket = flag_bucket("a", "b");
    CHECK(!flag_is_on("a", "b", bucket / 100.0) && flag_is_on("a", "b", (bucket + 1) / 100.0));
}

CHECK_MAIN({"vectors", test_vectors}, {"as many as said", test_as_many_as_said},
           {"nobody changes sides", test_nobody_changes_sides},
           {"flags are independent", test_flags_are_independent},
           {"strange percentages", test_strange_percentages})
