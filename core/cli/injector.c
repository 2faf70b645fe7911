/* A world and a store that hand on what they are asked, but for what a test has other plans with.
 */
#include "cli/injector.h"

#include <string.h>

enum { POOL_MAX = 64 << 20 };

/* Timers with such ids are answers to calls that a fault befell, with its fate, and deeds, with
 * their number. Ids of the engine are below them. */
#define DEED_MARK (INT64_C(1) << 50)
#define READ_MARK (INT64_C(1) << 60)
#define CHANGE_MARK (INT64_C(1) << 61)
#define OWN_MARKS (READ_MARK | CHANGE_MARK)
#define FATE_SHIFT 52
#define ID_MASK (DEED_MARK - 1)

static const struct {
    const char *name, *text;
} kinds[] = {
#define X(name, word, text) [CRASH_##name] = {word, text},
    CRASH_KINDS(X)
#undef X
};

const char *crash_kind_text(enum crash_kind kind)
{
    return kinds[kind].text;
}

const char *crash_kind_name(enum crash_kind kind)
{
    return kinds[kind].name;
}

bool crash_kind_parse(enum crash_kind *kind, struct slice name)
{
    for (int i = CRASH_NEVER + 1; i < CRASH_KIND_COUNT; i++) {
        *kind = (enum crash_kind)i;
        if (slice_is(name, kinds[i].name))
            return true;
    }
    return false;
}

static struct injector *of_store(struct journal_store *store)
{
    return (struct injector *)(void *)((char *)store - offsetof(struct injector, store));
}

static struct injector *self_of(struct world *world)
{
    return (struct injector *)(void *)((char *)world - offsetof(struct injector, world));
}

static struct world *inner_of(struct world *world)
{
    return simulated_world(self_of(world)->simulated);
}

static int64_t now(struct world *world)
{
    struct world *inner = inner_of(world);
    return inner->ops->now(inner);
}

/* --- death ----------------------------------------------------------------------------------- */

static bool kill(struct injector *injector, struct error *err)
{
    injector->crashed = true;
    return error_set(err, ERROR_KILLED, "%s", crash_kind_text(injector->death.kind));
}

static bool is_due(const struct injector *injector)
{
    return injector->death.kind != CRASH_NEVER && injector->written == injector->death.records;
}

/* What is in the file of a record whose writing did not come to its end. */
static bool tear(struct injector *injector, struct slice bytes, struct error *err)
{
    enum crash_kind kind = injector->death.kind;
    size_t kept = kind == CRASH_TORN_FIRST  ? 1
                  : kind == CRASH_TORN_HALF ? bytes.size / 2
                                            : bytes.size - 1;
    bool zeros = kind == CRASH_TORN_ZEROS;
    char *into = buffer_reserve(injector->bytes, bytes.size, err);
    if (!into)
        return false;
    memcpy(into, bytes.data, kept);
    if (zeros)
        memset(into, 0, bytes.size);
    injector->bytes->size += zeros ? bytes.size : kept;
    return true;
}

static bool append(struct journal_store *store, struct slice bytes, struct error *err)
{
    struct injector *injector = of_store(store);
    bool torn = injector->death.kind >= CRASH_TORN_FIRST;
    if (injector->crashed)
        return kill(injector, err);
    if (is_due(injector) && torn)
        return tear(injector, bytes, err) && kill(injector, err);
    if (is_due(injector)) /* nothing was waited for: another point covers this one */
        return kill(injector, err);
    injector->written++;
    return buffer_append(injector->bytes, bytes, err);
}

static bool sync(struct journal_store *store, struct error *err)
{
    struct injector *injector = of_store(store);
    bool due = is_due(injector) && injector->death.kind == CRASH_BEFORE_SENDING;
    return !due || kill(injector, err);
}

/* --- calls ----------------------------------------------------------------------------------- */

/* What the catalogue does not know is refused by the account, too. */
static bool changes_anything(struct injector *injector, const struct value *request)
{
    struct plan plan;
    struct error ignored;
    pool_reset(&injector->pool);
    return injector->catalogue->ops->plan(injector->catalogue, request, &injector->home, &plan,
                                          &injector->pool, &ignored) &&
           plan.mutation;
}

static bool befalls(const struct call_fault *fault, struct fault_met *met, struct slice operation,
                    int64_t at, int64_t began)
{
    if (fault->operation.size > 0 && !slice_equal(fault->operation, operation))
        return false;
    if (fault->nth == 0 || at < began + fault->from)
        return false;
    met->seen++;
    if (met->seen == fault->nth)
        met->until = fault->length > 0 ? at + fault->length : INT64_MAX;
    bool spent = fault->times > 0 && met->met == fault->times;
    if (at >= met->until || spent)
        return false;
    met->met++;
    return true;
}

/* The first fault that befalls this call; every other counts it, too. NULL: none does. */
static const struct call_fault *find_fault(struct injector *injector, const struct value *request)
{
    const struct injection *injection = injector->injection;
    struct slice operation = value_get_slice(request, "operation", "");
    const struct call_fault *found = NULL;
    int64_t at = now(&injector->world);
    for (size_t i = 0; injection && i < injection->call_count; i++) {
        const struct call_fault *fault = &injection->calls[i];
        if (befalls(fault, &injector->calls[i], operation, at, injector->began) && !found)
            found = fault;
    }
    return found;
}

static bool call(struct world *world, int64_t id, const struct value *request, struct error *err)
{
    struct injector *injector = self_of(world);
    struct world *inner = inner_of(world);
    const struct call_fault *fault = find_fault(injector, request);
    if (!fault)
        return inner->ops->call(inner, id, request, err);
    const struct fate_of_call *fate = fate_of_call(fault->fate);
    if (!fate->code)
        return simulated_call_late(injector->simulated, id, request, fate->answer_after, err);
    bool change = changes_anything(injector, request);
    int64_t mark = change ? CHANGE_MARK : READ_MARK;
    if (change && fate->effect_after >= 0 &&
        !simulated_call_unheard(injector->simulated, request, fate->effect_after, err))
        return false;
    return inner->ops->timer(inner, id | mark | (int64_t)fault->fate << FATE_SHIFT,
                             now(world) + fate->answer_after, err);
}

/* The answer of a call that a fault befell is due. */
static bool answer(struct event *event, struct pool *pool, struct error *err)
{
    enum fate number = (enum fate)((event->id & ~OWN_MARKS) >> FATE_SHIFT);
    const struct fate_of_call *fate = fate_of_call(number);
    bool change = (event->id & CHANGE_MARK) != 0;
    struct member *members = pool_alloc(pool, 2 * sizeof *members, err);
    if (!members)
        return false;
    *event = (struct event){
        .kind = EVENT_ANSWER,
        .id = event->id & ID_MASK,
        .outcome = change && !fate->certain ? OUTCOME_UNKNOWN : OUTCOME_REJECTED,
        .value = world_problem(members, fate->code, fate_sentence(number)),
    };
    return true;
}

/* --- deeds ----------------------------------------------------------------------------------- */

/* What the account refuses is no part of the run: whoever wrote the test is told. */
static bool act(struct injector *injector, const struct value *change, int64_t ago,
                struct error *err)
{
    if (simulated_act(injector->simulated, change, ago, err))
        return true;
    if (err->code != ERROR_INVALID)
        return false;
    injector->refused = *err;
    struct slice name = value_get_slice(change, "operation", "");
    error_wrap(&injector->refused, "%.*s is refused", (int)name.size, name.data);
    return true;
}

static bool begin(struct world *world, const struct value *targets, struct value *home,
                  struct error *err)
{
    enum { LONG_AGO = 24 * 60 * 60 * 1000 };
    struct injector *injector = self_of(world);
    const struct injection *injection = injector->injection;
    struct world *inner = inner_of(world);
    const struct value *account = injection ? injection->account : NULL;
    if (!inner->ops->begin(inner, targets, home, err))
        return false;
    injector->home = *home;
    injector->began = now(world);
    for (size_t i = 0; account && i < account->array.count; i++) {
        const struct value *change = &account->array.items[i];
        int64_t ago = value_get_integer(change, "ago", LONG_AGO);
        if (!act(injector, change, ago > 0 ? ago : LONG_AGO, err))
            return false;
    }
    for (size_t i = 0; injection && i < injection->deed_count; i++) {
        if (!inner->ops->timer(inner, DEED_MARK | (int64_t)i,
                               injector->began + injection->deeds[i].at, err))
            return false;
    }
    return true;
}

/* *told is false where it is nothing that the engine hears of. */
static bool carry_out(struct injector *injector, struct event *event, bool *told, struct pool *pool,
                      struct error *err)
{
    size_t index = (size_t)(event->id & ~DEED_MARK);
    const struct deed *deed = &injector->injection->deeds[index];
    injector->deeds[index].met++;
    *told = !deed->change;
    if (deed->change)
        return act(injector, deed->change, 0, err);
    struct member *members = pool_alloc(pool, 2 * sizeof *members, err);
    if (!members)
        return false;
    members[0] = (struct member){slice_of("at"), value_integer(now(&injector->world))};
    members[1] = (struct member){slice_of("by"), value_string(deed->by)};
    *event = (struct event){
        .kind = EVENT_REQUEST,
        .id = (int64_t)deed->request,
        .value = {.kind = VALUE_OBJECT, .object = {members, 2}},
    };
    return true;
}

static bool next(struct world *world, struct event *event, struct pool *pool, struct error *err)
{
    struct injector *injector = self_of(world);
    struct world *inner = inner_of(world);
    enum crash_kind kind = injector->death.kind;
    bool waiting = kind >= CRASH_LOST && kind <= CRASH_LANDED;
    bool told = false;
    if (is_due(injector) && waiting)
        return kill(injector, err);
    while (!told) {
        if (!inner->ops->next(inner, event, pool, err))
            return false;
        told = event->kind != EVENT_TIMER || event->id < DEED_MARK;
        if (!told && event->id >= READ_MARK)
            return answer(event, pool, err);
        if (!told && !carry_out(injector, event, &told, pool, err))
            return false;
    }
    return true;
}

static bool timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    struct world *inner = inner_of(world);
    return inner->ops->timer(inner, id, at, err);
}

/* --- metrics --------------------------------------------------------------------------------- */

static bool lasts(const struct metric_fault *fault, int64_t began, int64_t at)
{
    int64_t since = at - began - fault->from;
    return since >= 0 && (fault->length == 0 || since < fault->length);
}

/* Who asks meets a source that does not answer; what is missing, who asks about that time. */
static int64_t moment_of(const struct metric_fault *fault, const struct sample *sample, int64_t at)
{
    return fault->fate == METRIC_DOWN ? at : sample->at;
}

/* Alarms are looked at whether a period is there or not. */
static void spoil_alarms(struct injector *injector, const struct sample_request *request)
{
    const struct injection *injection = injector->injection;
    for (size_t i = 0; injection && request->alarms && i < injection->metric_count; i++) {
        const struct metric_fault *fault = &injection->metrics[i];
        if (fault->fate != METRIC_ALARMS || !lasts(fault, injector->began, now(&injector->world)))
            continue;
        injector->metrics[i].met++;
        for (size_t k = 0; k < request->alarms->count; k++)
            request->alarms->alarms[k] = (struct alarm){
                .state = ALARM_UNANSWERED, .since = -1, .reason = slice_of("nobody answers")};
    }
}

/* Whether it is about one of these metrics. */
static bool concerns(const struct metric_fault *fault, const struct slice *metrics, size_t count)
{
    bool any = fault->metric.size == 0;
    for (size_t i = 0; i < count && !any; i++)
        any = slice_equal(fault->metric, metrics[i]);
    return any;
}

static void spoil_arm(const struct metric_fault *fault, const char *arm,
                      const struct sample_request *request, struct reading *readings)
{
    if (fault->arm.size > 0 && !slice_is(fault->arm, arm))
        return;
    for (size_t i = 0; i < request->metric_count; i++) {
        if (fault->metric.size > 0 && !slice_equal(fault->metric, request->metrics[i]))
            continue;
        readings[i].status = fault->fate == METRIC_DOWN ? READING_PROVIDER_ERROR : READING_NO_DATA;
    }
}

/* What is no number is taken for nothing, as lua/metrics/read.lua takes it. */
static void spoil(struct injector *injector, const struct sample_request *request,
                  struct sample *sample)
{
    const struct injection *injection = injector->injection;
    int64_t at = now(&injector->world);
    for (size_t i = 0; injection && sample->ready && i < injection->metric_count; i++) {
        const struct metric_fault *fault = &injection->metrics[i];
        if (fault->fate == METRIC_ALARMS ||
            !concerns(fault, request->metrics, request->metric_count) ||
            !lasts(fault, injector->began, moment_of(fault, sample, at)))
            continue;
        injector->metrics[i].met++;
        if (fault->fate == METRIC_LATE) {
            sample->ready = at >= sample->at + sample->period + fault->by;
            continue;
        }
        spoil_arm(fault, "canary", request, sample->canary);
        spoil_arm(fault, "baseline", request, sample->baseline);
    }
}

static bool sample(struct world *world, const struct sample_request *request, struct sample *out,
                   struct error *err)
{
    struct world *inner = inner_of(world);
    if (!inner->ops->sample(inner, request, out, err))
        return false;
    spoil(self_of(world), request, out);
    spoil_alarms(self_of(world), request);
    return true;
}

static bool preflight(struct world *world, const struct value *targets, const struct value *asks,
                      struct value *out, struct pool *pool, struct error *err)
{
    struct world *inner = inner_of(world);
    return inner->ops->preflight(inner, targets, asks, out, pool, err);
}

static bool learn(struct world *world, const struct value *effect, const struct value *keys,
                  struct value *learned, struct pool *pool, struct error *err)
{
    struct world *inner = inner_of(world);
    return inner->ops->learn(inner, effect, keys, learned, pool, err);
}

/* A policy that looks for itself is told that nobody answered. */
static bool query(struct world *world, const struct value *effect, struct value *out,
                  struct pool *pool, struct error *err)
{
    struct injector *injector = self_of(world);
    const struct injection *injection = injector->injection;
    struct world *inner = inner_of(world);
    struct slice asked = value_get_slice(effect, "metric", "");
    for (size_t i = 0; injection && i < injection->metric_count; i++) {
        const struct metric_fault *fault = &injection->metrics[i];
        if (fault->fate != METRIC_DOWN || !concerns(fault, &asked, 1) ||
            !lasts(fault, injector->began, now(world)))
            continue;
        injector->metrics[i].met++;
        return error_set(err, ERROR_UNANSWERED, "the metric provider did not answer");
    }
    return inner->ops->query(inner, effect, out, pool, err);
}

/* An approval is the simulated person's. */
static bool approval(struct world *world, int64_t id, const struct value *effect, struct error *err)
{
    struct world *inner = inner_of(world);
    return inner->ops->approval(inner, id, effect, err);
}

/* --- life ------------------------------------------------------------------------------------ */

static const struct world_ops ops = {
    .name = "injector",
    .now = now,
    .begin = begin,
    .preflight = preflight,
    .learn = learn,
    .call = call,
    .timer = timer,
    .sample = sample,
    .next = next,
    .query = query,
    .approval = approval,
};

void injector_init(struct injector *injector, struct simulated *simulated,
                   struct catalogue *catalogue)
{
    *injector = (struct injector){
        .world = {&ops},
        .store = {.append = append, .sync = sync},
        .simulated = simulated,
        .catalogue = catalogue,
    };
    pool_init(&injector->pool, POOL_MAX);
}

void injector_clear(struct injector *injector)
{
    pool_clear(&injector->pool);
}

void injector_set(struct injector *injector, const struct injection *injection)
{
    injector->injection = injection;
    injector->refused.code = ERROR_NONE;
    memset(injector->calls, 0, sizeof injector->calls);
    memset(injector->metrics, 0, sizeof injector->metrics);
    memset(injector->deeds, 0, sizeof injector->deeds);
}

void injector_live(struct injector *injector, struct buffer *bytes, struct death death)
{
    injector->bytes = bytes;
    injector->death = death;
    injector->written = 0;
    injector->crashed = false;
}
