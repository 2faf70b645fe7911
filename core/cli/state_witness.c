/* Compares what the locks say that a run changed with what its journal tells. */
#include "cli/state_witness.h"

#include "base/array.h"
#include "engine/run_outcome.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool grow(struct state_witness *witness, struct error *err)
{
    size_t capacity = witness->capacity ? witness->capacity * 2 : 8;
    if (witness->count < witness->capacity)
        return true;
    struct state_change *locks = pool_alloc(witness->pool, capacity * sizeof *locks, err);
    if (!locks)
        return false;
    if (witness->count)
        memcpy(locks, witness->locks, witness->count * sizeof *locks);
    witness->locks = locks;
    witness->capacity = capacity;
    return true;
}

static bool add(struct state_witness *witness, struct slice identity, const char *label,
                int64_t record, struct error *err)
{
    struct state_change change = {.record = record};
    if (!grow(witness, err) || !pool_copy(witness->pool, identity, &change.identity, err) ||
        !pool_copy(witness->pool, slice_of(label), &change.label, err))
        return false;
    witness->locks[witness->count++] = change;
    return true;
}

/* A run whose end did not reach all of its locks is not known to have come to one. */
static bool add_lock(void *context, const struct holder *holder, struct error *err)
{
    struct state_witness *witness = context;
    if (witness->count == 0)
        snprintf(witness->ended, sizeof witness->ended, "%s", holder->ended);
    else if (strcmp(witness->ended, holder->ended) != 0)
        witness->ended[0] = '\0';
    witness->last = holder->changed > witness->last ? holder->changed : witness->last;
    return add(witness, slice_of(holder->target), holder->label, holder->changed, err);
}

bool state_witness(const struct state *state, const char *run, struct state_witness *out,
                   struct pool *pool, struct error *err)
{
    char folder[PATH_MAX];
    *out = (struct state_witness){.last = -1, .pool = pool};
    return state_locks(state, folder, err) && holder_each(folder, run, add_lock, out, err);
}

bool state_is_gone(const struct state *state, const char *run, bool *gone, struct error *err)
{
    char path[PATH_MAX];
    if (!state_journal(state, run, path, err))
        return false;
    *gone = access(path, F_OK) != 0;
    return true;
}

bool state_is_missed(const struct state *state, const struct holder *holder, bool *missed,
                     struct error *err)
{
    char path[PATH_MAX];
    *missed = holder->changed >= 0 &&
              (!*holder->ended || strcmp(holder->ended, run_outcome_name(RUN_NOT_RESTORED)) == 0);
    if (!*missed)
        return true;
    if (!state_is_gone(state, holder->run, missed, err) ||
        !state_left_path(state, holder->run, path, err))
        return false;
    *missed = *missed && access(path, F_OK) != 0;
    return true;
}

bool state_is_cut(const struct state_witness *witness, const struct journal_scan *scan)
{
    return scan->tail == JOURNAL_DAMAGED || witness->last >= scan->next_seq;
}

static bool tells_of(const struct journal_scan *scan, struct slice identity)
{
    for (size_t i = 0; i < scan->count; i++) {
        const struct journal_record *record = &scan->records[i];
        if (record->kind == JOURNAL_EFFECT &&
            slice_equal(value_get_slice(&record->body, "identity", ""), identity))
            return true;
    }
    return false;
}

static bool is_witnessed(const struct state_witness *witness, struct slice identity)
{
    for (size_t i = 0; i < witness->count; i++) {
        if (slice_equal(witness->locks[i].identity, identity))
            return true;
    }
    return false;
}

/* Whether a lock tells of all that the intact part has changed: then they tell of the rest, too. */
static bool is_trusted(const struct state_witness *witness, const struct journal_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        struct slice identity = value_get_slice(&scan->records[i].body, "identity", "");
        if (scan->records[i].kind == JOURNAL_EFFECT && identity.size > 0 &&
            !is_witnessed(witness, identity))
            return false;
    }
    return witness->count > 0;
}

/* One line that stands behind the damage: whose own hash fits says what it was about. */
static bool hear(struct state_witness *witness, struct slice line, struct error *err)
{
    enum { LINE_POOL_MAX = 64 << 20 };
    struct pool pool;
    struct journal_record record;
    struct error ignored;
    bool ok = true;
    pool_init(&pool, LINE_POOL_MAX);
    if (journal_read_line(&record, line, &pool, &ignored) && record.kind == JOURNAL_EFFECT) {
        struct slice identity = value_get_slice(&record.body, "identity", "");
        if (identity.size > 0 && !is_witnessed(witness, identity))
            ok = add(witness, identity, "", record.seq, err);
    }
    pool_clear(&pool);
    return ok;
}

static bool hear_all(struct state_witness *witness, struct slice behind, struct error *err)
{
    while (behind.size > 0) {
        const char *end = memchr(behind.data, '\n', behind.size);
        size_t size = end ? (size_t)(end - behind.data) : behind.size;
        if (!hear(witness, (struct slice){behind.data, size}, err))
            return false;
        size += end != NULL;
        behind = (struct slice){behind.data + size, behind.size - size};
    }
    return true;
}

bool state_lost(struct state_witness *witness, const struct journal_scan *scan, struct slice behind,
                struct state_change **lost, size_t *count, struct error *err)
{
    bool trusted = scan->tail != JOURNAL_DAMAGED || is_trusted(witness, scan);
    *count = 0;
    if (!trusted && !hear_all(witness, behind, err))
        return false;
    *lost = pool_alloc(witness->pool, (witness->count + 1) * sizeof **lost, err);
    if (!*lost)
        return false;
    for (size_t i = 0; i < witness->count; i++) {
        const struct state_change *change = &witness->locks[i];
        if (change->record >= 0 && !tells_of(scan, change->identity))
            (*lost)[(*count)++] = *change;
    }
    if (!trusted)
        (*lost)[(*count)++] = (struct state_change){slice_of(""), slice_of(""), -1};
    return true;
}
