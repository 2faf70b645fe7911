/* The real machine behind credentials_io: the process's variables, files, commands, and HTTP over
 * the loop. While one of them waits, the loop goes on and calls what else is due. */
#pragma once

#include "aws/credentials.h"
#include "net/net.h"

struct system_io {
    struct credentials_io credentials;
    struct environment environment;
    struct settings_files files;
    struct net *net;
    int64_t clock_offset;  /* ms: the servers' clock less ours, as far as they told */
    const char *ca_bundle; /* a file; at first what AWS_CA_BUNDLE says, NULL if nothing */
    int64_t command_ms;    /* how long a command may take; at first a minute */
};

/* `io` stays where it is; `net` outlives it. */
void system_io_init(struct system_io *io, struct net *net);
