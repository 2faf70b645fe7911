/* Windows: by what clocks show, on the nights when they are set as well. */
#include "check.h"
#include "world/window.h"

#include <stdio.h>

static struct zones *zones;
static struct pool pool = {.max = 1 << 20};
static struct error err;

struct answer {
    bool ok, open;
    int64_t until; /* s; 0: it does not change */
    char there[32];
};

static struct answer ask(const char *window, int64_t at_s)
{
    char text[512];
    struct value effect;
    struct value out;
    struct answer answer = {.ok = false};
    snprintf(text, sizeof text, "{\"window\":{%s}}", window);
    CHECK(value_parse(&effect, slice_of(text), false, &pool, &err));
    answer.ok = window_answer(zones, &effect, at_s * 1000, &out, &pool, &err);
    if (!answer.ok)
        return answer;
    CHECK(value_get_integer(&out, "now", 0) == at_s * 1000);
    answer.open = value_get_boolean(&out, "open", false);
    answer.until = value_get_integer(&out, "until", 0) / 1000;
    struct slice there = value_get_slice(&out, "there", "");
    snprintf(answer.there, sizeof answer.there, "%.*s", (int)there.size, there.data);
    return answer;
}

static void check(const char *window, int64_t at_s, bool open, int64_t until_s)
{
    struct answer answer = ask(window, at_s);
    if (!CHECK(answer.ok && answer.open == open && answer.until == until_s))
        fprintf(stderr, "%s at %lld: %s until %lld (%s)\n", window, (long long)at_s,
                answer.open ? "open" : "closed", (long long)answer.until, answer.there);
}

#define ALL "\"days\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\",\"sun\"]"
#define WORK "\"days\":[\"mon\",\"tue\",\"wed\",\"thu\"]"
#define BERLIN "\"zone\":\"Europe/Berlin\""
#define OFFICE WORK ",\"from\":540,\"to\":960," BERLIN

/* 2026-11-30 is a Monday; Berlin is an hour ahead. */
static void test_a_week(void)
{
    check(OFFICE, 1796022000, false, 1796025600);     /* Mon 08:00 */
    check(OFFICE, 1796025600 - 1, false, 1796025600); /* Mon 08:59:59 */
    check(OFFICE, 1796025600, true, 1796050800);      /* Mon 09:00 */
    check(OFFICE, 1796050800, false, 1796112000);     /* Mon 16:00 */
    check(OFFICE, 1796310000, false, 1796630400);     /* Thu 16:00: on Monday */
    check(OFFICE ",\"except\":[\"2026-11-30\"]", 1796022000, false, 1796112000);
    CHECK_TEXT(ask(OFFICE, 1796310000).there, "Mon 2026-12-07 09:00");
}

static void test_overnight_and_always(void)
{
#define NIGHT "\"days\":[\"mon\"],\"from\":1320,\"to\":120,\"zone\":\"UTC\""
    check(NIGHT, 1796074200, false, 1796076000); /* Mon 21:30 */
    check(NIGHT, 1796076000, true, 1796090400);  /* to Tue 02:00 */
    check(NIGHT, 1796090399, true, 1796090400);
    check(NIGHT, 1796090400, false, 1796076000 + 7 * 86400);
    check(ALL ",\"from\":0,\"to\":1440,\"zone\":\"UTC\"", 1796074200, true, 0);
    check(ALL ",\"from\":720,\"to\":719,\"zone\":\"UTC\"", 1796083200 + 43200, true,
          1796083200 + 86400 + 43140);
}

/* On 2026-03-29 clocks in Berlin show no time from 02:00 to 03:00. */
static void test_an_hour_left_out(void)
{
    check(ALL ",\"from\":135,\"to\":165," BERLIN, 1774739700, false, 1774829700); /* not Sun */
    check(ALL ",\"from\":90,\"to\":150," BERLIN, 1774744200, true, 1774746000);   /* to 03:00 */
    check(ALL ",\"from\":150,\"to\":240," BERLIN, 1774742400, false, 1774746000); /* from 03:00 */
    check(ALL ",\"from\":150,\"to\":240," BERLIN, 1774746000, true, 1774749600);
}

/* On 2026-10-25 they show the hour from 02:00 to 03:00 twice. */
static void test_an_hour_twice(void)
{
    check(ALL ",\"from\":120,\"to\":150," BERLIN, 1792886400, true, 1792888200);
    check(ALL ",\"from\":120,\"to\":150," BERLIN, 1792888200, false, 1792890000);
    check(ALL ",\"from\":120,\"to\":150," BERLIN, 1792890000, true, 1792891800);
    check(ALL ",\"from\":120,\"to\":180," BERLIN, 1792886400, true, 1792893600);
}

static void test_no_window(void)
{
    static const char *const wrong[] = {
        "",
        ALL ",\"from\":540,\"to\":960",
        ALL ",\"from\":540,\"to\":960,\"zone\":\"Europe/Berln\"",
        ALL ",\"from\":540,\"to\":960,\"zone\":\"../../../etc/passwd\"",
        ALL ",\"from\":540,\"to\":960,\"zone\":\"Europe\"",
        ALL ",\"from\":540,\"to\":960,\"zone\":\"tzdata.zi\"",
        ALL ",\"from\":1440,\"to\":960,\"zone\":\"UTC\"",
        ALL ",\"from\":-1,\"to\":960,\"zone\":\"UTC\"",
        ALL ",\"from\":1,\"to\":1441,\"zone\":\"UTC\"",
        ALL ",\"from\":1,\"to\":9,\"zone\":\"UTC\",\"except\":[\"2026-13-01\"]",
        ALL ",\"from\":1,\"to\":9,\"zone\":\"UTC\",\"except\":[5]",
        "\"days\":[],\"from\":1,\"to\":9,\"zone\":\"UTC\"",
        "\"days\":[\"day\"],\"from\":1,\"to\":9,\"zone\":\"UTC\"",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (!CHECK(!ask(wrong[i], 1796074200).ok && err.code == ERROR_INVALID))
            fprintf(stderr, "%s\n", wrong[i]);
    }
}

/* What a policy spells out is there after no file can be read any more. */
static void test_sealed(void)
{
    struct zones *sealed;
    const struct zone *zone;
    CHECK(zones_new(&sealed, &err));
    zones_read_named(sealed, slice_of("zone = \"Asia/Tokyo\", 'x', \"zone=America/New_York,from"));
    zones_seal(sealed);
    CHECK(zones_find(sealed, slice_of("Asia/Tokyo"), &zone, &err) && zone->count > 0);
    CHECK(zones_find(sealed, slice_of("America/New_York"), &zone, &err));
    CHECK(zones_find(sealed, slice_of("UTC"), &zone, &err) && zone->count == 0);
    CHECK(!zones_find(sealed, slice_of("Europe/Berlin"), &zone, &err));
    zones_free(sealed);
}

static void set_up(void)
{
    CHECK(zones_new(&zones, &err));
}

static void tear_down(void)
{
    zones_free(zones);
    pool_clear(&pool);
}

CHECK_MAIN({"set_up", set_up}, {"a_week", test_a_week},
           {"overnight_and_always", test_overnight_and_always},
           {"an_hour_left_out", test_an_hour_left_out}, {"an_hour_twice", test_an_hour_twice},
           {"no_window", test_no_window}, {"sealed", test_sealed}, {"tear_down", tear_down})
