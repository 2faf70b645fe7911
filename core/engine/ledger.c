/* The ledger's growth by records, and what of it must still be put back: for each resource the
 * state to go back to, and which of two is put back first. */
#include "engine/ledger.h"

#include "base/array.h"
#include "engine/run_outcome.h"

#include <stdlib.h>

enum { SETTLE_MAX = 24 * 60 * 60 * 1000 };

void ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){.next_id = 1};
}

void ledger_reset(struct ledger *ledger)
{
    *ledger = (struct ledger){
        .changes = ledger->changes,
        .capacity = ledger->capacity,
        .restored = ledger->restored,
        .restored_capacity = ledger->restored_capacity,
        .unclear = ledger->unclear,
        .unclear_capacity = ledger->unclear_capacity,
        .next_id = 1,
    };
}

void ledger_clear(struct ledger *ledger)
{
    free(ledger->changes);
    free(ledger->restored);
    free(ledger->unclear);
    ledger_init(ledger);
}

static bool under_way(const struct ledger *ledger, struct slice identity)
{
    for (size_t i = 0; i < ledger->count; i++) {
        if (!ledger->changes[i].answered && slice_equal(ledger->changes[i].identity, identity))
            return true;
    }
    return false;
}

static bool is_request(const struct value *request)
{
    const struct value *input = value_get(request, "input");
    return input && input->kind == VALUE_OBJECT &&
           value_get_slice(request, "operation", "").size > 0;
}

static bool add_unclear(struct ledger *ledger, struct slice identity, struct error *err)
{
    if (!array_reserve(&ledger->unclear, &ledger->unclear_capacity, ledger->unclear_count,
                       sizeof *ledger->unclear, "the ledger", err))
        return false;
    ledger->unclear[ledger->unclear_count++] = (struct ledger_unclear){identity, ledger->lines};
    return true;
}

/* A change with all that is needed to put it back. */
static bool is_whole(const struct ledger_change *change, const struct value *body)
{
    const struct value *undo = change->undo;
    return change->id >= 0 && change->id < INT64_MAX && change->identity.size > 0 &&
           is_request(value_get(body, "request")) && change->observe &&
           is_request(change->observe) && change->before && change->after && undo &&
           (undo->kind == VALUE_NULL || is_request(undo)) && change->settle >= 0 &&
           change->settle <= SETTLE_MAX;
}

static bool add_change(struct ledger *ledger, int64_t at, const struct value *body,
                       struct error *err)
{
    const struct value *request = value_get(body, "request");
    struct ledger_change change = {
        .id = value_get_integer(body, "id", -1),
        .at = at,
        .identity = value_get_slice(body, "identity", ""),
        .operation = value_get_slice(request, "operation", ""),
        .input = value_get(request, "input"),
        .observe = value_get(body, "observe"),
        .before = value_get(body, "before"),
        .after = value_get(body, "after"),
        .undo = value_get(body, "undo"),
        .within = value_get(body, "within"),
        .settle = value_get_integer(body, "settle", -1),
        .fleeting = value_get_boolean(body, "fleeting", false),
        .outcome = OUTCOME_UNKNOWN,
    };
    if (!is_whole(&change, body))
        return add_unclear(ledger, change.identity, err);
    if (!array_reserve(&ledger->changes, &ledger->capacity, ledger->count, sizeof *ledger->changes,
                       "the ledger", err))
        return false;
    change.overlapped = under_way(ledger, change.identity);
    ledger->changes[ledger->count++] = change;
    return true;
}

void ledger_note_id(struct ledger *ledger, int64_t id)
{
    if (id >= ledger->next_id && id < INT64_MAX)
        ledger->next_id = id + 1;
}

/* What any effect has, and what one has that was refused for what its resource showed. */
static const char *const plain_members[] = {"branch", "harm_at", "id", "observed", "request"};

static bool is_change(const struct value *body)
{
    size_t plain = 0;
    for (size_t i = 0; i < sizeof plain_members / sizeof *plain_members; i++)
        plain += value_get(body, plain_members[i]) != NULL;
    return body->object.count > plain || !value_get(body, "request");
}

static bool apply_effect(struct ledger *ledger, int64_t at, const struct value *body,
                         struct error *err)
{
    ledger_note_id(ledger, value_get_integer(body, "id", -1));
    return !is_change(body) || add_change(ledger, at, body, err);
}

/* A word that nobody knows proves nothing. */
static void apply_result(struct ledger *ledger, const struct value *body)
{
    int64_t id = value_get_integer(body, "id", -1);
    enum outcome outcome;
    if (!outcome_parse(&outcome, value_get_slice(body, "outcome", "")))
        outcome = OUTCOME_UNKNOWN;
    for (size_t i = ledger->count; i-- > 0;) {
        if (ledger->changes[i].id != id)
            continue;
        ledger->changes[i].answered = true;
        ledger->changes[i].outcome = outcome;
    }
}

/* Another life's rollback must not answer to the ids of this one. */
static void apply_step_back(struct ledger *ledger, enum journal_kind kind, const struct value *body)
{
    ledger_note_id(ledger, value_get_integer(body, "id", -1));
    struct slice identity = value_get_slice(body, "identity", "");
    bool undone = kind == JOURNAL_UNDONE && value_is_text(value_get(body, "outcome"), "ok");
    for (size_t i = 0; (undone || kind == JOURNAL_UNDO) && i < ledger->count; i++) {
        bool same = slice_equal(ledger->changes[i].identity, identity);
        ledger->changes[i].undo_sent |= same;
        ledger->changes[i].taken_back |= same && undone;
    }
}

static bool apply_verified(struct ledger *ledger, const struct value *body, struct error *err)
{
    apply_step_back(ledger, JOURNAL_VERIFIED, body);
    if (!value_get_boolean(body, "restored", false))
        return true;
    if (!array_reserve(&ledger->restored, &ledger->restored_capacity, ledger->restored_count,
                       sizeof *ledger->restored, "the ledger", err))
        return false;
    ledger->restored[ledger->restored_count++] = value_get_slice(body, "identity", "");
    return true;
}

/* An end that does not say how is none. */
static void apply_end(struct ledger *ledger, const struct value *body)
{
    enum run_outcome outcome;
    ledger->ended = run_outcome_parse(&outcome, value_get_slice(body, "outcome", ""));
    ledger->unrestored = ledger->ended && outcome == RUN_NOT_RESTORED;
}

bool ledger_apply(struct ledger *ledger, enum journal_kind kind, int64_t at,
                  const struct value *body, struct error *err)
{
    ledger->lines++;
    switch (kind) {
    case JOURNAL_BEGIN:
        ledger->begun = true;
        return true;
    case JOURNAL_EFFECT:
        return apply_effect(ledger, at, body, err);
    case JOURNAL_RESULT:
        apply_result(ledger, body);
        return true;
    case JOURNAL_COMMIT:
        ledger->committed = true;
        return true;
    case JOURNAL_ROLLBACK: /* also of a run that had ended well, when a person takes it back */
        ledger->rolling_back = true;
        ledger->committed = false;
        ledger->ended = ledger->unrestored = false;
        return true;
    case JOURNAL_PROBE:
    case JOURNAL_UNDO:
    case JOURNAL_UNDONE:
        apply_step_back(ledger, kind, body);
        return true;
    case JOURNAL_VERIFIED:
        return apply_verified(ledger, body, err);
    case JOURNAL_END:
        apply_end(ledger, body);
        return true;
    case JOURNAL_RUN:
    case JOURNAL_TICK:
    case JOURNAL_REQUEST:
        return true;
    }
    return true;
}

static bool is_restored(const struct ledger *ledger, struct slice identity)
{
    for (size_t i = 0; i < ledger->restored_count; i++) {
        if (slice_equal(ledger->restored[i], identity))
            return true;
    }
    return false;
}

static bool concerns(const struct ledger_change *change, struct slice identity)
{
    return change->outcome != OUTCOME_REJECTED && slice_equal(change->identity, identity);
}

const struct ledger_change *ledger_previous(const struct ledger *ledger,
                                            const struct ledger_change *change)
{
    for (size_t i = (size_t)(change - ledger->changes); i-- > 0;) {
        if (concerns(&ledger->changes[i], change->identity))
            return &ledger->changes[i];
    }
    return NULL;
}

const struct ledger_change *ledger_next(const struct ledger *ledger,
                                        const struct ledger_change *change)
{
    for (size_t i = (size_t)(change - ledger->changes) + 1; i < ledger->count; i++) {
        if (concerns(&ledger->changes[i], change->identity))
            return &ledger->changes[i];
    }
    return NULL;
}

const struct ledger_change *ledger_last(const struct ledger *ledger, struct slice identity)
{
    for (size_t i = ledger->count; i-- > 0;) {
        if (concerns(&ledger->changes[i], identity))
            return &ledger->changes[i];
    }
    return NULL;
}

/* An undo of null: what was made stays, and harms nobody (a version that nothing refers to). */
static bool is_pending(const struct ledger *ledger, const struct ledger_change *change)
{
    return change == ledger_first(ledger, change->identity) && change->undo->kind != VALUE_NULL &&
           !is_restored(ledger, change->identity);
}

size_t ledger_pending(const struct ledger *ledger, const struct ledger_change **out)
{
    size_t count = 0;
    for (size_t i = ledger->count; i-- > 0;) {
        if (is_pending(ledger, &ledger->changes[i]))
            out[count++] = ledger_last(ledger, ledger->changes[i].identity);
    }
    return count;
}

const struct ledger_change *ledger_first(const struct ledger *ledger, struct slice identity)
{
    for (size_t i = 0; i < ledger->count; i++) {
        if (concerns(&ledger->changes[i], identity))
            return &ledger->changes[i];
    }
    return NULL;
}

/* The place at this depth of a change's branch: {group, branch}; NULL where it is not so deep, or
 * its journal does not say. */
static const struct value *place_at(const struct ledger_change *change, size_t depth)
{
    const struct value *within = change->within;
    bool there = within && within->kind == VALUE_ARRAY && depth < within->array.count;
    const struct value *place = there ? &within->array.items[depth] : NULL;
    return place && place->kind == VALUE_ARRAY && place->array.count == 2 ? place : NULL;
}

/* Whether branches of one group made them. A branch waits for the groups that it begins, so that
 * all others were made one after the other. */
static bool are_side_by_side(const struct ledger_change *a, const struct ledger_change *b)
{
    for (size_t depth = 0;; depth++) {
        const struct value *left = place_at(a, depth);
        const struct value *right = place_at(b, depth);
        if (!left || !right || !value_equal(&left->array.items[0], &right->array.items[0]))
            return false;
        if (!value_equal(&left->array.items[1], &right->array.items[1]))
            return true;
    }
}

bool ledger_precedes(const struct ledger_change *first, const struct ledger_change *second)
{
    return first < second && !are_side_by_side(first, second);
}
