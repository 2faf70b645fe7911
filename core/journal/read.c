/* Reading a journal back: every line must be one we wrote, in the place where we wrote it. */
#include "journal/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char hash_key[] = ",\"hash\":\"";

/* What follows the hash: kind, prev, seq. */
enum { TAIL_SIZE_MAX = 300, MEMBERS = 6 };

/* Cuts the "hash" member out of the line. It is looked for from the end, as a body may have one of
 * its own: what follows the line's has a fixed form, and nothing in it can be mistaken for it. */
static bool split(struct slice line, struct slice parts[2], struct slice *hash)
{
    size_t key_size = sizeof hash_key - 1;
    size_t whole = key_size + DIGEST_HEX_SIZE + 1;
    for (size_t tail = whole; tail <= line.size && tail <= TAIL_SIZE_MAX; tail++) {
        size_t at = line.size - tail;
        if (memcmp(line.data + at, hash_key, key_size) != 0)
            continue;
        *hash = (struct slice){line.data + at + key_size, DIGEST_HEX_SIZE};
        parts[0] = (struct slice){line.data, at};
        parts[1] = (struct slice){line.data + at + whole, line.size - at - whole};
        return true;
    }
    return false;
}

static bool verify_hash(struct slice line, struct slice parts[2], struct slice *hash,
                        const char **why)
{
    char expected[DIGEST_HEX_SIZE + 1];
    *why = "it is not a journal record";
    if (!split(line, parts, hash))
        return false;
    digest_hex(expected, parts, 2);
    *why = "its hash does not fit: it was changed after it was written";
    return slice_is(*hash, expected);
}

static bool read_fields(struct journal_record *record, const struct value *value, struct slice hash)
{
    const struct value *body = value_get(value, "body");
    if (!body || body->kind != VALUE_OBJECT || value->object.count != MEMBERS ||
        !slice_equal(value_get_slice(value, "hash", ""), hash) ||
        !journal_kind_parse(&record->kind, value_get_slice(value, "kind", "")))
        return false;
    record->body = *body;
    record->at = value_get_integer(value, "at", -1);
    record->seq = value_get_integer(value, "seq", -1);
    return record->at >= 0 && record->at <= JOURNAL_TIME_MAX && record->seq >= 0;
}

/* What was written by another version, and means something else, is told from what is damaged. */
static bool check_format(const struct journal_record *record, struct error *err)
{
    int64_t format = value_get_integer(&record->body, "format", JOURNAL_FORMAT);
    struct slice version = value_get_slice(&record->body, "version", "of another version");
    if (record->kind != JOURNAL_RUN ||
        (format >= JOURNAL_FORMAT_OLDEST && format <= JOURNAL_FORMAT))
        return true;
    return error_set(err, ERROR_INVALID,
                     "it is a journal of format %lld, written by tidelock %.*s, and this one reads "
                     "formats %d to %d: use that version for it",
                     (long long)format, (int)version.size, version.data, JOURNAL_FORMAT_OLDEST,
                     JOURNAL_FORMAT);
}

/* Whether a line, by what follows its hash, is a tick: its kind, once it is read, is no other. */
static bool is_tick(struct slice behind)
{
    static const char key[] = ",\"kind\":\"tick\",";
    return behind.size > sizeof key && memcmp(behind.data, key, sizeof key - 1) == 0;
}

/* Into `passing` what is not kept; NULL: everything is. */
static bool read_line(struct journal_record *record, struct slice line, struct value *value,
                      struct pool *pool, struct pool *passing, struct error *err)
{
    struct slice parts[2];
    struct slice hash;
    const char *why = NULL;
    if (!verify_hash(line, parts, &hash, &why))
        return error_set(err, ERROR_DAMAGED, "%s", why);
    bool kept = !passing || !is_tick(parts[1]);
    if (!value_parse(value, line, true, kept ? pool : passing, err)) {
        err->code = err->code == ERROR_INVALID ? ERROR_DAMAGED : err->code;
        return false;
    }
    record->line = line;
    if (!read_fields(record, value, hash))
        return error_set(err, ERROR_DAMAGED, "it is not a journal record");
    record->body = kept ? record->body : value_null();
    return true;
}

bool journal_read_line(struct journal_record *record, struct slice line, struct pool *pool,
                       struct error *err)
{
    struct value value;
    return read_line(record, line, &value, pool, NULL, err) && check_format(record, err);
}

bool journal_body(const struct journal_record *record, struct value *body, struct pool *pool,
                  struct error *err)
{
    struct value whole;
    *body = record->body;
    if (body->kind == VALUE_OBJECT)
        return true;
    if (!value_parse(&whole, record->line, true, pool, err))
        return false;
    *body = *value_get(&whole, "body");
    return true;
}

/* Where what is read goes. */
struct reading {
    struct pool *pool;
    struct pool *passing; /* what is not kept; NULL: everything is */
    bool skims;
};

/* A tick that stands in its place, by what frames it. What it says is not read. */
static bool skim_tick(struct journal_scan *scan, struct slice line, struct journal_record *record)
{
    static const char at[] = "{\"at\":";
    char frame[TAIL_SIZE_MAX];
    struct slice parts[2];
    struct slice hash;
    if (!split(line, parts, &hash) || !is_tick(parts[1]) || parts[0].size < sizeof at)
        return false;
    snprintf(frame, sizeof frame, ",\"kind\":\"tick\",\"prev\":\"%s\",\"seq\":%lld}",
             scan->last_hash, (long long)scan->next_seq);
    if (memcmp(line.data, at, sizeof at - 1) != 0 || !slice_is(parts[1], frame))
        return false;
    *record = (struct journal_record){.seq = scan->next_seq, .kind = JOURNAL_TICK, .line = line};
    record->at = strtoll(line.data + sizeof at - 1, NULL, 10); /* the frame ends it at the latest */
    if (record->at < 0 || record->at > JOURNAL_TIME_MAX)
        return false;
    scan->next_seq++;
    memcpy(scan->last_hash, hash.data, DIGEST_HEX_SIZE);
    return true;
}

static bool read_record(struct journal_scan *scan, struct slice line, const struct reading *reading,
                        struct journal_record *record, struct error *err)
{
    struct value value;
    size_t number = scan->count + 1;
    if (reading->skims && skim_tick(scan, line, record))
        return true;
    if (!read_line(record, line, &value, reading->pool, reading->passing, err))
        return error_wrap(err, "line %zu", number);
    if (record->seq != scan->next_seq)
        return error_set(err, ERROR_DAMAGED,
                         "line %zu: record %lld stands where %lld was expected: lines are missing "
                         "or out of order",
                         number, (long long)record->seq, (long long)scan->next_seq);
    if (!slice_is(value_get_slice(&value, "prev", ""), scan->last_hash))
        return error_set(err, ERROR_DAMAGED,
                         "line %zu: it does not follow the line before: they are not of one run",
                         number);
    memcpy(scan->last_hash, value_get_slice(&value, "hash", "").data, DIGEST_HEX_SIZE);
    scan->next_seq++;
    return check_format(record, err);
}

static size_t count_lines(struct slice bytes)
{
    size_t count = 0;
    for (size_t at = 0; at < bytes.size; at++) {
        const char *end = memchr(bytes.data + at, '\n', bytes.size - at);
        if (!end)
            break;
        at = (size_t)(end - bytes.data);
        count++;
    }
    return count;
}

/* A write that did not finish leaves a line without its end, or one whose size reached the disk
 * before its bytes did: those read as NUL, which no record holds. */
static bool is_torn(struct slice line, bool ended, bool last)
{
    return !ended || (last && memchr(line.data, '\0', line.size));
}

static bool is_damage(struct journal_scan *scan, const struct error *err)
{
    scan->tail = JOURNAL_DAMAGED;
    scan->damage = *err;
    return err->code == ERROR_DAMAGED;
}

static bool read_all(struct journal_scan *scan, struct slice bytes, const struct reading *reading,
                     struct error *err)
{
    size_t lines = count_lines(bytes) + 1;
    *scan = (struct journal_scan){.tail = JOURNAL_WHOLE};
    memset(scan->last_hash, '0', DIGEST_HEX_SIZE);
    scan->records = pool_alloc(reading->pool, lines * sizeof *scan->records, err);
    if (!scan->records)
        return false;
    while (scan->good < bytes.size) {
        struct slice rest = {bytes.data + scan->good, bytes.size - scan->good};
        const char *newline = memchr(rest.data, '\n', rest.size);
        struct slice line = {rest.data, newline ? (size_t)(newline - rest.data) : rest.size};
        bool last = !newline || newline + 1 == bytes.data + bytes.size;
        if (is_torn(line, newline != NULL, last)) {
            scan->tail = JOURNAL_TORN;
            return true;
        }
        if (!read_record(scan, line, reading, &scan->records[scan->count], err))
            return is_damage(scan, err);
        if (reading->passing)
            pool_reset(reading->passing);
        scan->count++;
        scan->good += line.size + 1;
    }
    return true;
}

bool journal_read_intact(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                         struct error *err)
{
    struct reading reading = {.pool = pool};
    return read_all(scan, bytes, &reading, err);
}

static bool read_passing(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                         bool skims, struct error *err)
{
    struct pool passing;
    struct reading reading = {pool, &passing, skims};
    pool_init(&passing, pool->max);
    bool ok = read_all(scan, bytes, &reading, err);
    pool_clear(&passing);
    return ok;
}

bool journal_read_deeds(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                        struct error *err)
{
    return read_passing(scan, bytes, pool, false, err);
}

bool journal_skim(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                  struct error *err)
{
    return read_passing(scan, bytes, pool, true, err);
}

bool journal_read(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                  struct error *err)
{
    if (!journal_read_intact(scan, bytes, pool, err))
        return false;
    if (scan->tail != JOURNAL_DAMAGED)
        return true;
    *err = scan->damage;
    return false;
}
