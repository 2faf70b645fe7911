/* Alarms in a simulation: as they were recorded, quiet, or injected. */
#include "traffic_check.h"

/* One letter for what an alarm says: A in ALARM, o OK, i INSUFFICIENT_DATA. */
static char heed(const char *called, int64_t minute, int64_t *settle, int64_t *since)
{
    struct slice name = slice_of(called);
    struct alarm said;
    struct alarm_look look = {&name, 1, &said, NULL};
    struct sample_request request = {rule(), NULL, 0, 0, 10, &look};
    struct sample sample = {.ready = false};
    CHECK(traffic_sample(&traffic, &request, minute * MINUTE, &sample, &err));
    CHECK(!sample.ready && !sample.ended);
    *settle = sample.settle;
    *since = said.since;
    return said.state == ALARM_IN_ALARM ? 'A' : said.state == ALARM_OK ? 'o' : 'i';
}

#define ARN "arn:aws:cloudwatch:eu-west-1:1:alarm:"

/* Those that were recorded say what they said, others are quiet; and what was injected goes before.
 */
static void test_alarms(void)
{
    static const char text[] =
        "{\"alarms\":[{\"name\":\"a\",\"settle\":5,\"states\":[{\"at\":60000,\"state\":\"OK\"},"
        "{\"at\":120000,\"state\":\"ALARM\"},{\"at\":240000,\"since\":7,\"state\":\"ALARM\"},"
        "{\"at\":300000,\"state\":\"OK\"}]},{\"name\":\"a\",\"states\":[{\"at\":0,\"state\":"
        "\"OK\"}],\"target\":\"other\"},{\"name\":\"b\",\"states\":[{\"at\":0,\"state\":\"OK\"}]},"
        "{\"name\":\"b\",\"states\":[{\"at\":0,\"state\":\"ALARM\"}],\"target\":\"r/1\"}],"
        "\"format\":\"tidelock-recording\",\"series\":[],\"source\":\"x\",\"version\":1}\n";
    static const struct {
        const char *inject, *name, *said; /* a letter for each minute */
    } rows[] = {
        {NULL, "a", "ioAAAoo"},          {NULL, ARN "a", "ioAAAoo"},
        {NULL, "c", "ooooooo"},          {NULL, "b", "AAAAAAA"}, /* the target's own */
        {"alarm:a@5m", "a", "ioAAAAA"},  {"alarm:c@1m~2m", "c", "oAAoooo"},
        {"alarm:a", ARN "a", "AAAAAAA"}, {"alarm:b", "c", "ooooooo"},
    };
    struct buffer buffer;
    buffer_init(&buffer, sizeof text);
    CHECK(buffer_append_text(&buffer, text, &err));
    open_text(&buffer);
    recording->end = 10 * MINUTE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char said[8] = "";
        int64_t settle, since;
        CHECK(start(1, rows[i].inject));
        for (int minute = 0; minute < 7; minute++) {
            said[minute] = heed(rows[i].name, minute, &settle, &since);
            CHECK(i > 0 || minute != 2 || since == 2 * MINUTE);
            CHECK(i > 0 || minute != 4 || since == 7);
        }
        CHECK_TEXT(said, rows[i].said);
        CHECK(settle == (alarm_is(slice_of(rows[i].name), slice_of("a")) ? 5 : 0));
    }
    finish();
}

CHECK_MAIN({"alarms", test_alarms})
