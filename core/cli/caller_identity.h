/* As whom, and where, operations are carried out. */
#pragma once

#include "base/value.h"

struct supervisor;

struct caller_identity {
    struct slice account;   /* "123456789012" */
    struct slice arn;       /* of the caller */
    struct slice partition; /* "aws" */
    struct slice region;    /* of operations whose input names no other; may be empty */
};

/* Asks STS, which needs no permission. ERROR_IO says why nobody answered. The slices are in the
 * pool. */
bool caller_identity_ask(struct supervisor *supervisor, struct caller_identity *identity,
                         struct pool *pool, struct error *err);
