/* Collects what a run's page says from its journal, and has lua/report write it. */
#include "cli/run_page.h"

#include "base/clock.h"
#include "cli/run_journal.h"
#include "engine/record.h"
#include "journal/recover.h"

#include <string.h>

enum { MEMBERS_MAX = 20 };

struct members {
    struct member items[MEMBERS_MAX];
    size_t count;
};

static void put(struct members *members, const char *name, struct value value)
{
    members->items[members->count++] = (struct member){slice_of(name), value};
}

static void put_text(struct members *members, const char *name, const char *text)
{
    if (*text)
        put(members, name, value_text(text));
}

enum { LOST_MAX = sizeof((struct state_run *)0)->lost / 2 };

static void put_lost(struct members *members, const struct state_run *run,
                     struct value items[LOST_MAX])
{
    size_t count = 0;
    for (const char *at = run->lost; *at;) {
        const char *end = strchr(at, '\n');
        items[count++] = value_string((struct slice){at, (size_t)(end - at)});
        at = end + 1;
    }
    if (count > 0)
        put(members, "lost", (struct value){.kind = VALUE_ARRAY, .array = {items, count}});
}

/* Members that do not apply are not there. */
static void put_run(struct members *members, const struct state_run *run,
                    struct value lost[LOST_MAX])
{
    put_text(members, "account", run->account);
    put(members, "began", value_integer(run->began));
    if (run->exit >= 0)
        put(members, "exit", value_integer(run->exit));
    put(members, "last", value_integer(run->last));
    put_lost(members, run, lost);
    put_text(members, "outcome", run->outcome);
    if (run->status == STATE_PAUSED) {
        put(members, "paused_at", value_integer(run->paused_at));
        put(members, "paused_by", value_text(run->paused_by));
    }
    put(members, "policy", value_text(run->policy));
    put_text(members, "reason", run->reason);
    put(members, "records", value_integer((int64_t)run->records));
    put_text(members, "region", run->region);
    put(members, "run", value_text(run->run));
    put(members, "status", value_text(state_status_name(run->status)));
}

static bool is_held(const struct state_run *run)
{
    return run->status == STATE_RUNNING || run->status == STATE_PAUSED ||
           run->status == STATE_WAITING || run->status == STATE_ROLLING_BACK ||
           run->status == STATE_STARTING;
}

static bool begin(struct host *host, const struct state_run *run, struct pool *pool,
                  struct error *err)
{
    struct members members = {.count = 0};
    struct value lost[LOST_MAX];
    struct value nothing;
    put(&members, "held", value_boolean(is_held(run)));
    put(&members, "now", value_integer(clock_wall()));
    put_run(&members, run, lost);
    struct value facts = {.kind = VALUE_OBJECT, .object = {members.items, members.count}};
    return value_object_sort(&facts, err) &&
           host_call(host, "report.page", "begin", &facts, 1, &nothing, pool, err);
}

static bool add_record(struct host *host, const struct journal_scan *scan, size_t i,
                       struct pool *pool, struct error *err)
{
    struct value nothing;
    return run_journal_tell(host, "report.page", "add", &scan->records[i], &nothing, pool, err) ||
           error_wrap(err, "line %zu of the journal", i + 1);
}

static bool add_records(struct host *host, const struct journal_scan *scan, struct pool *pool,
                        struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < scan->count; i++)
        ok = add_record(host, scan, i, pool, err);
    return ok;
}

/* Where the last watch begins; scan->count: there is none. */
static size_t find_watch(const struct journal_scan *scan)
{
    for (size_t i = scan->count; i-- > 0;) {
        const struct value *request = value_get(&scan->records[i].body, "request");
        if (scan->records[i].kind == JOURNAL_EFFECT && request &&
            slice_is(value_get_slice(request, "kind", ""), "watch"))
            return i;
    }
    return scan->count;
}

static bool is_tick_of(const struct journal_record *record, int64_t watch, struct pool *pool)
{
    struct value body;
    struct error ignored;
    return record->kind == JOURNAL_TICK && journal_body(record, &body, pool, &ignored) &&
           value_get_integer(&body, "id", -1) == watch;
}

static bool add_skimmed(struct host *host, const struct journal_scan *scan, struct pool *pool,
                        struct error *err)
{
    size_t watch = find_watch(scan);
    size_t last = scan->count;
    if (watch < scan->count) {
        int64_t id = value_get_integer(&scan->records[watch].body, "id", -1);
        for (last--; last > watch && !is_tick_of(&scan->records[last], id, pool);)
            last--;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < scan->count; i++)
        ok = (scan->records[i].kind == JOURNAL_TICK && i != last) ||
             add_record(host, scan, i, pool, err);
    return ok;
}

/* One that cannot be read has that as its status; of one that is damaged, what is intact is told.
 */
static bool read_records(struct host *host, const struct state_file *file,
                         const struct state_run *run, bool skims, struct pool *pool,
                         struct error *err)
{
    struct recovery recovery;
    if (file->fd < 0 ||
        !(skims ? recover_skim_at : recover_look_at)(&recovery, file->fd, file->path, err))
        return run->status == STATE_UNREADABLE;
    if (skims && run->records < recovery.scan.count) /* behind that it is damaged */
        recovery.scan.count = run->records;
    bool ok = (skims ? add_skimmed : add_records)(host, &recovery.scan, pool, err);
    recover_close(&recovery);
    return ok;
}

static bool make(struct host *host, const struct state_file *file, const struct state_run *run,
                 bool skims, struct value *out, struct slice *page, struct pool *pool,
                 struct error *err)
{
    struct members members = {.count = 0};
    struct value lost[LOST_MAX];
    struct value told;
    if (!begin(host, run, pool, err) || !read_records(host, file, run, skims, pool, err) ||
        !host_call(host, "report.page", "finish", NULL, 0, &told, pool, err))
        return false;
    const struct value *targets = value_get(&told, "targets");
    *page = value_get_slice(&told, "text", "");
    put_run(&members, run, lost);
    if (value_get(&told, "caller"))
        put(&members, "caller", *value_get(&told, "caller"));
    if (value_get(&told, "approvals"))
        put(&members, "approvals", *value_get(&told, "approvals"));
    if (targets && targets->kind == VALUE_ARRAY && targets->array.count > 0)
        put(&members, "targets", *targets);
    if (value_get(&told, "verdict"))
        put(&members, "verdict", *value_get(&told, "verdict"));
    return record_object(out, members.items, members.count, pool, err);
}

bool run_page_read(struct host *host, const struct state_file *file, const struct state_run *run,
                   struct value *out, struct slice *page, struct pool *pool, struct error *err)
{
    return make(host, file, run, false, out, page, pool, err);
}

bool run_page_skim(struct host *host, const struct state_file *file, const struct state_run *run,
                   struct value *out, struct pool *pool, struct error *err)
{
    struct slice page;
    return make(host, file, run, true, out, &page, pool, err);
}
