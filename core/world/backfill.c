/* A journal read for what its run asked of the metric providers, and what AWS had told it. */
#include "world/backfill.h"

#include "engine/panel.h"
#include "engine/record.h"

enum { JUDGES_POOL_MAX = 64 << 20 };

/* Where the lists are made while the journal is read. */
struct reading_journal {
    struct backfill *backfill;
    struct panel panel;
    struct pool judges; /* of the panel */
    struct pool *pool;
};

static bool add_question(struct reading_journal *reading, const struct value *target,
                         const struct slice *metrics, size_t count, int64_t watch,
                         struct error *err)
{
    struct value *list = &reading->backfill->questions;
    struct member members[] = {{slice_of("metrics"), value_null()},
                               {slice_of("target"), *target},
                               {slice_of("watch"), value_integer(watch)}};
    struct value *names = &members[0].value;
    if (!value_array(names, count, reading->pool, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct slice name; /* some are made by judges, which do not last */
        if (!pool_copy(reading->pool, metrics[i], &name, err))
            return false;
        names->array.items[i] = value_string(name);
    }
    return record_object(&list->array.items[list->array.count++], members, watch < 0 ? 2 : 3,
                         reading->pool, err);
}

/* The judges say what a watch looks at. One that was refused has none that can be read. */
static bool take_watch(struct reading_journal *reading, int64_t id, const struct value *request,
                       struct error *err)
{
    struct error refused;
    struct panel *panel = &reading->panel;
    const struct value *target = value_get(request, "target");
    pool_reset(&reading->judges);
    if (!target ||
        !panel_init(panel, target, value_get(request, "judges"), &reading->judges, &refused))
        return true;
    return add_question(reading, target, panel->metrics.names, panel->metrics.count, id, err);
}

static bool take_query(struct reading_journal *reading, const struct value *request,
                       struct error *err)
{
    struct backfill *backfill = reading->backfill;
    int64_t from = value_get_integer(request, "from", backfill->from);
    const struct value *target = value_get(request, "target");
    struct slice metric = value_get_slice(request, "metric", "");
    if (!target || metric.size == 0)
        return true;
    backfill->from = from >= 0 && from < backfill->from ? from : backfill->from;
    return add_question(reading, target, &metric, 1, -1, err);
}

static bool take_tick(struct reading_journal *reading, const struct journal_record *record,
                      struct error *err)
{
    struct value *list = &reading->backfill->ticks;
    struct value body;
    if (!journal_body(record, &body, reading->pool, err))
        return false;
    const struct value *periods = value_get(&body, "periods");
    const struct value *alarms = value_get(&body, "alarms");
    if (!periods || periods->kind != VALUE_ARRAY || (periods->array.count == 0 && !alarms))
        return true;
    struct member members[] = {
        {slice_of("at"), value_integer(record->at)},
        {slice_of("periods"), *periods},
        {slice_of("watch"), value_integer(value_get_integer(&body, "id", -1))},
        {slice_of("alarms"), alarms ? *alarms : value_null()},
    };
    return record_object(&list->array.items[list->array.count++], members,
                         RECORD_COUNT(members) - !alarms, reading->pool, err);
}

static bool take_record(struct reading_journal *reading, const struct journal_record *record,
                        struct error *err)
{
    struct backfill *backfill = reading->backfill;
    const struct value *request = value_get(&record->body, "request");
    if (record->kind == JOURNAL_END && backfill->to < 0)
        backfill->to = record->at;
    if (record->kind == JOURNAL_BEGIN && value_get(&record->body, "home"))
        backfill->home = *value_get(&record->body, "home");
    if (record->kind == JOURNAL_TICK)
        return take_tick(reading, record, err);
    if (record->kind != JOURNAL_EFFECT || !request)
        return true;
    if (value_is_text(value_get(request, "kind"), "watch"))
        return take_watch(reading, value_get_integer(&record->body, "id", -1), request, err);
    return !value_is_text(value_get(request, "kind"), "metric") ||
           take_query(reading, request, err);
}

bool backfill_read(struct backfill *backfill, const struct journal_scan *scan, struct pool *pool,
                   struct error *err)
{
    *backfill = (struct backfill){.scan = scan, .to = -1, .home = value_null()};
    if (scan->count == 0)
        return error_set(err, ERROR_INVALID, "it had not begun");
    backfill->from = scan->records[0].at;
    struct reading_journal *reading = pool_alloc(pool, sizeof *reading, err);
    if (!reading || !value_array(&backfill->questions, scan->count, pool, err) ||
        !value_array(&backfill->ticks, scan->count, pool, err))
        return false;
    backfill->questions.array.count = backfill->ticks.array.count = 0;
    *reading = (struct reading_journal){.backfill = backfill, .pool = pool};
    pool_init(&reading->judges, JUDGES_POOL_MAX);
    bool ok = true;
    for (size_t i = 0; ok && i < scan->count; i++)
        ok = take_record(reading, &scan->records[i], err);
    pool_clear(&reading->judges);
    return ok && (backfill->questions.array.count > 0 ||
                  error_set(err, ERROR_INVALID, "it asked for no metrics"));
}

/* --- what the journal answers ---------------------------------------------------------------- */

/* Who says no region asks in that of what is named, or of the run. */
static bool is_there(const struct value *made, const struct value *call)
{
    struct slice mine = value_get_slice(made, "region", "");
    struct slice theirs = value_get_slice(call, "region", "");
    return mine.size == 0 || theirs.size == 0 || slice_equal(mine, theirs);
}

static bool is_call(const struct value *made, const struct value *call)
{
    const struct value *input = value_get(made, "input");
    const struct value *asked = value_get(call, "input");
    return input && asked && value_equal(input, asked) && is_there(made, call) &&
           slice_equal(value_get_slice(made, "operation", ""),
                       value_get_slice(call, "operation", "-"));
}

static const struct value *result_of(const struct journal_scan *scan, size_t after, int64_t id)
{
    for (size_t i = after; i < scan->count; i++) {
        const struct value *body = &scan->records[i].body;
        if (scan->records[i].kind == JOURNAL_RESULT && value_get_integer(body, "id", -1) == id)
            return value_get(body, "value");
    }
    return NULL;
}

/* The first that a run reads of a target is how it found it. */
static const struct value *recall(const void *context, const struct value *call)
{
    const struct journal_scan *scan = context;
    for (size_t i = 0; i < scan->count; i++) {
        const struct value *body = &scan->records[i].body;
        const struct value *observed = value_get(body, "observed");
        const struct value *found = NULL;
        if (scan->records[i].kind != JOURNAL_EFFECT)
            continue;
        if (observed && is_call(value_get(body, "observe"), call))
            found = observed;
        else if (is_call(value_get(body, "request"), call))
            found = result_of(scan, i, value_get_integer(body, "id", -1));
        if (found)
            return found;
    }
    return NULL;
}

bool backfill_ask(const struct backfill *backfill, struct live_metrics *metrics, int64_t from,
                  int64_t to, int64_t now, struct error *err)
{
    struct member members[] = {
        {slice_of("from"), value_integer(from)}, {slice_of("home"), backfill->home},
        {slice_of("now"), value_integer(now)},   {slice_of("questions"), backfill->questions},
        {slice_of("ticks"), backfill->ticks},    {slice_of("to"), value_integer(to)},
    };
    struct value asked = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    return live_metrics_backfill(metrics, &asked, recall, backfill->scan, err);
}
