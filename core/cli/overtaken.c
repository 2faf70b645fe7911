/* Compares what a run has still to put back with what the other runs of the state folder changed
 * after it: by their journals, and by the locks where a journal is gone or has lost something. */
#include "cli/overtaken.h"

#include "cli/state_runs.h"
#include "engine/ledger.h"
#include "engine/run_outcome.h"
#include "journal/holder.h"
#include "journal/recover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_MAX = 64 << 20 };

/* When a change was made that only a lock tells of: whoever held it last was after all others. */
#define UNTOLD INT64_MAX

/* What is to be put back, and the last who changed any of it since. */
struct overtaken {
    const struct state *state;
    const char *run;
    const struct ledger_change **mine;
    size_t count;
    int64_t since;           /* when the first of `mine` was written down */
    char by[STATE_RUN_SIZE]; /* empty: nobody */
    int64_t at;              /* its change */
    char resource[1024];
};

static bool read_scan(struct ledger *ledger, const struct journal_scan *scan, struct error *err)
{
    for (size_t i = 0; i < scan->count; i++) {
        const struct journal_record *record = &scan->records[i];
        if (!ledger_apply(ledger, record->kind, record->at, &record->body, err))
            return false;
    }
    return true;
}

/* The changes of a run that have not been put back. */
static bool read_pending(struct ledger *ledger, const struct journal_scan *scan,
                         const struct ledger_change ***pending, size_t *count, struct pool *pool,
                         struct error *err)
{
    if (!read_scan(ledger, scan, err))
        return false;
    *pending = pool_alloc(pool, (ledger->count + 1) * sizeof **pending, err);
    bool back = ledger->ended && !ledger->committed && !ledger->unrestored;
    *count = *pending && !back ? ledger_pending(ledger, *pending) : 0;
    return *pending != NULL;
}

/* The run's own last change of a resource that is to be put back. */
static const struct ledger_change *find(const struct overtaken *overtaken, struct slice identity)
{
    for (size_t i = 0; i < overtaken->count; i++) {
        if (slice_equal(overtaken->mine[i]->identity, identity))
            return overtaken->mine[i];
    }
    return NULL;
}

static void note(struct overtaken *overtaken, const char *run, struct slice identity, int64_t at)
{
    const struct ledger_change *mine = find(overtaken, identity);
    if (!mine || at <= mine->at || (*overtaken->by && at < overtaken->at))
        return;
    snprintf(overtaken->by, sizeof overtaken->by, "%s", run);
    snprintf(overtaken->resource, sizeof overtaken->resource, "%.*s", (int)identity.size,
             identity.data);
    overtaken->at = at;
}

/* --- the journals ---------------------------------------------------------------------------- */

static bool look_at_scan(struct overtaken *overtaken, const char *run,
                         const struct journal_scan *scan, struct error *err)
{
    struct ledger ledger;
    struct pool pool;
    const struct ledger_change **theirs;
    size_t count = 0;
    ledger_init(&ledger);
    pool_init(&pool, POOL_MAX);
    bool ok = read_pending(&ledger, scan, &theirs, &count, &pool, err);
    for (size_t i = 0; ok && i < count; i++)
        note(overtaken, run, theirs[i]->identity, theirs[i]->at);
    pool_clear(&pool);
    ledger_clear(&ledger);
    return ok;
}

/* One that cannot be read tells nothing; the locks do (below). */
static bool look_at_run(struct overtaken *overtaken, const char *run, struct error *err)
{
    char path[PATH_MAX];
    struct state_run about;
    struct recovery recovery;
    struct error ignored;
    if (!state_glance(overtaken->state, run, &about, err))
        return false;
    if (about.status != STATE_UNREADABLE && about.last < overtaken->since)
        return true;
    if (!state_journal(overtaken->state, run, path, err))
        return false;
    if (!recover_look(&recovery, path, &ignored))
        return true;
    bool ok = look_at_scan(overtaken, run, &recovery.scan, err);
    recover_close(&recovery);
    return ok;
}

/* This run's own journal is not looked at: it is the long one. */
static bool look_at_runs(struct overtaken *overtaken, struct error *err)
{
    state_name *names;
    size_t count;
    bool ok = state_names(overtaken->state, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = strcmp(names[i], overtaken->run) == 0 || look_at_run(overtaken, names[i], err);
    free(names);
    return ok;
}

/* --- the locks ------------------------------------------------------------------------------- */

/* Whether the journal of who held the lock last reaches to its change, and so has told all. */
static bool has_told(const struct overtaken *overtaken, const struct holder *holder)
{
    char path[PATH_MAX];
    struct recovery recovery;
    struct error ignored;
    if (!state_journal(overtaken->state, holder->run, path, &ignored) ||
        !recover_look(&recovery, path, &ignored))
        return false;
    bool told = recovery.scan.tail != JOURNAL_DAMAGED && recovery.scan.next_seq > holder->changed;
    recover_close(&recovery);
    return told;
}

static bool is_left(const struct holder *holder)
{
    return !*holder->ended || strcmp(holder->ended, run_outcome_name(RUN_PROMOTED)) == 0 ||
           strcmp(holder->ended, run_outcome_name(RUN_NOT_RESTORED)) == 0;
}

static bool look_at_lock(void *context, const struct holder *holder, struct error *err)
{
    struct overtaken *overtaken = context;
    (void)err;
    if (strcmp(holder->run, overtaken->run) != 0 && holder->changed >= 0 && is_left(holder) &&
        find(overtaken, slice_of(holder->target)) && !has_told(overtaken, holder))
        note(overtaken, holder->run, slice_of(holder->target), UNTOLD);
    return true;
}

static bool look_at_locks(struct overtaken *overtaken, struct error *err)
{
    char folder[PATH_MAX];
    return state_locks(overtaken->state, folder, err) &&
           holder_each(folder, NULL, look_at_lock, overtaken, err);
}

/* --- the word -------------------------------------------------------------------------------- */

static bool refuse(const struct overtaken *overtaken, struct error *err)
{
    char where[STATE_OPTION_SIZE];
    const char *by = overtaken->by;
    if (overtaken->at == UNTOLD)
        return error_set(err, ERROR_CONFLICT,
                         "run %s has changed %.300s since, and its journal does not tell how: "
                         "nothing was sent; what is to be undone is put back by hand",
                         by, overtaken->resource);
    return error_set(err, ERROR_CONFLICT,
                     "run %s has changed %.300s since: nothing was sent; if that is to be undone, "
                     "too, `tidelock rollback %s%s` first",
                     by, overtaken->resource, by, state_option(overtaken->state, where));
}

bool overtaken_check(const struct state *state, const char *run, const struct journal_scan *scan,
                     struct error *err)
{
    struct overtaken overtaken = {.state = state, .run = run, .since = INT64_MAX};
    struct ledger ledger;
    struct pool pool;
    ledger_init(&ledger);
    pool_init(&pool, POOL_MAX);
    bool ok = read_pending(&ledger, scan, &overtaken.mine, &overtaken.count, &pool, err);
    for (size_t i = 0; ok && i < overtaken.count; i++) {
        int64_t at = overtaken.mine[i]->at;
        overtaken.since = at < overtaken.since ? at : overtaken.since;
    }
    if (ok && overtaken.count > 0)
        ok = look_at_runs(&overtaken, err) && look_at_locks(&overtaken, err);
    if (ok && *overtaken.by)
        ok = refuse(&overtaken, err);
    pool_clear(&pool);
    ledger_clear(&ledger);
    return ok;
}
