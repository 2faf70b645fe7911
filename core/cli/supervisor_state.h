/* The parts of a live run and what is known of it, for the files that see to some of it each:
 * supervisor.h opens and closes them, supervisor_locks.h holds resources, supervisor_stands.h looks
 * whether what the run stands on is still its own. */
#pragma once

#include "aws/system_io.h"
#include "cli/config.h"
#include "cli/gate.h"
#include "cli/state_control.h"
#include "engine/engine.h"
#include "host/host.h"
#include "journal/lock.h"
#include "world/live.h"
#include "world/reads.h"

/* As whom, and where, operations are carried out (cli/caller_identity.h asks). */
struct caller_identity {
    struct slice account; /* "123456789012" */
    struct slice arn;     /* of the caller */
    struct slice region;  /* of operations whose input names no other; may be empty */
    struct value home;    /* {"account","partition","region"}: as world_ops.begin tells it */
};

/* What a run stands on (cli/supervisor_stands.h). */
struct standing {
    struct journal_file *file; /* its journal; NULL: it is not looked at */
    int ticks;                 /* a timer that ticks every second */
    int64_t missed;            /* seconds that were not seen, and after which nobody looked yet */
    struct error lost;         /* a file was not its own any more: which; no code: none */
};

struct supervisor {
    struct config config;
    struct state state;
    struct net *net;
    struct system_io io;
    struct settings settings;
    bool settled; /* `settings` is open */
    struct host *host;
    struct catalogue *catalogue;
    struct gate gate;
    struct signer *signer;
    struct sender *sender;
    struct caller *caller;
    struct pool pool;                /* what lives as long as this */
    struct caller_identity identity; /* once it was asked for */
    struct live *live;
    struct engine *engine;
    char run[STATE_RUN_SIZE]; /* that we carry out; empty: none, and there is nothing to put back */
    struct state_control control;
    struct state_asked asked; /* the last thing */
    struct member asked_members[4];
    bool signalled; /* a signal has said that the run is to end */
    struct child *policy;
    bool policy_gone; /* and the world was not told yet */
    struct error policy_end;
    struct lock_set *locks;
    struct standing standing;
    bool locked_out; /* another run holds a target */
    int signal;      /* that came while there was nothing to put back, or 0 */
};
