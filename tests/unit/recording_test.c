/* Recordings: strict reading, what was known when, and writing back the same bytes. */
#include "check.h"
#include "world/recording_read.h"

#include <stdlib.h>

static struct error err;
static struct recording *recording;

static bool read_text(const char *text)
{
    err = (struct error){0};
    recording_free(recording);
    recording = NULL;
    return recording_open(&recording, slice_of(text), &err);
}

static void drop(void)
{
    recording_free(recording);
    recording = NULL;
}

#define MANIFEST(series)                                                                           \
    "{\"format\":\"tidelock-recording\",\"series\":[" series                                       \
    "],\"source\":\"test\",\"version\":1}\n"
#define REQUESTS                                                                                   \
    "{\"arm\":\"service\",\"id\":1,\"metric\":\"requests\",\"period\":60000,\"statistic\":"        \
    "\"sum\"}"
#define ERRORS                                                                                     \
    "{\"arm\":\"service\",\"companion\":\"requests\",\"id\":2,\"metric\":\"errors\","              \
    "\"period\":60000,\"statistic\":\"sum\"}"
#define LOAD                                                                                       \
    "{\"arm\":\"service\",\"id\":2,\"metric\":\"load\",\"period\":60000,"                          \
    "\"statistic\":\"average\"}"
#define SERIES(id, metric, statistic)                                                              \
    "{\"arm\":\"service\",\"id\":" id ",\"metric\":\"" metric "\",\"period\":60000,"               \
    "\"statistic\":\"" statistic "\"}"

static const char plain[] = MANIFEST(REQUESTS "," ERRORS) "{\"s\":1,\"t\":60000,\"v\":100}\n"
                                                          "{\"s\":2,\"t\":60000,\"v\":3}\n"
                                                          "{\"s\":1,\"t\":120000,\"v\":90.5}\n"
                                                          "{\"s\":1,\"t\":240000,\"v\":80}\n";

static void test_reads(void)
{
    if (!CHECK(read_text(plain)))
        return;
    CHECK(recording->series_count == 2);
    CHECK(recording->point_count == 4);
    CHECK(recording->start == 60000);
    CHECK(recording->end == 300000);
    CHECK(!recording->targeted);
    CHECK(slice_is(recording->source, "test"));
    const struct recording_series *errors = recording_series_by_id(recording, 2);
    CHECK(errors && slice_is(errors->metric, "errors") && errors->count);
    CHECK(errors && errors->trials == recording_series_by_id(recording, 1));
    CHECK(!recording_series_by_id(recording, 0));
    CHECK(!recording_series_by_id(recording, 3));

    CHECK(strlen(recording->digest) == 64);
    drop();
}

static enum recording_found find(int64_t id, int64_t at, int64_t now, double *value, int64_t *seen)
{
    *value = -1;
    *seen = -1;
    return recording_find(recording_series_by_id(recording, id), at, now, value, seen);
}

static void test_finds(void)
{
    double value;
    int64_t seen;
    if (!CHECK(read_text(plain)))
        return;
    CHECK(find(1, 60000, 120000, &value, &seen) == RECORDING_PRESENT);
    CHECK(value >= 100 && value <= 100 && seen == 120000);
    CHECK(find(1, 60000, 119999, &value, &seen) == RECORDING_UNSEEN);
    CHECK(seen == 120000);
    CHECK(find(1, 240000, 300000, &value, &seen) == RECORDING_PRESENT);
    CHECK(value >= 80 && value <= 80);
    CHECK(find(1, 180000, 999999, &value, &seen) == RECORDING_ABSENT);
    CHECK(find(1, 0, 999999, &value, &seen) == RECORDING_ABSENT);
    CHECK(find(1, 60001, 999999, &value, &seen) == RECORDING_ABSENT);
    CHECK(find(1, 300000, 999999, &value, &seen) == RECORDING_ABSENT);
    CHECK(find(1, INT64_C(60000) << 32, INT64_MAX, &value, &seen) == RECORDING_ABSENT);
    CHECK(find(2, 120000, 999999, &value, &seen) == RECORDING_ABSENT);
    drop();
}

static const char revised[] = MANIFEST(REQUESTS) "{\"s\":1,\"t\":0,\"v\":1}\n"
                                                 "{\"s\":1,\"seen\":130000,\"t\":60000,\"v\":7}\n"
                                                 "{\"s\":1,\"seen\":200000,\"t\":60000,\"v\":9}\n"
                                                 "{\"s\":1,\"seen\":500000,\"t\":60000,\"v\":10}\n"
                                                 "{\"s\":1,\"t\":120000,\"v\":8}\n";

static double known(int64_t at, int64_t now)
{
    double value;
    int64_t seen;
    return find(1, at, now, &value, &seen) == RECORDING_PRESENT ? value : -1;
}

static void test_revisions(void)
{
    static const struct {
        int64_t now;
        double value;
    } times[] = {{129999, -1}, {130000, 7}, {199999, 7}, {200000, 9}, {499999, 9}, {500000, 10}};
    if (!CHECK(read_text(revised)))
        return;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        double value = known(60000, times[i].now);
        CHECK(value >= times[i].value && value <= times[i].value);
    }
    CHECK(known(0, 60000) > 0 && known(0, 59999) < 0);
    CHECK(known(120000, 180000) > 7);
    CHECK(recording->series[0].point_count == 5);
    drop();
}

static const char silent[] = MANIFEST(
    REQUESTS "," ERRORS) "{\"s\":1,\"t\":60000,\"v\":100}\n"
                         "{\"s\":1,\"seen\":400000,\"t\":120000,\"v\":\"no data\"}\n"
                         "{\"s\":1,\"t\":180000,\"v\":\"provider error\"}\n"
                         "{\"s\":1,\"seen\":500000,\"t\":180000,\"v\":5}\n"
                         "{\"s\":1,\"t\":240000,\"v\":\"provider error\"}\n";

/* What has no number is known from some time on, too, and may be revised. */
static void test_words(void)
{
    double value;
    int64_t seen;
    if (!CHECK(read_text(silent)))
        return;
    CHECK(recording->end == 300000);
    CHECK(find(1, 60000, 999999, &value, &seen) == RECORDING_PRESENT);
    CHECK(find(1, 120000, 399999, &value, &seen) == RECORDING_UNSEEN && seen == 400000);
    CHECK(find(1, 120000, 400000, &value, &seen) == RECORDING_NOTHING && seen == 400000);
    CHECK(find(1, 180000, 499999, &value, &seen) == RECORDING_UNANSWERED && seen == 240000);
    CHECK(find(1, 180000, 500000, &value, &seen) == RECORDING_PRESENT && value >= 5);
    CHECK(find(1, 240000, 999999, &value, &seen) == RECORDING_UNANSWERED);
    CHECK(find(2, 240000, 999999, &value, &seen) == RECORDING_ABSENT);
    CHECK(!recording->series[1].words);
    drop();
}

static void check_round_trip(const char *text)
{
    struct buffer once;
    buffer_init(&once, 1 << 20);
    if (CHECK(read_text(text)) && CHECK(recording_write(recording, &once, &err)))
        CHECK_TEXT(once.data, text);
    else
        fprintf(stderr, "%s\n", err.message);
    buffer_clear(&once);
    drop();
}

static void test_round_trip(void)
{
    check_round_trip(plain);
    check_round_trip(revised);
    check_round_trip(silent);
    check_round_trip(MANIFEST(REQUESTS));
    check_round_trip(
        "{\"format\":\"tidelock-recording\",\"note\":\"n\\u0001\",\"series\":[{\"arm\":\"canary\","
        "\"id\":1,\"metric\":\"latency_p99.9\",\"period\":1,\"query\":{\"a\":[1,2.5,{}]},"
        "\"statistic\":\"p99.9\",\"target\":\"pay:live\",\"unit\":\"Seconds\"}],"
        "\"source\":\"s\",\"version\":1}\n"
        "{\"s\":1,\"t\":0,\"v\":-0.25}\n{\"s\":1,\"t\":1,\"v\":1e+300}\n"
        "{\"s\":1,\"t\":7,\"v\":9007199254740992}\n{\"s\":1,\"t\":9,\"v\":5e-324}\n");
}

/* Other spellings of the same are read, and written as the one. */
static void test_canonical(void)
{
    struct buffer text;
    buffer_init(&text, 1 << 20);
    CHECK(read_text("{ \"version\" : 1, \"source\": \"test\", \"series\": [" REQUESTS
                    "], \"format\": \"tidelock-recording\"}\n"
                    "{\"v\": 1.0, \"t\":60000 ,\"seen\":120000, \"s\":1}\r\n"
                    "{\"v\":2e0,\"t\":120000,\"s\":1}"));
    CHECK(recording && recording_write(recording, &text, &err));
    CHECK_TEXT(text.data, MANIFEST(REQUESTS) "{\"s\":1,\"t\":60000,\"v\":1}\n"
                                             "{\"s\":1,\"t\":120000,\"v\":2}\n");
    buffer_clear(&text);
    drop();
}

static void check_refused(const char *text, const char *message)
{
    if (!CHECK(!read_text(text)) || !strstr(err.message, message))
        fprintf(stderr, "%s\ngot  \"%s\"\nwant \"%s\"\n", text, err.message, message);
    CHECK(strstr(err.message, message) != NULL);
    CHECK(err.code == ERROR_INVALID);
    CHECK(!recording);
    drop();
}

static void test_refuses_manifests(void)
{
    static const char *const cases[][2] = {
        {"", "the recording is empty, expected a manifest"},
        {"\n", "line 1: "},
        {"[]\n", "this is no recording"},
        {"{\"format\":\"other\"}\n", "this is no recording"},
        {"{\"format\":\"tidelock-recording\",\"version\":2}\n", "expected \"version\":1"},
        {"{\"format\":\"tidelock-recording\",\"version\":1}\n", "\"series\" is missing"},
        {MANIFEST(""), "0 series, expected 1 to 256"},
        {MANIFEST("7"), "line 1: series 1: expected an object, found integer"},
        {MANIFEST("{}"), "series 1: the member \"arm\" is missing"},
        {MANIFEST("{\"colour\":1}"), "there is no member \"colour\""},
        {MANIFEST("{\"arm\":1}"), "\"arm\" is of kind integer, expected string"},
        {MANIFEST("{\"unit\":\"\"}"), "\"unit\" is of 0 bytes, expected 1 to 1024"},
        {MANIFEST(LOAD), "\"id\" is 2, expected 1: ids count up from 1"},
        {MANIFEST(SERIES("1", "5xx", "sum")), "the metric \"5xx\" is no name"},
        {MANIFEST(SERIES("1", "a b", "sum")), "the metric \"a b\" is no name"},
        {MANIFEST(SERIES("1", "a", "p100")), "the statistic \"p100\" is unknown"},
        {MANIFEST(SERIES("1", "a", "p0")), "the statistic \"p0\" is unknown"},
        {MANIFEST(SERIES("1", "a", "p9.")), "the statistic \"p9.\" is unknown"},
        {MANIFEST(SERIES("1", "a", "p.9")), "the statistic \"p.9\" is unknown"},
        {MANIFEST(SERIES("1", "requests", "average")), "expected the statistic sum"},
        {MANIFEST(SERIES("1", "a", "sum") "," SERIES("2", "a", "last")), "is there twice"},
        {MANIFEST(SERIES("1", "a_p99", "p99") "," SERIES("2", "a_p99.0", "p99.0")),
         "\"a_p99.0\" and \"a_p99\" are one percentile"},
        {MANIFEST(
             "{\"arm\":\"blue\",\"id\":1,\"metric\":\"a\",\"period\":1,\"statistic\":\"sum\"}"),
         "the arm \"blue\" is unknown"},
        {MANIFEST(
             "{\"arm\":\"canary\",\"id\":1,\"metric\":\"a\",\"period\":0,\"statistic\":\"sum\"}"),
         "\"period\" is 0, expected 1 to"},
        {MANIFEST("{\"arm\":\"service\",\"companion\":\"b\",\"id\":1,\"metric\":\"a\",\"period\":1,"
                  "\"statistic\":\"sum\"}"),
         "the companion \"b\" must be another count"},
        {MANIFEST("{\"arm\":\"service\",\"companion\":\"a\",\"id\":1,\"metric\":\"a\",\"period\":1,"
                  "\"statistic\":\"sum\"}"),
         "the companion \"a\" must be another count"},
        {MANIFEST("{\"arm\":\"service\",\"companion\":\"b\",\"id\":1,\"metric\":\"a\",\"period\":1,"
                  "\"statistic\":\"last\"}"),
         "only a count (statistic sum) has a \"companion\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_refused(cases[i][0], cases[i][1]);
}

#define POINTS(points) MANIFEST(REQUESTS "," LOAD) points

static void test_refuses_points(void)
{
    static const char *const cases[][2] = {
        {POINTS("\n"), "line 2: "},
        {POINTS("7\n"), "line 2: expected a point"},
        {POINTS("{\"s\":1,\"t\":0}\n"), "a point needs \"s\" (series), \"t\" (time) and \"v\""},
        {POINTS("{\"s\":1,\"t\":0,\"v\":1,\"w\":2}\n"), "a point has no member \"w\""},
        {POINTS("{\"s\":1,\"s\":1,\"t\":0,\"v\":1}\n"), "line 2: "},
        {POINTS("{\"s\":1.0,\"t\":0,\"v\":1}\n"), "\"s\" is of kind float, expected an integer"},
        {POINTS("{\"s\":1,\"t\":0,\"v\":\"1\"}\n"),
         "\"v\" is \"1\", expected a number, \"no data\" or \"provider error\""},
        {POINTS("{\"s\":1,\"t\":0,\"v\":\"a number\"}\n"), "\"v\" is \"a number\", expected"},
        {POINTS("{\"s\":1,\"t\":0,\"v\":null}\n"), "\"v\" is of kind null, expected a number"},
        {POINTS("{\"s\":1,\"t\":0,\"v\":NaN}\n"), "line 2: "},
        {POINTS("{\"s\":3,\"t\":0,\"v\":1}\n"), "\"s\" is 3, expected a series, 1 to 2"},
        {POINTS("{\"s\":0,\"t\":0,\"v\":1}\n"), "\"s\" is 0, expected a series, 1 to 2"},
        {POINTS("{\"s\":1,\"t\":-1,\"v\":1}\n"), "\"t\" is -1, expected 0 to"},
        {POINTS("{\"s\":1,\"t\":253402300800000,\"v\":1}\n"), "expected 0 to 253402300799999"},
        {POINTS("{\"s\":1,\"t\":0,\"v\":-1}\n"),
         "\"v\" is -1, expected 0 to 2^53: \"requests\" is"},
        {POINTS("{\"s\":1,\"t\":0,\"v\":1e17}\n"), "expected 0 to 2^53"},
        {POINTS("{\"s\":1,\"seen\":5,\"t\":9,\"v\":1}\n"),
         "\"seen\" is 5, expected a time from \"t\", 9, on"},
        {POINTS("{\"s\":1,\"t\":60000,\"v\":1}\n{\"s\":1,\"t\":0,\"v\":1}\n"),
         "line 3: t 0, s 1 comes after t 60000, s 1: points are ordered by time"},
        {POINTS("{\"s\":2,\"t\":0,\"v\":1}\n{\"s\":1,\"t\":0,\"v\":1}\n"),
         "t 0, s 1 comes after t 0, s 2"},
        {POINTS("{\"s\":1,\"t\":0,\"v\":1}\n{\"s\":1,\"t\":0,\"v\":2}\n"),
         "series 1 has a point at 0 already, expected a later \"seen\""},
        {POINTS("{\"s\":1,\"t\":0,\"v\":1}\n{\"s\":1,\"seen\":60000,\"t\":0,\"v\":2}\n"),
         "series 1 has a point at 0 already"},
        {POINTS("{\"s\":1,\"t\":0,\"v\":1}\n{\"s\":1,\"t\":61000,\"v\":2}\n"),
         "\"t\" is 61000, 1000 ms off the grid of its series (every 60000 ms from 0 on)"},
        {POINTS("{\"s\":1,\"t\":0,\"v\":1}\n{\"s\":2,\"t\":30000,\"v\":2}\n"),
         "series 1 (every 60000 ms from 0 on) and 2 (every 60000 ms from 30000 on) have no common"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_refused(cases[i][0], cases[i][1]);
}

static void append(struct buffer *text, const char *part)
{
    CHECK(buffer_append_text(text, part, &err));
}

static void check_limit(struct buffer *text, const char *message)
{
    CHECK(!read_text(text->data));
    CHECK(err.code == ERROR_LIMIT);
    CHECK(strstr(err.message, message) != NULL);
    buffer_clear(text);
    drop();
}

static void build_series(struct buffer *text, int count, const char *metric, bool percentiles)
{
    append(text, "{\"format\":\"tidelock-recording\",\"series\":[");
    for (int i = 1; i <= count; i++) {
        char statistic[8] = "sum";
        if (percentiles)
            snprintf(statistic, sizeof statistic, "p%d", i);
        CHECK(buffer_append_format(text, &err,
                                   "%s{\"arm\":\"service\",\"id\":%d,\"metric\":\"%s%s%d\","
                                   "\"period\":1,\"statistic\":\"%s\"}",
                                   i > 1 ? "," : "", i, metric, percentiles ? "_p" : "", i,
                                   statistic));
    }
    append(text, "],\"source\":\"test\",\"version\":1}\n");
}

static void test_limits(void)
{
    struct buffer text;
    buffer_init(&text, 4 << 20);
    build_series(&text, RECORDING_SERIES_MAX, "m", false);
    CHECK(read_text(text.data));
    buffer_empty(&text);
    build_series(&text, RECORDING_SERIES_MAX + 1, "m", false);
    check_limit(&text, "257 series, expected 1 to 256");
    build_series(&text, 16, "latency", true);
    CHECK(read_text(text.data));
    buffer_empty(&text);
    build_series(&text, 17, "latency", true);
    check_limit(&text, "17 percentiles of \"latency\", at most 16 are read");
    append(&text, MANIFEST(REQUESTS) "{\"s\":1,");
    for (int i = 0; i < RECORDING_LINE_MAX; i++)
        append(&text, " ");
    append(&text, "\"t\":0,\"v\":1}\n");
    check_limit(&text, "line 2: a point of 5");
    append(&text, MANIFEST("{\"arm\":\"canary\",\"id\":1,\"metric\":\"a\",\"period\":1,"
                           "\"statistic\":\"sum\"}") "{\"s\":1,\"t\":0,\"v\":1}\n"
                                                     "{\"s\":1,\"t\":4294967296,\"v\":1}\n");
    check_limit(&text, "a series of more than 2^32 periods");
}

static void test_families(void)
{
    CHECK(read_text(MANIFEST(
        SERIES("1", "latency_p99.9", "p99.9") "," SERIES("2", "requests", "sum") "," SERIES(
            "3", "p50", "p50") "," SERIES("4", "latency_p50", "p50"))));
    if (!recording)
        return;
    const struct recording_series *series = recording->series;
    CHECK(slice_is(series[0].family, "latency"));
    CHECK(series[0].quantile > 0.9989 && series[0].quantile < 0.9991);
    CHECK(series[0].trials == &series[1]);
    CHECK(series[2].family.size == 0 && series[2].quantile <= 0);
    CHECK(series[0].key == series[3].key);
    CHECK(series[0].key != series[1].key);
    drop();
}

/* Every prefix of a recording is refused or read, and never read beyond its end. */
static void test_prefixes(void)
{
    for (size_t size = 0; size < sizeof revised - 1; size++) {
        char *copy = malloc(size ? size : 1);
        if (!CHECK(copy != NULL))
            return;
        memcpy(copy, revised, size);
        struct recording *read = NULL;
        if (recording_open(&read, (struct slice){copy, size}, &err))
            recording_free(read);
        free(copy);
    }
}

#define ALARMS(alarms, series)                                                                     \
    "{\"alarms\":[" alarms "],\"format\":\"tidelock-recording\",\"series\":[" series               \
    "],\"source\":\"test\",\"version\":1}\n"
#define STATES(states) "{\"name\":\"a\",\"states\":[" states "]}"
#define OK_AT(at) "{\"at\":" at ",\"state\":\"OK\"}"

/* They stand in the manifest, and make a recording where there are no points. */
static void test_alarms(void)
{
    static const char *const texts[] = {
        ALARMS(STATES(OK_AT(
                   "60000") ",{\"at\":120000,\"reason\":\"3 of 3\",\"since\":90000,"
                            "\"state\":\"ALARM\"}") ",{\"name\":\"b\",\"settle\":120000,"
                                                    "\"states\":[{\"at\":5,\"state\":"
                                                    "\"INSUFFICIENT_DATA\"},{\"at\":6,\"state\":"
                                                    "\"provider error\"}],\"target\":\"pay:live\"}",
               ""),
        ALARMS(STATES(OK_AT("60000")), REQUESTS) "{\"s\":1,\"t\":60000,\"v\":100}\n",
    };
    for (size_t i = 0; i < 2; i++) {
        struct buffer out;
        buffer_init(&out, 1 << 16);
        if (!CHECK(read_text(texts[i])))
            fprintf(stderr, "%s\n", err.message);
        CHECK(recording && recording_write(recording, &out, &err));
        CHECK_TEXT(out.data, texts[i]);
        buffer_clear(&out);
    }
    CHECK(recording->start == 60000 && recording->end == 120000); /* the points say from when */
    CHECK(read_text(texts[0]) && recording->alarm_count == 2 && recording->series_count == 0);
    CHECK(recording->start == 5 && recording->end == 120000);
    const struct recording_said *said = recording->alarms[0].said;
    CHECK(said[1].alarm.state == ALARM_IN_ALARM && said[1].alarm.since == 90000);
    CHECK(slice_is(said[1].alarm.reason, "3 of 3") && said[0].alarm.since == -1);
}

static void test_refuses_alarms(void)
{
    static const char *const rows[][2] = {
        {"", "0 alarms, expected 1 to 64"},
        {STATES(""), "alarm 1: 0 states, expected 1 to 100000"},
        {STATES(OK_AT("5") "," OK_AT("5")), "alarm 1: state 2: \"at\" is 5, expected rising times"},
        {STATES(OK_AT("-1")), "\"at\" is -1, expected rising times from 0 on"},
        {STATES("{\"at\":5,\"state\":\"FINE\"}"), "the state of an alarm is \"FINE\""},
        {STATES("{\"at\":5}"), "the member \"state\" is missing"},
        {STATES("{\"at\":5,\"since\":-5,\"state\":\"OK\"}"), "an alarm's \"since\" is a time"},
        {STATES(OK_AT("5")) "," STATES(OK_AT("6")), "alarm 2: \"a\" is there twice"},
        {"{\"name\":\"a\",\"settle\":-1,\"states\":[" OK_AT("5") "]}", "\"settle\" is -1"},
        {"{\"name\":\"a\",\"states\":[" OK_AT("5") "],\"x\":1}", "there is no member \"x\""},
        {"5", "alarm 1: expected an object"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(text, sizeof text, ALARMS("%s", ""), rows[i][0]);
        CHECK(!read_text(text));
        if (!CHECK(strstr(err.message, rows[i][1]) != NULL))
            fprintf(stderr, "%s\n%s\n", text, err.message);
    }
}

CHECK_MAIN({"alarms", test_alarms}, {"refuses_alarms", test_refuses_alarms}, {"reads", test_reads},
           {"finds", test_finds}, {"revisions", test_revisions}, {"words", test_words},
           {"round_trip", test_round_trip}, {"canonical", test_canonical},
           {"refuses_manifests", test_refuses_manifests}, {"refuses_points", test_refuses_points},
           {"limits", test_limits}, {"families", test_families}, {"prefixes", test_prefixes})
