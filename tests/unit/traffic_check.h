/* What the programs about traffic share: a recording from a text, a share, one sample. */
#pragma once

#include "base/time.h"
#include "check.h"
#include "world/recording_read.h"
#include "world/traffic.h"

#include <math.h>
#include <stdlib.h>

static struct error err;
static struct recording *recording;
static struct traffic traffic;
static double share_percent = 10;
static int shares_asked; /* how often: once for each period that is drawn */
static struct pool pool;

static bool constant_share(void *context, const struct value *target, int64_t from, int64_t to,
                           double *percent, struct error *error)
{
    (void)context, (void)target, (void)error;
    CHECK(from < to);
    *percent = share_percent;
    shares_asked++;
    return true;
}

/* All its texts but the type, and of those that say what is split the draws; and "FUNCTION:ALIAS".
 */
static bool known_of(void *context, const struct value *target, const struct value **out,
                     struct error *problem)
{
    static struct value known, draws[2], texts[8];
    static struct member members[2];
    static char pair[64];
    static const char *const split[] = {"rule", "function", "alias"};
    size_t draw_count = 0, text_count = 0;
    (void)context, (void)problem;
    for (size_t i = 0; target && i < 3; i++) {
        const struct value *text = value_get(target, split[i]);
        if (text)
            draws[draw_count++] = *text;
    }
    if (draw_count == 2) {
        snprintf(pair, sizeof pair, "%.*s:%.*s", (int)draws[0].string.size, draws[0].string.data,
                 (int)draws[1].string.size, draws[1].string.data);
        texts[text_count++] = value_text(pair);
    }
    for (size_t i = 0; target && i < target->object.count; i++) {
        if (!slice_is(target->object.members[i].name, "type"))
            texts[text_count++] = target->object.members[i].value;
    }
    members[0] = (struct member){slice_of("draws"),
                                 {.kind = VALUE_ARRAY, .array = {draws, draw_count}}};
    members[1] = (struct member){slice_of("texts"),
                                 {.kind = VALUE_ARRAY, .array = {texts, text_count}}};
    known = (struct value){.kind = VALUE_OBJECT, .object = {members, 2}};
    *out = &known;
    return true;
}

#define MINUTE 60000

/* "requests:service:sum" -> a series; every minute; errors... have requests as their companion. */
static inline bool add_series(struct buffer *text, int id, const char *spec)
{
    char metric[64], arm[16], statistic[16], target[64] = "";
    int parts = sscanf(spec, "%63[^:]:%15[^:]:%15[^:@]@%63s", metric, arm, statistic, target);
    bool companion = strncmp(metric, "errors", 6) == 0;
    return CHECK(parts >= 3) &&
           CHECK(buffer_append_format(
               text, &err,
               "%s{\"arm\":\"%s\",%s\"id\":%d,\"metric\":\"%s\",\"period\":%d,"
               "\"statistic\":\"%s\"%s%s%s}",
               id > 1 ? "," : "", arm, companion ? "\"companion\":\"requests\"," : "", id, metric,
               MINUTE, statistic, *target ? ",\"target\":\"" : "", target, *target ? "\"" : ""));
}

/* Space separated series, then the lines of points. */
static inline void begin_recording(struct buffer *text, const char *series)
{
    char copy[512];
    char *rest = copy;
    int id = 1;
    buffer_init(text, 64 << 20);
    snprintf(copy, sizeof copy, "%s", series);
    CHECK(buffer_append_text(text, "{\"format\":\"tidelock-recording\",\"series\":[", &err));
    for (char *spec; (spec = strtok_r(rest, " ", &rest)) != NULL;)
        CHECK(add_series(text, id++, spec));
    CHECK(buffer_append_text(text, "],\"source\":\"test\",\"version\":1}\n", &err));
}

static inline void add_point(struct buffer *text, int id, int64_t minute, double value)
{
    CHECK(buffer_append_format(text, &err, "{\"s\":%d,\"t\":%lld,\"v\":%.17g}\n", id,
                               (long long)minute * MINUTE, value));
}

static inline void open_text(struct buffer *text)
{
    recording_free(recording);
    recording = NULL;
    if (!CHECK(recording_open(&recording, buffer_slice(text), &err)))
        fprintf(stderr, "%s\n", err.message);
    buffer_clear(text);
}

/* `minutes` like minutes of the first `count` series. */
static inline void record_like(const char *series, int minutes, const double *values, int count)
{
    struct buffer text;
    begin_recording(&text, series);
    for (int minute = 0; minute < minutes; minute++) {
        for (int id = 1; id <= count; id++)
            add_point(&text, id, minute, values[id - 1]);
    }
    open_text(&text);
}

/* `spec` may be NULL or several injects with spaces between. */
static inline bool start(uint64_t seed, const char *spec)
{
    static char copy[256];
    static struct inject injects[INJECTS_MAX];
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", spec ? spec : "");
    char *rest = copy;
    for (char *one; (one = strtok_r(rest, " ", &rest)) != NULL;)
        CHECK(inject_parse(&injects[count++], slice_of(one), &err));
    struct traffic_options options = {
        .recording = recording,
        .seed = seed,
        .injects = injects,
        .inject_count = count,
        .share = constant_share,
        .known = known_of,
    };
    return traffic_init(&traffic, &options, &err);
}

static inline struct value parse(const char *text)
{
    struct value value = value_null();
    if (!pool.max)
        pool_init(&pool, 64 << 20);
    CHECK(value_parse(&value, slice_of(text), false, &pool, &err));
    return value;
}

static inline const struct value *rule(void)
{
    static struct member members[4];
    static struct value target = {.kind = VALUE_OBJECT};
    members[0] = (struct member){slice_of("baseline"), value_text("blue")};
    members[1] = (struct member){slice_of("canary"), value_text("green")};
    members[2] = (struct member){slice_of("rule"), value_text("r/1")};
    members[3] = (struct member){slice_of("type"), value_text("alb_rule")};
    target.object.members = members;
    target.object.count = 4;
    return &target;
}

/* Metrics separated by spaces, of the minute `minute`, long afterwards. */
static inline bool sample_of(const struct value *target, const char *metrics, int64_t minute,
                             int64_t now, struct sample *out)
{
    static char copy[256];
    struct slice names[SAMPLE_METRICS_MAX];
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", metrics);
    char *rest = copy;
    for (char *one; (one = strtok_r(rest, " ", &rest)) != NULL;)
        names[count++] = slice_of(one);
    struct sample_request request = {target, names, count, minute * MINUTE, 0, NULL};
    return traffic_sample(&traffic, &request, now, out, &err);
}

static inline void sample_minute(const char *metrics, int64_t minute, struct sample *out)
{
    memset(out, 0, sizeof *out);
    if (!CHECK(sample_of(rule(), metrics, minute, INT64_C(1) << 50, out)))
        fprintf(stderr, "%s\n", err.message);
    CHECK(out->ready && !out->ended && out->at == minute * MINUTE);
}

static inline bool is_value(const struct reading *reading, double value)
{
    return reading->status == READING_VALUE && reading->value >= value && reading->value <= value;
}

static inline bool is_nothing(const struct reading *reading)
{
    return reading->status == READING_NO_DATA;
}

/* 0 where there is none. */
static inline int count_of(const struct reading *reading)
{
    return reading->status == READING_VALUE ? (int)reading->value : 0;
}

static inline void finish(void)
{
    recording_free(recording);
    recording = NULL;
    share_percent = 10;
    pool_clear(&pool);
}
