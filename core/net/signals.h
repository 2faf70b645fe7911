/* The signals that end a run, as something to read: no handler runs, nothing is interrupted. */
#pragma once

#include "base/error.h"

#include <signal.h>

struct signals {
    int fd;
    sigset_t before; /* the mask to go back to */
    struct sigaction pipe_before;
};

bool signals_open(struct signals *signals, struct error *err);
void signals_close(struct signals *signals);
int signals_take(struct signals *signals); /* a number, or 0 */
