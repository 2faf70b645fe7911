/* Taking up a run that a dead process left behind: its journal is locked, read, verified, freed of
 * a torn last line, and made durable anew.
 *
 * What is read may not be what is on the disk: where an fsync failed, the system may show bytes
 * that it has dropped, and a second fsync says nothing. Nobody can tell afterwards that this
 * happened. So what was read is always written to a new file, synced, and put in the old one's
 * place: from then on what was believed is what is there. */
#pragma once

#include "journal/journal.h"

#include <limits.h>

struct recovery {
    struct journal_scan scan; /* in the pool, without ticks; strings point into `bytes` */
    struct journal_file file; /* at its end, locked; ready to be gone on with */
    struct buffer bytes;
    struct pool pool;
    size_t cut; /* bytes of a torn last line that are gone */
    int held;   /* the file that was there before, whose lock keeps others away */
};

/* ERROR_CONFLICT: a process that is alive holds the run. Of a damaged journal (scan.tail) the
 * intact part is gone on with, and all of it is kept beside it, in PATH.damaged (PATH.damaged-2,
 * ...). */
bool recover_open(struct recovery *recovery, const char *path, struct error *err);
void recover_close(struct recovery *recovery);

/* Only reads, whoever holds it: `file` cannot be written to. For status and history. Of a damaged
 * one, what is intact. */
bool recover_look(struct recovery *recovery, const char *path, struct error *err);
/* The same of a file that is open already, from its beginning. */
bool recover_look_at(struct recovery *recovery, int fd, const char *path, struct error *err);
/* The same by journal_skim(). */
bool recover_skim_at(struct recovery *recovery, int fd, const char *path, struct error *err);
