/* Writing a journal: each record is a line with the hash of the line before. */
#include "journal/journal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
#define X(name, text) [JOURNAL_##name] = text,
    JOURNAL_KINDS(X)
#undef X
};

enum { KIND_COUNT = sizeof kind_names / sizeof *kind_names };

/* The first record has no predecessor. */
static const char no_hash[] = "0000000000000000000000000000000000000000000000000000000000000000";

const char *journal_kind_name(enum journal_kind kind)
{
    return kind_names[kind];
}

void journal_init(struct journal *journal, struct journal_store *store)
{
    *journal = (struct journal){.store = store};
    buffer_init(&journal->line, JOURNAL_RECORD_SIZE_MAX + 512);
    memcpy(journal->prev, no_hash, sizeof journal->prev);
}

void journal_clear(struct journal *journal)
{
    buffer_clear(&journal->line);
}

void journal_continue(struct journal *journal, const struct journal_scan *scan)
{
    memcpy(journal->prev, scan->last_hash, sizeof journal->prev);
    journal->next_seq = scan->next_seq;
}

/* The line is {"at":A,"body":B,"hash":H,"kind":K,"prev":P,"seq":N}; the hash covers it without its
 * "hash" member, that is the two parts around it. */
static bool compose(struct journal *journal, enum journal_kind kind, int64_t at, struct slice body,
                    struct error *err)
{
    struct buffer *line = &journal->line;
    char tail[256];
    int tail_size = snprintf(tail, sizeof tail,
                             ",\"kind\":\"%s\",\"prev\":\"%s\",\"seq\":%" PRId64 "}",
                             kind_names[kind], journal->prev, journal->next_seq);
    buffer_empty(line);
    if (!buffer_append_format(line, err, "{\"at\":%" PRId64 ",\"body\":", at) ||
        !buffer_append(line, body, err))
        return false;
    struct slice parts[] = {buffer_slice(line), {tail, (size_t)tail_size}};
    digest_hex(journal->prev, parts, 2);
    return buffer_append_format(line, err, ",\"hash\":\"%s\"%s\n", journal->prev, tail);
}

static bool fails_again(struct error *err)
{
    return error_set(err, ERROR_IO, "the journal failed before: nothing more is written to it");
}

bool journal_append(struct journal *journal, enum journal_kind kind, int64_t at, struct slice body,
                    struct error *err)
{
    assert(body.size > 1 && body.data[0] == '{' && body.data[body.size - 1] == '}');
    if (journal->failed)
        return fails_again(err);
    if (body.size > JOURNAL_RECORD_SIZE_MAX)
        return error_set(err, ERROR_LIMIT, "a journal record of %zu bytes (at most %d)", body.size,
                         JOURNAL_RECORD_SIZE_MAX);
    journal->failed = true; /* until the record is known to be whole */
    if (!compose(journal, kind, at, body, err) ||
        !journal->store->append(journal->store, buffer_slice(&journal->line), err))
        return false;
    journal->failed = false;
    journal->next_seq++;
    journal->unsynced = true;
    return journal->grouped || journal_sync(journal, err);
}

bool journal_sync(struct journal *journal, struct error *err)
{
    if (journal->failed)
        return fails_again(err);
    journal->failed = journal->unsynced && !journal->store->sync(journal->store, err);
    journal->unsynced = false;
    return !journal->failed;
}

bool journal_group(struct journal *journal, bool grouped, struct error *err)
{
    journal->grouped = grouped;
    return grouped || journal_sync(journal, err);
}

bool journal_reserve(struct journal *journal, size_t size, struct error *err)
{
    struct journal_store *store = journal->store;
    return !store->reserve || store->reserve(store, size, err);
}

struct slice journal_last_line(const struct journal *journal)
{
    assert(journal->line.size > 0);
    return (struct slice){journal->line.data, journal->line.size - 1};
}

bool journal_kind_parse(enum journal_kind *kind, struct slice name)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (slice_is(name, kind_names[i])) {
            *kind = (enum journal_kind)i;
            return true;
        }
    }
    return false;
}
