/* Locks that no dead holder keeps: the system lets go of them when the process that holds them is
 * gone, however it went. One process per run, by the journal itself; one run per resource, twice:
 *
 *     a file in the state folder    of all who share the folder, other machines included; it
 *                                   remembers the run that had it last, and stays where it is
 *     a name of the machine         of all on the machine, whatever folder they work in
 *                                   (machine_lock.h)
 */
#pragma once

#include "journal/holder.h"

/* A resource: its identity, which two runs must not share, and how people call it. Where it is not
 * in Amazon's own AWS, `elsewhere` says in whose: the URL of an emulator. */
struct lock_name {
    struct slice key, label, elsewhere;
};

struct lock_set;

/* Asked of each resource, once it is locked, about the run that held it before: whether it left the
 * resource in order. ERROR_CONFLICT says what is to be done first. */
typedef bool lock_left_fn(void *context, const struct holder *before, struct error *err);

/* Who wants them; `left` may be NULL. `other` is filled in: who of this folder holds one of them;
 * its run is "" where nobody does, or has not written its name yet. */
struct lock_claim {
    struct holder holder, other;
    lock_left_fn *left;
    void *context;
};

/* Takes the locks of all these resources, or none; the same one twice is one. They are taken in one
 * order, whoever asks, so that of two runs that share some one gets them all. ERROR_CONFLICT: held
 * by another; the message says by whom. */
bool lock_targets(struct lock_set **out, const char *folder, const struct lock_name *targets,
                  size_t count, struct lock_claim *claim, struct error *err);
/* Takes one more, unless the set has it. Who asks for some of these while having others never
 * waits, so that nobody waits for another for ever. */
bool lock_more(struct lock_set *set, const char *folder, const struct lock_name *name,
               struct lock_claim *claim, struct error *err);
/* Writes down, durably, that the run is about to change this resource of the set: `record` is the
 * seq of its intent in the journal. */
bool lock_note_change(struct lock_set *set, struct slice key, int64_t record, struct error *err);
/* Writes down how the run ended. */
bool lock_note_end(struct lock_set *set, const char *outcome, struct error *err);
/* Whether the files are still those that were locked. ERROR_CONFLICT: somebody else's, or gone. */
bool lock_stands(const struct lock_set *set, const char *folder, struct error *err);
/* NULL is none. */
void lock_release(struct lock_set *set);

/* Takes the lock of an open file for as long as the descriptor is open. ERROR_CONFLICT: another
 * holds it. Somebody who only looks (lock_is_held) does not count. */
bool lock_file(int fd, const char *what, struct error *err);

/* Whether the file of this name is still the one that was opened, and its lock ours. ERROR_CONFLICT
 * says what is there instead. */
bool lock_file_stands(int fd, const char *path, struct error *err);

/* Whether a process holds an open file's lock; `what` is for the message. */
bool lock_file_is_held(int fd, const char *what, bool *held, struct error *err);
/* The same of a path; false where there is no file. */
bool lock_is_held(const char *path, bool *held, struct error *err);
