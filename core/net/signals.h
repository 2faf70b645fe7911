/* The signals that end a run, as something to read: no handler runs, nothing is interrupted. Until
 * one was taken, and another is to end the process. */
#pragma once

#include "base/error.h"

#include <signal.h>
#include <stdint.h>

enum { SIGNALS_DEADLY = 2 };

struct signals {
    int fd;
    sigset_t taken;  /* those that were not ignored when we came */
    sigset_t before; /* the mask to go back to */
    struct sigaction pipe_before;
    bool ends; /* signals_end was called */
    struct sigaction deadly_before[SIGNALS_DEADLY];
};

bool signals_open(struct signals *signals, struct error *err);
void signals_close(struct signals *signals);
int signals_take(struct signals *signals); /* a number, or 0 */
/* net_ignore_signals: they stay ignored when these are closed */
int signals_ignore(struct signals *signals);
/* net_end_at_signal */
void signals_end(struct signals *signals, const char *line, int64_t within);
