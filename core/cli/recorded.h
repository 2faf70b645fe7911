/* A journal that was kept, read back whole. */
#pragma once

#include "journal/journal.h"

#include <limits.h>

struct recorded {
    char path[PATH_MAX];
    struct buffer bytes;
    struct pool pool;
    struct journal_scan scan;
};

/* The verb's first operand: a file that is there, "-" (standard input), or else a run of the state
 * folder that --state and --config say (state_find). Clear it in any case. */
struct options;
bool recorded_read(struct recorded *recorded, const struct options *options, struct error *err);
/* Checks every record. ERROR_DAMAGED names the line. A torn last line is said on stderr, in the
 * name of the verb. */
bool recorded_scan(struct recorded *recorded, const char *verb, struct error *err);
void recorded_clear(struct recorded *recorded);

/* {"at","body","kind","seq"}, sharing what the record points to; `members` is the room for it. */
struct value recorded_value(const struct journal_record *record, struct member members[4]);
