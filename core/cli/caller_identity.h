/* As whom, and where, operations are carried out. */
#pragma once

#include "base/value.h"

struct supervisor;

struct caller_identity {
    struct slice account; /* "123456789012" */
    struct slice arn;     /* of the caller */
    struct slice region;  /* of operations whose input names no other; may be empty */
    struct value home;    /* {"account","partition","region"}: as world_ops.begin tells it */
};

/* Asks STS, which needs no permission, and keeps what it says in the supervisor. ERROR_IO says why
 * nobody answered. */
bool caller_identity_ask(struct supervisor *supervisor, struct error *err);
/* The credentials must be of the account that a run was at home in; `home` as in caller_identity.
 * An STS that does not answer is told and stands in nobody's way. ERROR_INVALID: it is another one.
 */
bool caller_identity_check(struct supervisor *supervisor, const struct value *home,
                           struct error *err);
