/* How a run ends, and why a rollback began: the names in journals, messages and exit statuses. */
#pragma once

#include "base/bytes.h"

/* How a run ended; the names and exit statuses are part of the command line's contract. */
#define RUN_OUTCOMES(X)                                                                            \
    X(PROMOTED, "promoted", 0)                                                                     \
    X(REFUSED, "refused", 2)              /* before anything was touched */                        \
    X(ROLLED_BACK, "rolled back", 10)     /* the policy or its judge said so */                    \
    X(ABORTED, "aborted", 11)             /* a person said so */                                   \
    X(LOCKED, "locked", 13)               /* by another run, before anything was touched */        \
    X(NOT_RESTORED, "not restored", 14)   /* a rollback failed or could not be verified */         \
    X(NO_DECISION, "no decision", 15)     /* no data, no answer, or somebody else's hand */        \
    X(POLICY_FAILED, "policy failed", 16) /* an error, a spent budget, a dead process */           \
    X(CUT_SHORT, "cut short", 16)         /* its process died; another one put things back */      \
    X(INTERRUPTED, "interrupted", 130)                                                             \
    X(TERMINATED, "terminated", 143)                                                               \
    X(TOOL_FAILED, "tool failed", 1) /* storage or our own fault; see the message */

enum run_outcome {
#define X(name, text, exit) RUN_##name,
    RUN_OUTCOMES(X)
#undef X
};

const char *run_outcome_name(enum run_outcome outcome);
int run_outcome_exit(enum run_outcome outcome);
bool run_outcome_parse(enum run_outcome *outcome, struct slice name); /* false: no such outcome */

/* Why a rollback began. */
#define RUN_CAUSES(X)                                                                              \
    X(NONE, "none", PROMOTED)                                                                      \
    X(HARM, "harm", ROLLED_BACK)                                                                   \
    X(POLICY, "policy", ROLLED_BACK)                                                               \
    X(ERROR, "error", POLICY_FAILED)                                                               \
    X(BUDGET, "budget", POLICY_FAILED)                                                             \
    X(CRASH, "crash", POLICY_FAILED)                                                               \
    X(NO_DATA, "no data", NO_DECISION)                                                             \
    X(PROVIDER_ERROR, "provider error", NO_DECISION)                                               \
    X(UNDECIDED, "undecided", NO_DECISION)                                                         \
    X(CONFLICT, "conflict", NO_DECISION) /* somebody else changed what the run had */              \
    X(UNCONFIRMED, "unconfirmed",                                                                  \
      NO_DECISION)                           /* nobody could see that it is as the run made it */  \
    X(UNAPPROVED, "unapproved", NO_DECISION) /* nobody let it go on in time */                     \
    X(LOCKED, "locked", POLICY_FAILED)                                                             \
    X(SIGINT, "signal INT", INTERRUPTED)                                                           \
    X(PERSON, "person", ABORTED)                                                                   \
    X(SIGTERM, "signal TERM", TERMINATED)                                                          \
    X(TOOL, "tool", TOOL_FAILED)

enum run_cause {
#define X(name, text, outcome) CAUSE_##name,
    RUN_CAUSES(X)
#undef X
};

const char *run_cause_name(enum run_cause cause);
bool run_cause_parse(enum run_cause *cause, struct slice name); /* false: no such cause */
/* How a run ends that was put back for it. */
enum run_outcome run_cause_outcome(enum run_cause cause);
