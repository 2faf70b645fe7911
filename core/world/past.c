#include "world/past.h"

#include "base/time.h"
#include "engine/panel.h"
#include "net/net.h"
#include "world/live_state.h"

/* --- what was asked for ---------------------------------------------------------------------- */

static bool names(const struct past_question *question, struct slice metric)
{
    for (size_t i = 0; i < question->count; i++) {
        if (slice_equal(question->metrics[i], metric))
            return true;
    }
    return false;
}

/* Whether who asks `outer` is told all that `inner` asks for. */
static bool contains(const struct past_question *outer, const struct past_question *inner)
{
    for (size_t i = 0; i < inner->count; i++) {
        if (!names(outer, inner->metrics[i]))
            return false;
    }
    return value_equal(outer->target, inner->target);
}

/* Its place; one that asks for all of it serves as well. */
static size_t add_question(struct past *past, const struct past_question *question)
{
    for (size_t i = 0; i < past->question_count; i++) {
        if (contains(&past->questions[i], question))
            return i;
    }
    past->questions[past->question_count] = *question;
    return past->question_count++;
}

/* The judges say what a watch looks at. One that was refused has none that can be read. */
static void take_watch(struct past *past, int64_t id, const struct value *request,
                       struct panel *panel, struct pool *scratch)
{
    struct error refused;
    const struct value *target = value_get(request, "target");
    pool_reset(scratch);
    if (!target || !panel_init(panel, target, value_get(request, "judges"), scratch, &refused))
        return;
    struct past_question question = {.target = target, .count = panel->metrics.count};
    for (size_t i = 0; i < question.count; i++)
        question.metrics[i] = panel->metrics.names[i];
    past->watches[past->watch_count++] = (struct past_watch){id, add_question(past, &question)};
}

static void take_query(struct past *past, const struct value *request)
{
    int64_t from = value_get_integer(request, "from", past->from);
    struct past_question question = {
        .target = value_get(request, "target"),
        .metrics = {value_get_slice(request, "metric", "")},
        .count = 1,
    };
    if (!question.target || question.metrics[0].size == 0)
        return;
    add_question(past, &question);
    past->from = from >= 0 && from < past->from ? from : past->from;
}

static void take_record(struct past *past, const struct journal_record *record, struct panel *panel,
                        struct pool *scratch)
{
    const struct value *request = value_get(&record->body, "request");
    if (record->kind == JOURNAL_END && past->to < 0)
        past->to = record->at;
    if (record->kind != JOURNAL_EFFECT || !request)
        return;
    if (value_is_text(value_get(request, "kind"), "watch"))
        take_watch(past, value_get_integer(&record->body, "id", -1), request, panel, scratch);
    else if (value_is_text(value_get(request, "kind"), "metric"))
        take_query(past, request);
}

bool past_read(struct past *past, const struct journal_scan *scan, struct pool *pool,
               struct error *err)
{
    enum { POOL_MAX = 1 << 20 };
    *past = (struct past){.scan = scan, .to = -1};
    if (scan->count == 0)
        return error_set(err, ERROR_INVALID, "it had not begun");
    past->from = scan->records[0].at;
    past->questions = pool_alloc(pool, scan->count * sizeof *past->questions, err);
    past->watches = pool_alloc(pool, scan->count * sizeof *past->watches, err);
    if (!past->questions || !past->watches)
        return false;
    struct panel panel;
    struct pool scratch;
    pool_init(&scratch, POOL_MAX);
    for (size_t i = 0; i < scan->count; i++)
        take_record(past, &scan->records[i], &panel, &scratch);
    pool_clear(&scratch);
    return past->question_count > 0 || error_set(err, ERROR_INVALID, "it asked for no metrics");
}

/* --- what the journal answers ---------------------------------------------------------------- */

static bool is_call(const struct value *made, const struct value *call)
{
    const struct value *input = value_get(made, "input");
    const struct value *asked = value_get(call, "input");
    return input && asked && value_equal(input, asked) &&
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
    const struct past *past = context;
    for (size_t i = 0; i < past->scan->count; i++) {
        const struct value *body = &past->scan->records[i].body;
        const struct value *observed = value_get(body, "observed");
        const struct value *found = NULL;
        if (past->scan->records[i].kind != JOURNAL_EFFECT)
            continue;
        if (observed && is_call(value_get(body, "observe"), call))
            found = observed;
        else if (is_call(value_get(body, "request"), call))
            found = result_of(past->scan, i, value_get_integer(body, "id", -1));
        if (found)
            return found;
    }
    return NULL;
}

static const struct past_watch *watch_of(const struct past *past, int64_t id)
{
    for (size_t i = past->watch_count; i > 0; i--) {
        if (past->watches[i - 1].id == id)
            return &past->watches[i - 1];
    }
    return NULL;
}

static bool keep_ticks(const struct past *past, struct live_metrics *metrics,
                       const struct value *plans, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    struct pool pool;
    bool ok = true;
    pool_init(&pool, POOL_MAX);
    for (size_t i = 0; ok && i < past->scan->count; i++) {
        const struct journal_record *record = &past->scan->records[i];
        const struct value *periods = value_get(&record->body, "periods");
        const struct past_watch *watch = record->kind == JOURNAL_TICK && periods &&
                                                 periods->array.count
                                             ? watch_of(past,
                                                        value_get_integer(&record->body, "id", -1))
                                             : NULL;
        pool_reset(&pool);
        ok = !watch || live_metrics_heard(metrics, &plans[watch->question], &record->body,
                                          record->at, &pool, err);
    }
    pool_clear(&pool);
    return ok;
}

/* --- what the providers answer --------------------------------------------------------------- */

/* A day of minutes: the room that an answer needs is bounded, and providers count points. */
enum { PART_PERIODS = 1440, TRIES = 3, PAUSE = 1000 };

struct asking {
    const struct past *past;
    struct live *live;
    struct live_metrics *metrics;
    struct net *net;
    struct pool pool; /* of one part */
};

/* The first reading of a part that the provider did not give. */
struct missing {
    struct slice metric, message;
    const char *arm;
    int64_t at;
    bool again; /* asking once more may help */
};

static bool find_missing_in(const struct value *period, struct missing *missing)
{
    static const char *const arms[] = {"baseline", "canary"};
    const struct value *all = value_get(period, "metrics");
    for (size_t i = 0; all && i < all->object.count; i++) {
        for (size_t arm = 0; arm < 2; arm++) {
            const struct value *reading = value_get(&all->object.members[i].value, arms[arm]);
            if (!value_is_text(value_get(reading, "status"), "provider error"))
                continue;
            *missing = (struct missing){
                .metric = all->object.members[i].name,
                .message = value_get_slice(reading, "message", "no answer"),
                .arm = arms[arm],
                .at = value_get_integer(period, "at", 0),
                .again = value_get_boolean(reading, "again", false),
            };
            return true;
        }
    }
    return false;
}

static bool find_missing(const struct value *read, struct missing *missing)
{
    const struct value *periods = value_get(read, "periods");
    for (size_t i = 0; periods && i < periods->array.count; i++) {
        if (find_missing_in(&periods->array.items[i], missing))
            return true;
    }
    return false;
}

static bool refuse_missing(const struct missing *missing, struct error *err)
{
    char date[32];
    time_format_instant(date, missing->at);
    return error_set(err, ERROR_IO, "%.*s (%s) was not answered for %s: %.*s",
                     (int)missing->metric.size, missing->metric.data, missing->arm, date,
                     (int)missing->message.size, missing->message.data);
}

static void wake(void *context)
{
    *(bool *)context = true;
}

static bool pause_for(const struct asking *asking, int64_t ms, struct error *err)
{
    struct net *net = asking->net;
    bool over = false;
    bool ok = net_timer(net, net_now(net) + ms, wake, &over, err) &&
              live_wait_until(asking->live, net, &over, err);
    net_forget(net, &over);
    return ok;
}

static bool ask_part(struct asking *asking, const struct live_question *question, struct error *err)
{
    struct value plan;
    struct value read;
    struct missing missing;
    for (int tries = 1;; tries++) {
        pool_reset(&asking->pool);
        if (!live_metrics_plan(asking->metrics, question, &plan, &asking->pool, err) ||
            !live_metrics_read(asking->metrics, &plan, &read, &asking->pool, err))
            return false;
        if (!find_missing(&read, &missing))
            return live_metrics_keep(asking->metrics, &plan, &read, -1, &asking->pool, err);
        if (!missing.again || tries == TRIES)
            return refuse_missing(&missing, err);
        if (!pause_for(asking, PAUSE, err))
            return false;
    }
}

static bool ask_whole(struct asking *asking, struct live_question question,
                      const struct value *plan, struct error *err)
{
    int64_t part = value_get_integer(plan, "period", 0) * PART_PERIODS;
    int64_t end = value_get_integer(plan, "to", 0);
    if (value_get_boolean(plan, "not_ready", false))
        return true;
    for (int64_t at = value_get_integer(plan, "from", 0); at < end; at += part) {
        question.from = at;
        question.to = at + part < end ? at + part : end;
        if (!ask_part(asking, &question, err))
            return false;
    }
    return true;
}

static struct live_question question_of(const struct past_question *question, int64_t from,
                                        int64_t to, int64_t now)
{
    return (struct live_question){
        question->target, question->metrics, question->count, from, to, now};
}

/* One that came before another that asks for more is not asked by itself. */
static bool is_contained(const struct past *past, size_t index)
{
    for (size_t i = index + 1; i < past->question_count; i++) {
        if (contains(&past->questions[i], &past->questions[index]))
            return true;
    }
    return false;
}

static bool ask_all(struct asking *asking, const struct value *plans, int64_t from, int64_t to,
                    int64_t now, struct error *err)
{
    const struct past *past = asking->past;
    for (size_t i = 0; i < past->question_count; i++) {
        if (!is_contained(past, i) &&
            !ask_whole(asking, question_of(&past->questions[i], from, to, now), &plans[i], err))
            return false;
    }
    return true;
}

/* What all of the time takes; false with an error also if none of it can be had yet. */
static bool make_plans(const struct asking *asking, struct value *plans, int64_t from, int64_t to,
                       int64_t now, struct pool *pool, struct error *err)
{
    char date[32];
    int64_t ready = -1;
    const struct past *past = asking->past;
    for (size_t i = 0; i < past->question_count; i++) {
        struct live_question question = question_of(&past->questions[i], from, to, now);
        if (!live_metrics_plan(asking->metrics, &question, &plans[i], pool, err))
            return false;
        int64_t at = value_get_integer(&plans[i], "ready_at", 0);
        ready = ready < 0 || at < ready ? at : ready;
    }
    if (ready <= 0)
        return true;
    time_format_instant(date, ready);
    return error_set(err, ERROR_INVALID,
                     "there is no period yet that lies within this time, is over and has settled "
                     "(one that began with it could be read from %s on)",
                     date);
}

bool past_ask(const struct past *past, struct live *live, int64_t from, int64_t to,
              struct error *err)
{
    enum { POOL_MAX = 256 << 20 };
    struct live_metrics *metrics = live->metrics;
    struct net *net = live->params.net;
    struct asking asking = {past, live, metrics, net, {0}};
    struct pool pool;
    int64_t now = net_now(net);
    pool_init(&pool, POOL_MAX);
    pool_init(&asking.pool, POOL_MAX);
    live_metrics_recall(metrics, recall, past);
    struct value *plans = pool_alloc(&pool, past->question_count * sizeof *plans, err);
    bool ok = plans && make_plans(&asking, plans, from, to, now, &pool, err) &&
              keep_ticks(past, metrics, plans, err) && ask_all(&asking, plans, from, to, now, err);
    pool_clear(&asking.pool);
    pool_clear(&pool);
    return ok;
}
