#include "world/inject.h"

#include "base/time.h"
#include "judge/alarm.h"

#include <string.h>

static const char expected[] =
    "expected METRIC*FACTOR, METRIC+PERCENT%, METRIC+DURATION, slow+PERCENT% or crash, then @DELAY "
    "and ~RAMP if wanted, such as errors*2, errors+0.5%@10m, latency*1.5@10m~5m, latency+200ms, "
    "slow+1%, crash@20m or alarm:NAME@10m";

static const double factor_max = 1e6;

static bool refuse(struct slice spec, const char *why, struct error *err)
{
    return error_set(err, ERROR_INVALID, "the injection \"%.*s\": %s; %s",
                     (int)(spec.size > 200 ? 200 : spec.size), spec.data, why, expected);
}

/* Cuts `text` at its last `mark`: *text keeps what stands before, *tail gets what stands after. */
static bool cut_tail(struct slice *text, char mark, struct slice *tail)
{
    for (size_t i = text->size; i-- > 0;) {
        if (text->data[i] != mark)
            continue;
        *tail = (struct slice){text->data + i + 1, text->size - i - 1};
        text->size = i;
        return true;
    }
    return false;
}

static bool cut_duration(struct slice *text, char mark, struct slice spec, int64_t *ms,
                         struct error *err)
{
    struct slice tail = {0};
    *ms = 0;
    if (!cut_tail(text, mark, &tail))
        return true;
    if (time_parse_duration(ms, tail, err))
        return true;
    return error_wrap(err, "the injection \"%.*s\"", (int)(spec.size > 200 ? 200 : spec.size),
                      spec.data);
}

/* Digits with an optional fraction, by hand: strtod minds the locale. */
static bool parse_decimal(struct slice text, double *number)
{
    double whole = 0;
    double scale = 1;
    bool dot = false;
    size_t digits = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '.' && !dot && digits) {
            dot = true;
        } else if (c >= '0' && c <= '9' && digits < 15) {
            whole = whole * 10 + (c - '0');
            scale *= dot ? 10 : 1;
            digits++;
        } else {
            return false;
        }
    }
    *number = whole / scale;
    return digits > 0 && text.data[text.size - 1] != '.';
}

static bool is_metric(struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        if (strchr("*+@~% \t", name.data[i]) || (unsigned char)name.data[i] < 0x20)
            return false;
    }
    return name.size > 0 && !slice_is(name, "crash");
}

static bool parse_times(struct inject *inject, struct slice number, struct slice spec,
                        struct error *err)
{
    inject->kind = INJECT_TIMES;
    if (!parse_decimal(number, &inject->amount) || inject->amount > factor_max)
        return refuse(spec, "the factor is no number from 0 to 1000000", err);
    return true;
}

static bool parse_later(struct inject *inject, struct slice duration, struct slice spec,
                        struct error *err)
{
    int64_t ms = 0;
    inject->kind = INJECT_LATER;
    if (!time_parse_duration(&ms, duration, err))
        return refuse(spec,
                      "what is added is a percentage of the canary's requests, or a duration such "
                      "as 200ms",
                      err);
    inject->amount = (double)ms;
    return true;
}

static bool parse_plus(struct inject *inject, struct slice number, struct slice spec,
                       struct error *err)
{
    inject->kind = INJECT_PLUS;
    if (number.size == 0 || number.data[number.size - 1] != '%')
        return parse_later(inject, number, spec, err);
    number.size--;
    if (!parse_decimal(number, &inject->amount) || inject->amount > 100)
        return refuse(spec, "the percentage is no number from 0 to 100", err);
    inject->amount /= 100;
    return true;
}

static bool parse_effect(struct inject *inject, struct slice effect, struct slice spec,
                         struct error *err)
{
    struct slice number = {0};
    inject->metric = effect;
    if (slice_is(effect, "crash")) {
        inject->kind = INJECT_CRASH;
        return inject->ramp == 0 || refuse(spec, "a crash comes at once, it has no ramp", err);
    }
    bool times = cut_tail(&inject->metric, '*', &number);
    if (!times && !cut_tail(&inject->metric, '+', &number))
        return refuse(spec, "it says neither what happens nor how much", err);
    if (!is_metric(inject->metric))
        return refuse(spec, "there is no metric in front of the sign", err);
    return times ? parse_times(inject, number, spec, err) : parse_plus(inject, number, spec, err);
}

/* A name may hold any sign: what stands behind one is a time only if it reads as one. */
static void cut_time(struct slice *name, char mark, int64_t *ms)
{
    struct error ignored;
    struct slice rest = *name;
    struct slice tail = {0};
    if (!cut_tail(&rest, mark, &tail) || rest.size == 0 || !time_parse_duration(ms, tail, &ignored))
        *ms = 0;
    else
        *name = rest;
}

static bool parse_alarm(struct inject *out, struct slice name, struct slice spec, struct error *err)
{
    *out = (struct inject){.kind = INJECT_ALARM};
    cut_time(&name, '~', &out->ramp);
    cut_time(&name, '@', &out->from);
    out->metric = name;
    return name.size > 0 || refuse(spec, "there is no name of an alarm", err);
}

bool inject_parse(struct inject *out, struct slice spec, struct error *err)
{
    static const char alarm[] = "alarm:";
    enum { ALARM_SIZE = sizeof alarm - 1 };
    struct slice effect = spec;
    if (spec.size >= ALARM_SIZE && memcmp(spec.data, alarm, ALARM_SIZE) == 0)
        return parse_alarm(out, (struct slice){spec.data + ALARM_SIZE, spec.size - ALARM_SIZE},
                           spec, err);
    *out = (struct inject){0};
    return cut_duration(&effect, '~', spec, &out->ramp, err) &&
           cut_duration(&effect, '@', spec, &out->from, err) &&
           parse_effect(out, effect, spec, err);
}

/* The integral of the strength from the beginning until `to`, in milliseconds of full strength. */
static double acted(const struct inject *inject, int64_t to)
{
    double since = (double)(to - inject->from);
    double ramp = (double)inject->ramp;
    if (since <= 0)
        return 0;
    if (since < ramp)
        return since * since / (2 * ramp);
    return since - ramp / 2;
}

double inject_strength(const struct inject *inject, int64_t from, int64_t to)
{
    double strength = (acted(inject, to) - acted(inject, from)) / (double)(to - from);
    return strength < 1 ? strength : 1;
}

bool inject_alarms(const struct inject *inject, struct slice alarm, int64_t at)
{
    return inject->kind == INJECT_ALARM && alarm_is(inject->metric, alarm) && at >= inject->from &&
           (inject->ramp == 0 || at < inject->from + inject->ramp);
}

bool inject_slows(const struct inject *inject)
{
    return inject->kind == INJECT_PLUS && slice_is(inject->metric, "slow");
}

bool inject_concerns(const struct inject *inject, struct slice metric)
{
    struct slice name = inject->metric;
    if (inject->kind == INJECT_CRASH || inject->kind == INJECT_ALARM)
        return inject->kind == INJECT_CRASH;
    if (metric.size < name.size || memcmp(metric.data, name.data, name.size) != 0)
        return false;
    return metric.size == name.size || metric.data[name.size] == '_';
}
