/* A journal that was kept, read back whole. */
#pragma once

#include "journal/journal.h"

#include <limits.h>

struct run_journal {
    char path[PATH_MAX];
    struct buffer bytes;
    struct pool pool;
    struct journal_scan scan;
};

/* The verb's first operand: a file that is there, "-" (standard input), or else a run of the state
 * folder that --state and --config say (state_find). Clear it in any case. */
struct options;
bool run_journal_read(struct run_journal *journal, const struct options *options,
                      struct error *err);
/* Checks every record. ERROR_DAMAGED names the line. A torn last line is said on stderr, in the
 * name of the verb. */
bool run_journal_scan(struct run_journal *journal, const char *verb, struct error *err);
/* The same of what is intact of a damaged one, which the scan says it is. */
bool run_journal_scan_intact(struct run_journal *journal, const char *verb, struct error *err);
void run_journal_clear(struct run_journal *journal);

/* {"at","body","kind","seq"}, sharing what the record points to; `members` is the room for it. */
struct value run_journal_value(const struct journal_record *record, struct member members[4]);

/* Has a report take the record (require(module)[name](record)). What cannot be handed over is
 * handed over as {"untold":true}: no record keeps a report from the next one. */
struct host;
bool run_journal_tell(struct host *host, const char *module, const char *name,
                      const struct journal_record *record, struct value *told, struct pool *pool,
                      struct error *err);
