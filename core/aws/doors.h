/* The doors to the real outside: the process's variables, files, commands, and HTTP over the loop.
 * While one of them waits, the loop goes on and calls what else is due. */
#pragma once

#include "aws/credentials.h"
#include "net/net.h"

struct doors {
    struct credentials_doors credentials;
    struct environment environment;
    struct settings_files files;
    struct net *net;
    int64_t clock_offset;  /* ms: the servers' clock less ours, as far as they told */
    const char *ca_bundle; /* a file; at first what AWS_CA_BUNDLE says, NULL if nothing */
    int64_t command_ms;    /* how long a command may take; at first a minute */
};

/* `doors` stays where it is; `net` outlives it. */
void doors_init(struct doors *doors, struct net *net);
