/* One made-up period, as long as the watch and with the traffic of the hours before, given to
 * judges that have seen nothing. */
#include "engine/foresight.h"

#include "base/math.h"
#include "base/time.h"
#include "judge/judge_power.h"

#include <math.h>
#include <stdio.h>

/* --- what is known ---------------------------------------------------------------------------- */

/* One count of one arm. False: nothing came of it. */
static bool find_count(const struct foresight *foresight, struct slice metric, const char *arm,
                       double *sum, double *span)
{
    const struct value *came = foresight->came;
    for (size_t i = 0; i < came->array.count; i++) {
        const struct value *entry = &came->array.items[i];
        if (value_get_integer(entry, "of", -1) != foresight->target ||
            !slice_equal(value_get_slice(entry, "metric", ""), metric) ||
            !value_is_text(value_get(entry, "arm"), arm))
            continue;
        *sum = value_get_number(entry, "sum", 0);
        *span = (double)value_get_integer(entry, "span", 0);
        return *sum >= 0 && *span > 0;
    }
    return false;
}

static int64_t period_of(const struct foresight *foresight, struct slice metric)
{
    const struct value *came = foresight->came;
    for (size_t i = 0; i < came->array.count; i++) {
        const struct value *entry = &came->array.items[i];
        if (slice_equal(value_get_slice(entry, "metric", ""), metric))
            return value_get_integer(entry, "period", 0);
    }
    return 0;
}

/* The old version's requests, and what it had together with the canary, if that had any. */
static bool find_traffic(struct foresight *foresight, struct slice metric)
{
    double canary, span;
    if (!find_count(foresight, metric, "baseline", &foresight->before, &span) ||
        foresight->before <= 0)
        return false;
    foresight->traffic = foresight->before / span * 1000;
    if (find_count(foresight, metric, "canary", &canary, &span))
        foresight->traffic += canary / span * 1000;
    foresight->period = period_of(foresight, metric);
    return true;
}

static int64_t place_of(const struct engine *engine, const struct value *target)
{
    const struct value *targets = engine->targets;
    for (size_t i = 0; targets && target && i < targets->array.count; i++) {
        if (value_equal(&targets->array.items[i], target))
            return (int64_t)i;
    }
    return -1;
}

static void read_effect(struct foresight *foresight, const struct value *watch)
{
    foresight->watch = watch;
    foresight->target = place_of(foresight->engine, value_get(watch, "target"));
    foresight->share = value_get_number(watch, "share", 0);
    foresight->sees = value_get_number(watch, "sees", 0);
    foresight->length = value_get_integer(watch, "for", 0);
    foresight->patience = value_get_integer(watch, "patience", 0);
    foresight->settle_in = value_get_integer(watch, "settle_in", 0);
}

static bool is_duration(int64_t time)
{
    return time >= 0 && time <= EFFECT_DURATION_MAX;
}

static bool has_times(const struct foresight *foresight)
{
    return is_duration(foresight->length) && is_duration(foresight->patience) &&
           is_duration(foresight->settle_in);
}

/* Those of its judges that see rates, before they have seen anything. What is wrong with one of
 * them is not for this to say. */
static struct panel *new_panel(const struct foresight *foresight)
{
    struct engine *engine = foresight->engine;
    const struct value *watch = foresight->watch;
    struct error ignored;
    const struct value *judges = value_get(watch, "judges");
    pool_reset(&engine->scratch);
    struct panel *panel = pool_alloc(&engine->scratch, sizeof *panel, &ignored);
    if (!panel || !judges || judges->kind != VALUE_ARRAY || judges->array.count > PANEL_JUDGES_MAX)
        return NULL;
    panel_clear(panel, value_get(watch, "target"), judges);
    for (size_t i = 0; i < judges->array.count; i++) {
        const struct value *judge = &judges->array.items[i];
        const struct judge_ops *ops = judge_find(value_get_slice(judge, "judge", ""), &ignored);
        if (ops && ops->sees && !ops->sees_slower)
            panel_add(panel, ops, judge, &engine->scratch, &ignored);
    }
    return panel;
}

bool foresight_open(struct foresight *foresight, struct engine *engine, const struct value *watch)
{
    *foresight = (struct foresight){.engine = engine, .came = &engine->came};
    read_effect(foresight, watch);
    if (engine->came.kind != VALUE_ARRAY || foresight->target < 0 || !has_times(foresight))
        return false;
    const struct panel *panel = new_panel(foresight);
    return panel && panel->judge_count > 0 && panel->metrics.has_traffic &&
           find_traffic(foresight, panel->metrics.names[panel->metrics.traffic]);
}

/* --- what would be seen ----------------------------------------------------------------------- */

/* As many of it to the arm's requests as the old version had of both. Of so few that there may as
 * well be none there are none: what was not seen may be more than what is expected. */
static struct reading reading_of(double per_request, double requests)
{
    static const double few = 1.92; /* what may be where nothing was seen (judge_power.c) */
    double count = per_request * requests;
    return (struct reading){READING_VALUE, count < few && per_request < 1 ? 0 : count};
}

/* What an arm has of each metric with so many requests; none: it has no data. */
static void fill(const struct foresight *foresight, const struct judge_metrics *metrics,
                 double requests, struct reading *readings)
{
    for (size_t i = 0; i < metrics->count; i++) {
        double sum, span;
        bool known = requests >= 0 &&
                     find_count(foresight, metrics->names[i], "baseline", &sum, &span);
        readings[i] = known ? reading_of(sum / foresight->before, requests)
                            : (struct reading){READING_NO_DATA, 0};
    }
}

static void show(const struct foresight *foresight, struct panel *panel, double canary,
                 double baseline)
{
    struct reading one[JUDGE_READINGS_MAX], other[JUDGE_READINGS_MAX];
    fill(foresight, &panel->metrics, canary, one);
    fill(foresight, &panel->metrics, baseline, other);
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        if (judge->ops->observe)
            judge->ops->observe(judge->self, one, other);
    }
}

double foresight_sees(const struct foresight *foresight, double time)
{
    double requests = foresight->traffic * time / 1000;
    double share = foresight->share / 100;
    struct panel *panel = new_panel(foresight);
    if (!panel)
        return 0;
    show(foresight, panel, -1, foresight->before); /* the hours themselves, of the old version */
    panel_begin(panel, 0, foresight->share);
    show(foresight, panel, requests * share, requests * (1 - share));
    return panel_sees_rise(panel);
}

double foresight_time(const struct foresight *foresight, double rise)
{
    enum { STEPS = 30 };
    const double longest = 366 * 86400000.0;
    double low = math_log(1000);
    double high = math_log(longest);
    if (foresight_sees(foresight, longest) > rise)
        return INFINITY;
    for (int i = 0; i < STEPS; i++) {
        double middle = low + (high - low) / 2;
        if (foresight_sees(foresight, math_exp(middle)) <= rise)
            high = middle;
        else
            low = middle;
    }
    return math_exp(high);
}

/* --- a watch without hope --------------------------------------------------------------------- */

static int64_t whole_periods(const struct foresight *foresight, double time)
{
    int64_t period = foresight->period > 0 ? foresight->period : 1000;
    return (int64_t)ceil(time / (double)period) * period;
}

static void explain(const struct foresight *foresight, double sees, char *why, size_t size)
{
    char time[32];
    char takes[64] = "however long it takes";
    char seen[64] = "no rise";
    double needed = foresight_time(foresight, foresight->sees);
    time_format_duration(time, foresight->length + foresight->patience);
    if (needed < INFINITY) {
        char text[32];
        time_format_duration(text, whole_periods(foresight, needed));
        snprintf(takes, sizeof takes, "which would take %s", text);
    }
    if (sees < POWER_NONE)
        snprintf(seen, sizeof seen, "only a rise to %.3g times", sees);
    snprintf(why, size,
             "at %g %% of %.3g requests a second, as there were before the run, %s could be seen "
             "within %s, and one to %g times is asked for (sees), %s",
             foresight->share, foresight->traffic, seen, time, foresight->sees, takes);
}

static bool is_known(const struct engine *engine, const struct value *watch)
{
    const struct hopeful *hopeful = &engine->hopeful;
    bool known = false;
    for (size_t i = 0; !known && i < hopeful->count; i++)
        known = value_equal(&hopeful->watches[i], watch);
    return known && value_equal(&hopeful->came, &engine->came);
}

/* What does not fit is worked out again. */
static void keep(struct engine *engine, const struct value *watch)
{
    enum { WATCHES = sizeof engine->hopeful.watches / sizeof *engine->hopeful.watches };
    struct hopeful *hopeful = &engine->hopeful;
    struct error ignored;
    if (hopeful->count == 0 || !value_equal(&hopeful->came, &engine->came)) {
        pool_reset(&hopeful->pool);
        hopeful->count = 0;
        if (!value_copy(&hopeful->came, &engine->came, &hopeful->pool, &ignored))
            return;
    }
    if (hopeful->count < WATCHES &&
        value_copy(&hopeful->watches[hopeful->count], watch, &hopeful->pool, &ignored))
        hopeful->count++;
}

bool foresight_is_hopeless(struct engine *engine, const struct value *watch, char *why, size_t size)
{
    static const double more = 2; /* traffic than there was */
    struct foresight foresight;
    if (value_get_number(watch, "sees", 0) <= 0 || engine->came.kind != VALUE_ARRAY ||
        is_known(engine, watch) || !foresight_open(&foresight, engine, watch))
        return false;
    double within = (double)(foresight.length + foresight.patience);
    if (foresight_sees(&foresight, more * within) <= foresight.sees) {
        keep(engine, watch);
        return false;
    }
    explain(&foresight, foresight_sees(&foresight, within), why, size);
    return true;
}

/* --- for a plan ------------------------------------------------------------------------------- */

enum { RISES = 3 };
static const double rises[RISES] = {2, 3, 5};

/* The watch itself: the period of its shift and the time of settling in come on top. */
static bool takes_value(const struct foresight *foresight, double rise, struct value *out,
                        struct error *err)
{
    double time = foresight_time(foresight, rise);
    bool ever = time < INFINITY;
    struct member members[] = {{slice_of("rise"), value_float(rise)}, {slice_of("watch"), {0}}};
    if (ever)
        members[1].value = value_integer(whole_periods(foresight, time) + foresight->period +
                                         foresight->settle_in);
    return record_object(out, members, ever ? 2 : 1, &foresight->engine->pool, err);
}

bool foresight_value(struct engine *engine, const struct value *watch, struct value *out,
                     struct error *err)
{
    struct foresight foresight;
    struct value takes;
    *out = value_null();
    if (!foresight_open(&foresight, engine, watch))
        return true;
    if (!value_array(&takes, RISES, &engine->pool, err))
        return false;
    for (size_t i = 0; i < RISES; i++) {
        if (!takes_value(&foresight, rises[i], &takes.array.items[i], err))
            return false;
    }
    int64_t judged = foresight.length - foresight.settle_in - foresight.period;
    judged = judged > 0 ? judged : 0;
    double sees = foresight_sees(&foresight, (double)judged);
    double requests = foresight.traffic * (double)judged / 1000 * foresight.share / 100;
    struct member members[] = {{slice_of("judged"), value_integer(judged)},
                               {slice_of("requests"), value_float(requests)},
                               {slice_of("takes"), takes},
                               {slice_of("sees"), value_float(sees)}};
    size_t count = RECORD_COUNT(members) - !(sees < POWER_NONE);
    return record_object(out, members, count, &engine->pool, err);
}

/* --- the effect ------------------------------------------------------------------------------- */

bool foresight_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    char why[ERROR_MESSAGE_MAX];
    struct value nothing = {.kind = VALUE_OBJECT};
    if (!foresight_is_hopeless(engine, operation->effect, why, sizeof why))
        return engine_resume(engine, operation, "value", &nothing, err);
    operation->active = false;
    return engine_stop(engine, CAUSE_UNDECIDED, "%s", why);
}
