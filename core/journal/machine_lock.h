/* Locks of the machine: one process in any folder, of any user. A name that a process has bound in
 * the kernel's table of sockets is nobody else's until that process is gone, however it went; there
 * is no file that could be removed, replaced or led elsewhere under it. Whoever has another network
 * namespace (a container) has another table. */
#pragma once

#include "base/error.h"

#include <limits.h>

struct machine_lock {
    int name, label; /* sockets, bound and never used; -1 */
};

/* Who holds one, as far as the machine tells. */
struct machine_holder {
    char run[64];          /* or empty */
    long process;          /* or 0 */
    long user;             /* or -1 */
    char folder[PATH_MAX]; /* where it was started, if it is a process of ours; or empty */
};

#define MACHINE_LOCK_NONE ((struct machine_lock){-1, -1})

/* Takes the lock of this key, a digest in hex, in the name of a run of this process. *taken is
 * false where another has it. */
bool machine_lock_take(struct machine_lock *lock, const char *key, const char *run, bool *taken,
                       struct error *err);
void machine_lock_release(struct machine_lock *lock);

/* Who has it. */
void machine_lock_holder(const char *key, struct machine_holder *holder);
