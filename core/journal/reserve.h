/* Space that is set aside for a journal's next records, so that a disk which fills up does not keep
 * a run from writing down how it is put back. Blocks are allocated behind the end of the journal's
 * own file; where the file system cannot do that (NFS), they are held by a file beside it, which is
 * emptied when there is no other space left. */
#pragma once

#include "journal/journal.h"

/* A journal_store's `reserve` for a file. */
bool reserve_space(struct journal_store *store, size_t size, struct error *err);

/* After a write that failed with this errno: whether there is space now that was not there. */
bool reserve_let_go(struct journal_file *file, int error);
