/* What all judges share: the list of them, the metrics they ask for, and lines of text. */
#include "judge/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
#define X(name, text) [VERDICT_##name] = text,
        VERDICTS(X)
#undef X
    };
    return names[verdict];
}

static const struct judge_ops *const judges[] = {
#define X(name) &judge_##name##_ops,
    JUDGES(X)
#undef X
};

enum { JUDGE_COUNT = sizeof judges / sizeof *judges };

const struct judge_ops *judge_at(size_t index)
{
    return index < JUDGE_COUNT ? judges[index] : NULL;
}

const struct judge_ops *judge_find(struct slice name, struct error *err)
{
    static const char names[] =
#define X(name) ", " #name
        JUDGES(X);
#undef X
    for (size_t i = 0; i < JUDGE_COUNT; i++) {
        if (slice_is(name, judges[i]->name))
            return judges[i];
    }
    error_set(err, ERROR_INVALID, "there is no judge \"%.*s\" (there are %s)", (int)name.size,
              name.data, names + strlen(", "));
    return NULL;
}

static bool find_name(const struct slice *names, size_t count, struct slice name, size_t *index)
{
    for (*index = 0; *index < count; ++*index) {
        if (slice_equal(names[*index], name))
            return true;
    }
    return false;
}

bool judge_metrics_add(struct judge_metrics *metrics, const struct value *from, const char *field,
                       size_t *index, struct error *err)
{
    const struct value *name = value_get(from, field);
    if (!name || name->kind != VALUE_STRING || name->string.size == 0)
        return error_set(err, ERROR_INVALID, "\"%s\" must name a metric", field);
    return judge_metrics_ask(metrics, name->string, index, err);
}

bool judge_metrics_ask(struct judge_metrics *metrics, struct slice name, size_t *index,
                       struct error *err)
{
    if (find_name(metrics->names, metrics->count, name, index))
        return true;
    if (metrics->count == JUDGE_READINGS_MAX)
        return error_set(err, ERROR_INVALID, "a watch looks at no more than %d metrics",
                         JUDGE_READINGS_MAX);
    metrics->counted[metrics->count] = false;
    metrics->names[metrics->count++] = name;
    return true;
}

bool judge_metrics_alarm(struct judge_metrics *metrics, struct slice name, size_t *index,
                         struct error *err)
{
    if (find_name(metrics->alarms, metrics->alarm_count, name, index))
        return true;
    if (metrics->alarm_count == JUDGE_ALARMS_MAX)
        return error_set(err, ERROR_INVALID, "a watch heeds no more than %d alarms",
                         JUDGE_ALARMS_MAX);
    metrics->alarms[metrics->alarm_count++] = name;
    return true;
}

void judge_metrics_clear(struct judge_metrics *metrics)
{
    metrics->count = 0;
    metrics->alarm_count = 0;
    metrics->traffic = 0;
    metrics->has_traffic = false;
    metrics->dispersion = 1;
}

void judge_metrics_count(struct judge_metrics *metrics, size_t index)
{
    metrics->counted[index] = true;
}

void judge_metrics_traffic(struct judge_metrics *metrics, size_t index)
{
    if (metrics->has_traffic)
        return;
    metrics->traffic = index;
    metrics->has_traffic = true;
}

void judge_say(struct judge_words *words, const char *format, ...)
{
    static const char more[] = "...";
    if (words->count == JUDGE_LINES_MAX)
        return;
    char *line = words->lines[words->count++];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, JUDGE_LINE_SIZE, format, arguments);
    va_end(arguments);
    if (size < JUDGE_LINE_SIZE)
        return;
    size_t whole = value_utf8_end((struct slice){line, JUDGE_LINE_SIZE - sizeof more});
    memcpy(line + whole, more, sizeof more);
}
