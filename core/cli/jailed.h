/* Runs what reads outside bytes in a process that is locked in, and says where the machine lacks a
 * wall of that (docs/sandbox.md). */
#pragma once

#include "script/jail.h"

/* What the kernel lacks, "" where all walls stand. */
const char *jailed_lacks(void);

/* Says so on standard error, once. */
void jailed_tell(void);

/* jail_run() after that. */
bool jailed_run(jail_body_fn *body, void *context, int *status, struct error *err);
