/* What stands around a live run: the operator's configuration, the state folder, the connection to
 * AWS, the live world and the engine. The policy is not in here; it is in a process of its own, and
 * starts before any of this reads a credential. */
#pragma once

#include "cli/supervisor_state.h"

/* The options that all live verbs have: --config, --state, --profile, --region, --verbose. Those
 * that keep no run have no --state. */
#define ACCOUNT_OPTIONS                                                                            \
    {"profile", 0, OPTION_TEXT, false, "NAME", "of the shared AWS files"},                         \
        {"region", 0, OPTION_TEXT, false, "NAME", "where no ARN says another"},                    \
    {                                                                                              \
        "verbose", 'v', OPTION_FLAG, false, NULL,                                                  \
            "tell of every request, how it ended and how long it took; and of all that judges see" \
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

/* The run has its end: whoever finds its journal gone is told by the locks. */
void supervisor_note_end(struct supervisor *supervisor, enum run_outcome outcome);

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
/* Tells what to do about a rollback that did not put everything back. */
void supervisor_tell_unrestored(const struct supervisor *supervisor, const char *verb);
/* The exit status, if a signal came meanwhile; otherwise `status`. */
int supervisor_status(const struct supervisor *supervisor, int status);

/* The engine's parameters, but for the policy and the journal. */
struct engine_params supervisor_params(struct supervisor *supervisor);
