/* What a lock's file says: which run holds the resource or held it last, and what that run did to
 * it. It is the one witness beside the journal: durable before the resource is changed, so that a
 * journal that was cut, emptied or removed afterwards is not taken for one of a run that changed
 * nothing.
 *
 * A file has two places, written in turns: whatever ends a write, the other one is whole. */
#pragma once

#include "base/value.h"

enum { HOLDER_TARGET_SIZE = 4096 };

struct holder {
    char run[64];
    char host[64];
    int64_t process;
    int64_t since;   /* ms */
    int64_t changed; /* seq of the record of the run's last change of it; -1: it made none */
    char ended[32];  /* the run's outcome, once it is over; else empty */
    char target[HOLDER_TARGET_SIZE]; /* the identity */
    char label[256];                 /* how people call it */
    int64_t turn;                    /* of the writes; the last one counts */
};

/* This process on this machine; `run` is cut where it is longer. */
void holder_init(struct holder *holder, const char *run, int64_t since);

/* False: no holder has written its name yet. */
bool holder_read(int fd, struct holder *holder);
/* Takes the next turn. It is durable once the file is synced. */
bool holder_write(int fd, struct holder *holder, struct error *err);

/* Each lock's file of a folder whose last holder is this run (NULL: whoever it is). No folder has
 * none. */
typedef bool holder_each_fn(void *context, const struct holder *holder, struct error *err);
bool holder_each(const char *folder, const char *run, holder_each_fn *each, void *context,
                 struct error *err);
