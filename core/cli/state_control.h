/* What people ask of a run from another terminal, through its control file: asking, and hearing
 * what was asked. */
#pragma once

#include "cli/state_runs.h"
#include "engine/world.h"

struct state_asked {
    enum request request;
    char by[STATE_PERSON_SIZE]; /* without control characters */
    int64_t at;                 /* ms */
};

/* Who this process acts for: "ann on ci-7". */
void state_person(char out[STATE_PERSON_SIZE]);

/* Asks it of a run, which `about` tells how it was doing. ERROR_CONFLICT if no process is there to
 * hear it, or if it is rolling back, which nothing but an abort agrees with. */
bool state_ask(const struct state *state, const char *run, enum request request,
               struct state_run *about, struct error *err);

/* The run's own ear. What was asked before it was opened is not heard: it was meant for another
 * life of the run. */
struct state_control {
    int fd;
    int64_t at; /* bytes heard */
};

bool state_control_path(const struct state *state, const char *run, char path[PATH_MAX],
                        struct error *err);
bool state_control_open(const struct state *state, const char *run, struct state_control *control,
                        struct error *err);
void state_control_close(struct state_control *control);

/* The next thing asked; *any is false if there is none. A line that asks for nothing known is an
 * error, once. */
bool state_control_next(struct state_control *control, struct state_asked *asked, bool *any,
                        struct error *err);
