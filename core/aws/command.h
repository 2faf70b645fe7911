/* One command of the operator's, such as credential_process. */
#pragma once

#include "net/net.h"

/* Run by the shell, in a process group of its own, with nothing to read. Appends what it printed.
 * False, and *err with what it said on stderr, if it does not end with 0 within `ms`; what then
 * still runs is killed. */
bool command_run(struct net *net, const char *command, int64_t ms, struct buffer *out,
                 struct error *err);
