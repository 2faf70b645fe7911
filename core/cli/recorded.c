#include "cli/recorded.h"

#include "cli/verbs.h"

#include <stdio.h>

enum { JOURNAL_SIZE_MAX = 256 << 20, JOURNAL_POOL_MAX = 1 << 30 };

bool recorded_read(struct recorded *recorded, const char *path, struct error *err)
{
    *recorded = (struct recorded){.path = path};
    pool_init(&recorded->pool, JOURNAL_POOL_MAX);
    return verb_read_file(path, JOURNAL_SIZE_MAX, &recorded->bytes, err);
}

/* No run writes a null into a list, and the trusted state could not hold it. */
static bool lists_are_full(const struct value *value)
{
    bool list = value->kind == VALUE_ARRAY;
    size_t count = list                          ? value->array.count
                   : value->kind == VALUE_OBJECT ? value->object.count
                                                 : 0;
    for (size_t i = 0; i < count; i++) {
        const struct value *item = list ? &value->array.items[i] : &value->object.members[i].value;
        if ((list && item->kind == VALUE_NULL) || !lists_are_full(item))
            return false;
    }
    return true;
}

bool recorded_scan(struct recorded *recorded, const char *verb, struct error *err)
{
    struct journal_scan *scan = &recorded->scan;
    if (!journal_read(scan, buffer_slice(&recorded->bytes), &recorded->pool, err))
        return error_wrap(err, "%s", recorded->path);
    for (size_t i = 0; i < scan->count; i++) {
        if (!lists_are_full(&scan->records[i].body))
            return error_set(err, ERROR_DAMAGED, "%s: line %zu: a list has a hole", recorded->path,
                             i + 1);
    }
    if (scan->tail == JOURNAL_TORN)
        fprintf(stderr,
                "tidelock %s: %s: line %zu is torn: its write did not finish, and it is left "
                "out\n",
                verb, recorded->path, scan->count + 1);
    if (scan->count == 0)
        return error_set(err, ERROR_INVALID, "%s: there is no whole record in it", recorded->path);
    return true;
}

void recorded_clear(struct recorded *recorded)
{
    buffer_clear(&recorded->bytes);
    pool_clear(&recorded->pool);
}

struct value recorded_value(const struct journal_record *record, struct member members[4])
{
    members[0] = (struct member){slice_of("at"), value_integer(record->at)};
    members[1] = (struct member){slice_of("body"), record->body};
    members[2] = (struct member){slice_of("kind"), value_text(journal_kind_name(record->kind))};
    members[3] = (struct member){slice_of("seq"), value_integer(record->seq)};
    return (struct value){.kind = VALUE_OBJECT, .object = {members, 4}};
}
