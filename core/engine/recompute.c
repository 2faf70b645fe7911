/* Asks the catalogue what each recorded change comes to, compares the record with the answer, and
 * puts the answer in its place. */
#include "engine/recompute.h"

#include "engine/home.h"
#include "engine/record.h"

#include <ctype.h>

enum part { IDENTITY, OBSERVE, SETTLE, BEFORE, AFTER, UNDO, PARTS };

/* As an effect record calls them. */
static const char *const names[PARTS] = {
    [IDENTITY] = "identity", [OBSERVE] = "observe", [SETTLE] = "settle",
    [BEFORE] = "before",     [AFTER] = "after",     [UNDO] = "undo",
};

struct reading {
    const struct recompute *recompute;
    const struct journal_scan *scan;
    const struct value *home; /* of the BEGIN record; NULL before it */
    struct value named;       /* it, and what the run learned later (engine/home.h) */
    bool ours;                /* this version wrote the journal, as it writes them now */
    struct pool *pool;
};

/* --- one change ------------------------------------------------------------------------------ */

static bool compute(const struct reading *reading, const struct value *request,
                    const struct value *observed, struct value out[PARTS], struct error *err)
{
    struct plan plan;
    struct catalogue *catalogue = reading->recompute->catalogue;
    if (!catalogue->ops->plan(catalogue, request, &reading->named, &plan, reading->pool, err))
        return false;
    if (!plan.mutation)
        return error_set(err, ERROR_INVALID, "what it asks for changes nothing");
    out[IDENTITY] = value_string(plan.identity);
    out[OBSERVE] = plan.observe;
    out[SETTLE] = value_integer(plan.settle);
    return catalogue->ops->prepare(catalogue, request, &plan, observed, &out[BEFORE], &out[AFTER],
                                   &out[UNDO], reading->pool, err);
}

static bool compare(const struct reading *reading, const struct value *body,
                    const struct value computed[PARTS], struct error *err)
{
    for (int part = 0; part < PARTS; part++) {
        const struct value *recorded = value_get(body, names[part]);
        bool may_differ = !reading->ours && part != IDENTITY;
        if (!recorded || (!may_differ && !value_equal(recorded, &computed[part])))
            return error_set(err, ERROR_INVALID, "its \"%s\" is not that of its \"request\"",
                             names[part]);
    }
    return true;
}

static bool replace(struct value *body, const struct value computed[PARTS], struct pool *pool,
                    struct error *err)
{
    struct value made;
    if (!value_object(&made, body->object.count, pool, err))
        return false;
    for (size_t i = 0; i < body->object.count; i++) {
        struct member *member = &made.object.members[i];
        *member = body->object.members[i];
        for (int part = 0; part < PARTS; part++)
            member->value = slice_is(member->name, names[part]) ? computed[part] : member->value;
    }
    *body = made;
    return true;
}

static bool take_change(const struct reading *reading, struct value *body, struct error *err)
{
    struct value computed[PARTS];
    const struct value *request = value_get(body, "request");
    const struct value *observed = value_get(body, "observed");
    const struct value *input = value_get(request, "input");
    if (!reading->home)
        return error_set(err, ERROR_INVALID, "a change before the run had begun");
    if (!value_is_text(value_get(request, "kind"), "aws") || !input ||
        input->kind != VALUE_OBJECT || !observed)
        return error_set(err, ERROR_INVALID, "no change of AWS with what was observed before it");
    return compute(reading, request, observed, computed, err) &&
           compare(reading, body, computed, err) && replace(body, computed, reading->pool, err);
}

/* --- the run --------------------------------------------------------------------------------- */

static bool take_header(struct reading *reading, const struct value *body, struct error *err)
{
    struct slice world = value_get_slice(body, "world", "");
    reading->ours = value_is_text(value_get(body, "version"), reading->recompute->version) &&
                    value_get_integer(body, "format", JOURNAL_FORMAT) == JOURNAL_FORMAT;
    return slice_is(world, reading->recompute->world) ||
           error_set(err, ERROR_INVALID, "the run was in a world called \"%.*s\", not \"%s\"",
                     (int)(world.size < 40 ? world.size : 40), world.data,
                     reading->recompute->world);
}

static bool is_word(const struct value *home, const char *name)
{
    struct slice word = value_get_slice(home, name, "");
    bool ok = word.size > 0 && word.size < 64;
    for (size_t i = 0; ok && i < word.size; i++)
        ok = isalnum((unsigned char)word.data[i]) || word.data[i] == '-';
    return ok;
}

/* What is learned for one branch, the others know from then on, whose records may come before. */
static bool take_names(struct reading *reading, struct error *err)
{
    for (size_t i = 0; i < reading->scan->count; i++) {
        const struct journal_record *record = &reading->scan->records[i];
        if (record->kind == JOURNAL_EFFECT &&
            !home_learn(&reading->named, value_get(&record->body, "names"), reading->pool, err))
            return false;
    }
    return true;
}

/* A run that names everything by its ARN has no region of its own. */
static bool take_begin(struct reading *reading, const struct value *body, struct error *err)
{
    const struct value *home = value_get(body, "home");
    const struct value *targets = value_get(body, "targets");
    if (reading->home)
        return error_set(err, ERROR_INVALID, "a run begins once");
    if (!targets || targets->kind != VALUE_ARRAY)
        return error_set(err, ERROR_INVALID, "it has no list of targets");
    reading->home = home;
    if (home)
        reading->named = *home;
    if (home && !take_names(reading, err))
        return false;
    return (is_word(home, "account") && is_word(home, "partition") &&
            (is_word(home, "region") || value_is_text(value_get(home, "region"), ""))) ||
           error_set(err, ERROR_INVALID, "it does not say in which account the run was");
}

static bool take_record(struct reading *reading, struct journal_record *record, bool first,
                        struct error *err)
{
    if (first != (record->kind == JOURNAL_RUN))
        return error_set(err, ERROR_INVALID, "a journal has one record of kind run, the first");
    if (first)
        return take_header(reading, &record->body, err);
    if (record->kind == JOURNAL_BEGIN)
        return take_begin(reading, &record->body, err);
    return record->kind != JOURNAL_EFFECT || !value_get(&record->body, "identity") ||
           take_change(reading, &record->body, err);
}

bool recompute_changes(const struct recompute *recompute, struct journal_scan *scan,
                       struct pool *pool, struct error *err)
{
    struct reading reading = {.recompute = recompute, .scan = scan, .ours = true, .pool = pool};
    for (size_t i = 0; i < scan->count; i++) {
        struct error why;
        if (take_record(&reading, &scan->records[i], i == 0, &why))
            continue;
        bool ours = why.code == ERROR_LIMIT || why.code == ERROR_IO;
        return error_set(err, ours ? why.code : ERROR_INVALID, "line %zu: %s%s", i + 1, why.message,
                         reading.ours ? "" : " (another version of tidelock wrote it)");
    }
    return true;
}
