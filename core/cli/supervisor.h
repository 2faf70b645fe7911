/* What stands around a live run: the operator's configuration, the state folder, the connection to
 * AWS, the live world and the engine. The policy is not in here; it is in a process of its own, and
 * starts before any of this reads a credential. */
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
    struct member asked_members[2];
    bool signalled; /* a signal has said that the run is to end */
    struct child *policy;
    bool policy_gone; /* and the world was not told yet */
    struct error policy_end;
    struct lock_set *locks;
    bool locked_out; /* another run holds a target */
    int signal;      /* that came while there was nothing to put back, or 0 */
};

/* The options that all live verbs have: --config, --state, --profile, --region. Those that keep no
 * run have no --state. */
#define ACCOUNT_OPTIONS                                                                            \
    {"profile", 0, OPTION_TEXT, false, "NAME", "of the shared AWS files"},                         \
    {                                                                                              \
        "region", 0, OPTION_TEXT, false, "NAME", "where no ARN says another"                       \
    }
#define SUPERVISOR_OPTIONS STATE_OPTIONS, ACCOUNT_OPTIONS

void supervisor_init(struct supervisor *supervisor);
/* Reads the configuration and opens the state folder. Nothing secret is read. A folder that is
 * missing is made where a run is to begin. */
struct options;
bool supervisor_read(struct supervisor *supervisor, const struct options *options,
                     const char *policy, enum state_folder wanted, struct error *err);
/* What has nothing to do with this operator or account: the loop, the trusted Lua. It takes some
 * milliseconds, in which the policy's process can start. */
bool supervisor_prepare(struct supervisor *supervisor, struct error *err);
/* Connects: settings, live world, engine. */
bool supervisor_open(struct supervisor *supervisor, const struct options *options,
                     struct error *err);
void supervisor_close(struct supervisor *supervisor);

/* Whether each is a target that the operator allows to be shifted; nothing is asked of AWS, and no
 * lock taken. A list. */
bool supervisor_check_targets(const struct supervisor *supervisor, const struct value *targets,
                              const struct value *home, struct error *err);
/* The same, and takes the locks of a run's targets; ERROR_CONFLICT says which other run holds one.
 */
bool supervisor_lock(struct supervisor *supervisor, const struct value *targets, struct error *err);

/* Hears what people ask of the run of this name. */
bool supervisor_hear(struct supervisor *supervisor, const char *run, struct error *err);

/* Has the world told at once when the policy's process is gone. */
struct child;
bool supervisor_watch(struct supervisor *supervisor, struct child *policy, struct error *err);

/* The run is over: whatever signal comes from now on changes nothing, and its exit status stands.
 * One that had come unheard is told that it came too late. */
void supervisor_end(struct supervisor *supervisor);

/* AWS to look at, past what the operator allows policies. */
struct reads supervisor_reads(struct supervisor *supervisor);
/* The exit status, if a signal came meanwhile; otherwise `status`. */
int supervisor_status(const struct supervisor *supervisor, int status);

/* The engine's parameters, but for the policy and the journal. */
struct engine_params supervisor_params(struct supervisor *supervisor);
