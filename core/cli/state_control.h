/* What people ask of a run from another terminal, through its control file: asking, and hearing
 * what was asked. */
#pragma once

#include "cli/state_runs.h"
#include "engine/world.h"

enum { STATE_WHY_SIZE = 512 };

struct state_asked {
    enum request request;
    char by[STATE_PERSON_SIZE]; /* without control characters */
    int64_t at;                 /* ms */
    int64_t approval;           /* the effect that is meant; 0: none is */
    char why[STATE_WHY_SIZE];   /* as `by`; empty: nobody said */
};

/* Who this process acts for: "ann on ci-7". */
void state_person(char out[STATE_PERSON_SIZE]);

/* Asks it of a run, which `about` tells how it was doing; who asks and when is filled in.
 * ERROR_CONFLICT if no process is there to
 * hear it, or none that hears the file that is there, or if it is rolling back, which nothing but
 * an abort agrees with. */
bool state_ask(const struct state *state, const char *run, struct state_asked *asked,
               struct state_run *about, struct error *err);

/* The run's own ear, whose lock shows who asks that somebody hears it. What was asked before it
 * was opened is not heard: it was meant for another life of the run. */
struct state_control {
    int fd;
    int64_t at;    /* bytes heard */
    int64_t heard; /* when the last thing that was heard was asked, ms */
    int64_t since; /* what was asked by then was heard before the file was cut short */
};

bool state_control_path(const struct state *state, const char *run, char path[PATH_MAX],
                        struct error *err);
bool state_control_open(const struct state *state, const char *run, struct state_control *control,
                        struct error *err);
void state_control_close(struct state_control *control);

/* The next thing asked; *any is false if there is none. Lines that ask for nothing known, and a
 * file that grew by more than anybody asks, are an error, once, whether there is another or not. */
bool state_control_next(struct state_control *control, struct state_asked *asked, bool *any,
                        struct error *err);
