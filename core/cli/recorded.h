/* A journal that was kept, read back whole. */
#pragma once

#include "journal/journal.h"

struct recorded {
    const char *path;
    struct buffer bytes;
    struct pool pool;
    struct journal_scan scan;
};

/* "-" is standard input. Clear it in any case. */
bool recorded_read(struct recorded *recorded, const char *path, struct error *err);
/* Checks every record. ERROR_DAMAGED names the line. A torn last line is said on stderr, in the
 * name of the verb. */
bool recorded_scan(struct recorded *recorded, const char *verb, struct error *err);
void recorded_clear(struct recorded *recorded);

/* {"at","body","kind","seq"}, sharing what the record points to; `members` is the room for it. */
struct value recorded_value(const struct journal_record *record, struct member members[4]);
