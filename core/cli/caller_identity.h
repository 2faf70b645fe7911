/* As whom, and where, operations are carried out. */
#pragma once

#include "cli/supervisor.h"

/* Asks STS, which needs no permission, and keeps what it says in the supervisor. ERROR_IO says why
 * nobody answered. */
bool caller_identity_ask(struct supervisor *supervisor, struct error *err);
/* The credentials must be of the account that a run was at home in, `home` as in struct
 * caller_identity. An STS that does not answer is told and stands in nobody's way. ERROR_INVALID:
 * it is another one. */
bool caller_identity_check(struct supervisor *supervisor, const struct value *home,
                           struct error *err);
