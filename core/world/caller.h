/* AWS operations on the wire: lua/aws/client makes requests and reads answers, core/aws signs,
 * core/net carries. Reads and what was refused for certain are repeated as AWS's own SDKs do it; a
 * change whose answer was lost is not: that is for the engine to settle. */
#pragma once

#include "aws/credentials.h"
#include "engine/world.h"
#include "host/host.h"
#include "net/net.h"

struct caller;

struct caller_params {
    struct net *net;
    struct host *host;
    const struct settings *settings;
    struct credentials_doors *doors;
    struct slice region;   /* of operations whose input names no resource of another one */
    const char *agent;     /* User-Agent */
    const char *ca_bundle; /* NULL: the system's */
};

/* No request is made and no credential is read yet. */
bool caller_new(struct caller **out, const struct caller_params *params, struct error *err);
void caller_free(struct caller *caller);

/* What came of it: the output, or {"code","message"}. The value lasts while it is handed over. */
typedef void caller_done_fn(void *context, enum outcome outcome, const struct value *value);

/* Starts one operation, all of its pages included. Copies the input. `done` is called from
 * net_wait. */
bool caller_start(struct caller *caller, struct slice operation, const struct value *input,
                  caller_done_fn *done, void *context, struct error *err);

/* Drops the calls of this context: `done` is not called any more, a request under way is cut. */
void caller_forget(struct caller *caller, const void *context);

/* What is under way now is not sent another time, whatever is answered: a call that waits for that
 * ends at once, with the answer that it has. */
void caller_halt(struct caller *caller);

/* The region that an operation goes to: that of the first ARN in its input, else the configured
 * one. */
struct slice caller_region(const struct caller *caller, const struct value *input);
