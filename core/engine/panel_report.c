/* What a verdict rests on, as a value: every number that a judge used. */
#include "engine/panel.h"
#include "engine/record.h"

#include <stdio.h>

static bool report_ratio(const struct panel_judge *judge, struct value *out, struct pool *pool,
                         struct error *err)
{
    struct judge_ratio_result result;
    judge_ratio_result(&judge->ratio, &result);
    struct member members[] = {
        {slice_of("baseline_events"), value_float(result.baseline_events)},
        {slice_of("baseline_rate"), value_float(result.baseline_rate)},
        {slice_of("baseline_trials"), value_float(result.baseline_trials)},
        {slice_of("canary_events"), value_float(result.canary_events)},
        {slice_of("canary_rate"), value_float(result.canary_rate)},
        {slice_of("canary_trials"), value_float(result.canary_trials)},
        {slice_of("difference"), value_float(result.difference)},
        {slice_of("floor_passed"), value_boolean(result.floor_passed)},
        {slice_of("judge"), value_text("ratio")},
        {slice_of("log_e"), value_float(result.log_e)},
        {slice_of("log_e_max"), value_float(result.log_e_max)},
        {slice_of("metric"), value_integer((int64_t)result.metric)},
        {slice_of("name"), value_string(judge->name)},
        {slice_of("safe_log_e_max"), value_float(result.safe_log_e_max)},
        {slice_of("safe_threshold"), value_float(result.safe_threshold)},
        {slice_of("threshold"), value_float(result.threshold)},
        {slice_of("verdict"), value_text(verdict_name(result.verdict))},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

static bool report_threshold(const struct panel_judge *judge, struct value *out, struct pool *pool,
                             struct error *err)
{
    struct judge_threshold_result result;
    judge_threshold_result(&judge->threshold, &result);
    struct member members[] = {
        {slice_of("beyond"), value_integer((int64_t)result.beyond)},
        {slice_of("judge"), value_text("threshold")},
        {slice_of("last"), value_float(result.last)},
        {slice_of("limit"), value_float(result.limit)},
        {slice_of("m"), value_integer((int64_t)judge->threshold.params.m)},
        {slice_of("name"), value_string(judge->name)},
        {slice_of("of"), value_integer((int64_t)result.of)},
        {slice_of("verdict"), value_text(verdict_name(result.verdict))},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

bool panel_report(const struct panel *panel, struct value *out, struct pool *pool,
                  struct error *err)
{
    if (!value_array(out, panel->judge_count, pool, err))
        return false;
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        struct value *item = &out->array.items[i];
        bool ok = judge->kind == PANEL_RATIO ? report_ratio(judge, item, pool, err)
                                             : report_threshold(judge, item, pool, err);
        if (!ok)
            return false;
    }
    return true;
}

static void explain_ratio(const struct panel_judge *judge, char *text, size_t size)
{
    struct judge_ratio_result result;
    judge_ratio_result(&judge->ratio, &result);
    snprintf(text, size,
             "%.*s: canary %.0f of %.0f (%.3f %%), baseline %.0f of %.0f (%.3f %%), evidence "
             "%.2f passed %.2f",
             (int)judge->name.size, judge->name.data, result.canary_events, result.canary_trials,
             100 * result.canary_rate, result.baseline_events, result.baseline_trials,
             100 * result.baseline_rate, result.log_e_max, result.threshold);
}

static void explain_threshold(const struct panel_judge *judge, char *text, size_t size)
{
    struct judge_threshold_result result;
    judge_threshold_result(&judge->threshold, &result);
    snprintf(text, size, "%.*s: %zu of the last %zu periods were %s %g (the last was %g)",
             (int)judge->name.size, judge->name.data, result.beyond, result.of,
             judge->threshold.params.above ? "above" : "below", result.limit, result.last);
}

bool panel_explain_harm(const struct panel *panel, char *text, size_t size)
{
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        if (panel_judge_verdict(judge) != VERDICT_HARM)
            continue;
        if (judge->kind == PANEL_RATIO)
            explain_ratio(judge, text, size);
        else
            explain_threshold(judge, text, size);
        return true;
    }
    return false;
}
