/* A replay: life by life the run is carried out again, and each line compared with the journal's.
 */
#include "world/replayed.h"

#include "world/replayed_answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a changed policy declares is noted; the chain then goes on as it does in the journal, so
 * that the lines which follow can be compared. */
static bool note_begin(struct replayed *replayed, struct slice line, struct error *err)
{
    struct value value;
    struct pool pool;
    pool_init(&pool, JOURNAL_RECORD_SIZE_MAX * 16);
    bool ok = buffer_append(&replayed->begin, line, err) &&
              value_parse(&value, replayed_current(replayed)->line, true, &pool, err);
    if (ok)
        memcpy(replayed->journal.prev, value_get_slice(&value, "hash", "").data, DIGEST_HEX_SIZE);
    pool_clear(&pool);
    return ok;
}

static bool compare(struct replayed *replayed, struct slice line, struct error *err)
{
    enum { SECOND = 1 };
    const struct journal_record *record = replayed_current(replayed);
    if (slice_equal(line, record->line))
        return true;
    /* The second line that a run writes is its BEGIN. */
    if (replayed->changed && replayed->cursor == SECOND && record->kind == JOURNAL_BEGIN)
        return note_begin(replayed, line, err);
    return buffer_append(&replayed->line, line, err) && replayed_differ(replayed, err, "");
}

static bool store_append(struct journal_store *store, struct slice bytes, struct error *err)
{
    struct replayed *replayed = ((struct comparing_store *)store)->replayed;
    if (!replayed_current(replayed))
        return replayed_stop_life(err);
    if (!compare(replayed, (struct slice){bytes.data, bytes.size - 1}, err))
        return false;
    memcpy(replayed->hash, replayed->journal.prev, sizeof replayed->hash);
    replayed->cursor++;
    return true;
}

static bool store_sync(struct journal_store *store, struct error *err)
{
    (void)store;
    (void)err;
    return true;
}

/* --- the policy ------------------------------------------------------------------------------ */

static struct replayed *of_script(struct script *script)
{
    return ((struct dying_script *)script)->replayed;
}

/* Where the journal says next that the policy's process died, it dies. */
static bool dies(struct script *script, int branch, struct sandbox_step *step)
{
    const struct journal_record *record = replayed_current(of_script(script));
    if (!record || !replayed_is_death(record))
        return false;
    struct slice reason = value_get_slice(&record->body, "reason", "");
    *step = (struct sandbox_step){.state = SANDBOX_DIED, .branch = branch};
    error_set(&step->error, ERROR_POLICY, "%.*s", (int)reason.size, reason.data);
    return true;
}

static void script_start(struct script *script, const struct value *arguments,
                         struct sandbox_step *step, struct pool *pool)
{
    struct script *policy = of_script(script)->policy;
    if (!dies(script, 0, step))
        policy->ops->start(policy, arguments, step, pool);
}

static void script_resume(struct script *script, int branch, const struct value *result,
                          struct sandbox_step *step, struct pool *pool)
{
    struct script *policy = of_script(script)->policy;
    if (!dies(script, branch, step))
        policy->ops->resume(policy, branch, result, step, pool);
}

static const struct script_ops script_ops = {script_start, script_resume};

/* --- its beginning and its end --------------------------------------------------------------- */

bool replayed_new(struct replayed **out, const struct journal_scan *scan, struct error *err)
{
    if (scan->count == 0 || scan->records[0].kind != JOURNAL_RUN)
        return error_set(err, ERROR_DAMAGED, "line 1: a journal begins with a record of kind run");
    struct replayed *replayed = calloc(1, sizeof *replayed);
    if (!replayed)
        return error_set(err, ERROR_LIMIT, "out of memory for the replayed world");
    replayed->world.ops = &replayed_ops;
    replayed->store = (struct comparing_store){{store_append, store_sync, NULL}, replayed};
    replayed->script = (struct dying_script){{&script_ops}, replayed};
    replayed->scan = scan;
    journal_init(&replayed->journal, &replayed->store.store);
    buffer_init(&replayed->line, JOURNAL_RECORD_SIZE_MAX + 1024);
    buffer_init(&replayed->begin, JOURNAL_RECORD_SIZE_MAX + 1024);
    *out = replayed;
    return true;
}

void replayed_free(struct replayed *replayed)
{
    if (!replayed)
        return;
    journal_clear(&replayed->journal);
    buffer_clear(&replayed->line);
    buffer_clear(&replayed->begin);
    free(replayed->awaited);
    free(replayed);
}

/* A person took back what had come to its end. */
static bool is_undone(const struct journal_record *record)
{
    return record->kind == JOURNAL_ROLLBACK && record[-1].kind == JOURNAL_END &&
           value_is_text(value_get(&record->body, "cause"), run_cause_name(CAUSE_PERSON));
}

/* Where another process took the run up: it says so, or it ended at its own time a run that was
 * committed and not ended. */
static bool begins_life(const struct journal_record *record)
{
    if (record->kind == JOURNAL_ROLLBACK)
        return is_undone(record) || engine_is_taken_up(&record->body);
    return record->kind == JOURNAL_END && record[-1].kind == JOURNAL_COMMIT &&
           record[-1].at != record->at;
}

static void begin_life(struct replayed *replayed)
{
    const struct journal_scan *scan = replayed->scan;
    replayed->limit = replayed->cursor + 1;
    while (replayed->limit < scan->count && !begins_life(&scan->records[replayed->limit]))
        replayed->limit++;
    replayed->now = scan->records[replayed->cursor].at;
    replayed->awaited_count = 0;
}

/* How long a rollback waits, and for what, is the operator's choice, and in its record. */
static int64_t chosen(const struct replayed *replayed, const char *name)
{
    for (size_t i = replayed->cursor; i < replayed->limit; i++) {
        const struct journal_record *record = &replayed->scan->records[i];
        if (record->kind == JOURNAL_ROLLBACK)
            return value_get_integer(&record->body, name, 0);
    }
    return 0;
}

/* Who asked for it is in the record alone. */
static void undo(struct replayed *replayed, struct engine *engine,
                 const struct engine_params *params, const struct journal_scan *before,
                 struct engine_result *result)
{
    char reason[ERROR_MESSAGE_MAX];
    struct engine_params asked = *params;
    const struct value *body = &replayed->scan->records[replayed->cursor].body;
    struct slice recorded = value_get_slice(body, "reason", "");
    snprintf(reason, sizeof reason, "%.*s", (int)recorded.size, recorded.data);
    asked.undo_reason = reason;
    engine_undo(engine, &asked, before, result);
}

static void recover(struct replayed *replayed, struct engine *engine,
                    const struct engine_params *params, struct engine_result *result)
{
    struct journal_scan before = *replayed->scan;
    before.count = replayed->cursor;
    before.next_seq = (int64_t)replayed->cursor;
    memcpy(before.last_hash, replayed->hash, sizeof before.last_hash);
    journal_continue(&replayed->journal, &before);
    replayed->journal.failed = false;
    if (is_undone(&replayed->scan->records[replayed->cursor]))
        undo(replayed, engine, params, &before, result);
    else
        engine_recover(engine, params, &before, result);
}

static void add_difference(struct replay_report *report, size_t record, struct slice recorded,
                           struct slice now)
{
    report->differences[report->difference_count++] = (struct replay_difference){record, recorded,
                                                                                 now};
    report->end = REPLAY_DIFFERENT;
}

static void fill_report(struct replayed *replayed, const struct engine_result *result,
                        struct replay_report *report)
{
    const struct journal_scan *scan = replayed->scan;
    const struct journal_record *next = replayed->cursor < scan->count
                                            ? &scan->records[replayed->cursor]
                                            : NULL;
    bool ended = scan->records[scan->count - 1].kind == JOURNAL_END;
    report->records = replayed->cursor;
    report->end = ended ? REPLAY_EQUAL : REPLAY_CUT;
    if (replayed->begin.size)
        add_difference(report, 1, scan->records[1].line, buffer_slice(&replayed->begin));
    if (!replayed->different && !next)
        return;
    add_difference(report, replayed->cursor, next ? next->line : (struct slice){0},
                   buffer_slice(&replayed->line));
    snprintf(report->why, sizeof report->why, "%s",
             replayed->different ? replayed->why : result->reason);
}

void replayed_run(struct replayed *replayed, struct engine *engine,
                  const struct engine_params *params, bool changed, struct replay_report *report)
{
    struct engine_params own = *params;
    struct engine_result result;
    size_t count = replayed->scan->count;
    *report = (struct replay_report){.end = REPLAY_EQUAL};
    own.world = &replayed->world;
    own.journal = &replayed->journal;
    own.header = &replayed->scan->records[0].body;
    replayed->policy = params->script;
    own.script = &replayed->script.script;
    replayed->changed = changed;
    while (replayed->cursor < count) {
        begin_life(replayed);
        own.patience = chosen(replayed, "patience");
        own.lateness = chosen(replayed, "lateness");
        report->lives++;
        if (report->lives == 1)
            engine_run(engine, &own, &result);
        else
            recover(replayed, engine, &own, &result);
        if (replayed->different || replayed->cursor < replayed->limit)
            break;
    }
    fill_report(replayed, &result, report);
}
