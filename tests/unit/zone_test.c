/* Time zones: rules in the notation of POSIX, files that are none, and the files of this machine,
 * of which libc says the same. */
#include "base/zone.h"
#include "base/zone_rule.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOUR INT64_C(3600000)

static struct error err;
static unsigned char bytes[65536];

/* A file of version 2 with a type at an hour ahead, `times` jumps to it, and a rule. */
static struct slice file(const int64_t *times, size_t count, const char *rule)
{
    enum { HEADER = 44, COUNTS = 32 };
    size_t at = 0;
    memset(bytes, 0, sizeof bytes);
    for (int version = 0; version < 2; version++) {
        memcpy(bytes + at, "TZif2", 5);
        bytes[at + COUNTS + 3] = (unsigned char)(version ? count : 0);
        bytes[at + COUNTS + 7] = 2;
        at += HEADER;
        for (size_t i = 0; version && i < count; i++) {
            for (int byte = 0; byte < 8; byte++)
                bytes[at++] = (unsigned char)((uint64_t)times[i] >> (56 - 8 * byte));
        }
        for (size_t i = 0; version && i < count; i++)
            bytes[at++] = 1;
        bytes[at + 8] = 0x0e; /* the second type: 3600 s */
        bytes[at + 9] = 0x10;
        at += 12;
    }
    int size = snprintf((char *)bytes + at, 200, "\n%s\n", rule);
    return (struct slice){(const char *)bytes, at + (size_t)size};
}

static void test_rules(void)
{
    static const struct {
        const char *rule;
        int64_t begins, ends, summer, standard; /* of 2026, s; ahead of UTC, s */
    } rows[] = {
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1774746000, 1792890000, 7200, 3600},
        {"EST5EDT,M3.2.0,M11.1.0", 1772953200, 1793512800, -14400, -18000},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 1791043200, 1775318400, 39600, 36000},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1791041400, 1775314800, 39600, 37800},
        {"IST-2IDT,M3.4.4/26,M10.5.0", 1774569600, 1792882800, 10800, 7200},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1774746000, 1792890000, -3600, -7200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zone_rule rule;
        struct zone_change changes[2];
        CHECK(zone_rule_parse(&rule, slice_of(rows[i].rule), &err));
        CHECK(zone_rule_year(&rule, 2026, changes) == 2);
        bool north = rows[i].begins < rows[i].ends;
        if (!CHECK(changes[!north].at == rows[i].begins && changes[north].at == rows[i].ends))
            fprintf(stderr, "%s: %lld %lld\n", rows[i].rule, (long long)changes[0].at,
                    (long long)changes[1].at);
        CHECK(changes[!north].offset == rows[i].summer);
        CHECK(changes[north].offset == rows[i].standard);
    }
}

static void test_no_rules(void)
{
    static const char *const wrong[] = {"",
                                        "CET",
                                        "CET-1CEST",
                                        "CET-1CEST,M3.5.0",
                                        "1",
                                        "CET-200",
                                        "<CET-1",
                                        "CET-1CEST,M13.1.0,M1.1.0",
                                        "CET-1x,",
                                        "CET-1:99x",
                                        "CET-1CEST,M3.6.0,M4.1.0",
                                        "CET-1CEST,J0,J1",
                                        "CET-1CEST,J366,J1",
                                        "CET-1CEST,M3.5.0,M10.5.0/3 "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct zone_rule rule;
        CHECK(!zone_rule_parse(&rule, slice_of(wrong[i]), &err));
    }
}

static void test_files(void)
{
    int64_t times[] = {1000, 2000};
    struct zone zone;
    CHECK(zone_parse(&zone, file(times, 2, "UTC0"), &err));
    CHECK(zone.count == 3);
    zone_clear(&zone);
    struct slice whole = file(times, 2, "CET-1CEST,M3.5.0,M10.5.0/3");
    CHECK(zone_parse(&zone, whole, &err));
    CHECK(zone_offset(&zone, 1774746000000 - 1) == HOUR);
    CHECK(zone_offset(&zone, 1774746000000) == 2 * HOUR);
    CHECK(zone_next_jump(&zone, 1774746000000) == 1792890000000);
    zone_clear(&zone);
    for (size_t size = 0; size < whole.size; size++) {
        CHECK(!zone_parse(&zone, (struct slice){whole.data, size}, &err));
        zone_clear(&zone);
    }
    int64_t falling[] = {2000, 1000};
    CHECK(!zone_parse(&zone, file(falling, 2, "UTC0"), &err));
    zone_clear(&zone);
}

static bool read_zone(const char *name, struct zone *zone)
{
    char path[128];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *in = fopen(path, "rb");
    if (!CHECK(in != NULL))
        return false;
    size_t size = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    return CHECK(zone_parse(zone, (struct slice){(const char *)bytes, size}, &err));
}

/* Every six hours and a bit, over a hundred years. */
static void test_as_libc_has_it(void)
{
    static const char *const names[] = {
        "Europe/Berlin",       "Europe/London",    "Europe/Dublin",     "America/New_York",
        "America/Sao_Paulo",   "America/St_Johns", "Asia/Kolkata",      "Asia/Kathmandu",
        "Australia/Lord_Howe", "Asia/Gaza",        "Africa/Casablanca", "Pacific/Apia",
        "America/Nuuk",        "Etc/GMT+12",       "Antarctica/Troll",  "Asia/Tehran"};
    enum { STEP = 22001 };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone zone;
        int wrong = 0;
        if (!read_zone(names[i], &zone))
            continue;
        setenv("TZ", names[i], 1);
        tzset();
        for (time_t at = 0; at < INT64_C(3000000000); at += STEP) {
            struct tm tm;
            localtime_r(&at, &tm);
            wrong += tm.tm_gmtoff * 1000 != zone_offset(&zone, (int64_t)at * 1000);
        }
        if (!CHECK(wrong == 0))
            fprintf(stderr, "%s: %d times\n", names[i], wrong);
        zone_clear(&zone);
    }
}

CHECK_MAIN({"rules", test_rules}, {"no_rules", test_no_rules}, {"files", test_files},
           {"as_libc_has_it", test_as_libc_has_it})
