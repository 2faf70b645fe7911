/* Compares the names in a journal with what AWS tells of them. */
#include "cli/recorded_names.h"

#include "cli/supervisor.h"
#include "engine/home.h"
#include "world/names.h"

static bool ask(void *context, const struct value *request, struct reads_answer *answer,
                struct pool *pool, struct error *err)
{
    struct reads reads = supervisor_reads(context);
    return reads_ask(&reads, request, answer, pool, err);
}

static bool check(struct supervisor *supervisor, const struct member *name, struct pool *pool,
                  struct error *err)
{
    struct value learned;
    struct value key = value_string(name->name);
    struct value keys = {.kind = VALUE_ARRAY, .array = {&key, 1}};
    struct names_source source = {supervisor->host, ask, supervisor};
    if (!names_learn(&source, &keys, &learned, pool, err))
        return err->code == ERROR_IO && !supervisor->config.resources;
    return value_equal(&learned.object.members[0].value, &name->value) ||
           error_set(err, ERROR_INVALID,
                     "the journal says of %.*s another id than AWS: nothing "
                     "was touched",
                     (int)name->name.size, name->name.data);
}

static bool check_all(struct supervisor *supervisor, const struct value *names, struct error *err)
{
    enum { POOL_MAX = 16 << 20 };
    struct pool pool;
    bool ok = true;
    pool_init(&pool, POOL_MAX);
    for (size_t i = 0; ok && names && names->kind == VALUE_OBJECT && i < names->object.count; i++)
        ok = check(supervisor, &names->object.members[i], &pool, err);
    pool_clear(&pool);
    return ok;
}

bool recorded_names_check(struct supervisor *supervisor, const struct journal_scan *scan,
                          struct error *err)
{
    for (size_t i = 0; i < scan->count; i++) {
        const struct journal_record *record = &scan->records[i];
        const struct value *holder = record->kind == JOURNAL_BEGIN
                                         ? value_get(&record->body, "home")
                                     : record->kind == JOURNAL_EFFECT ? &record->body
                                                                      : NULL;
        if (!check_all(supervisor, value_get(holder, "names"), err))
            return false;
    }
    return true;
}
