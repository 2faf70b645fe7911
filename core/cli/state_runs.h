/* The runs of a state folder: which one is meant, which there are, and how each is doing. */
#pragma once

#include "cli/state_file.h"

/* Which run is meant: a whole name, the beginning or the end of only one, or "last". */
bool state_find(const struct state *state, const char *text, char run[STATE_RUN_SIZE],
                struct error *err);
/* The same to recover it: "last" is the last one that is to be recovered, if there is one. */
bool state_find_open(const struct state *state, const char *text, char run[STATE_RUN_SIZE],
                     struct error *err);

/* --- how a run is doing ---------------------------------------------------------------------- */

/* Whether it is to be recovered: cut short, unreadable, or ended with something that was not
 * restored. */
bool state_left_open(const struct state_run *run);

bool state_look(const struct state *state, const char *run, struct state_run *out,
                struct error *err);

/* The same of runs that were read already, sorted by their names: what stands beside their journals
 * is added. The locks know of changes that those do not tell of, and a person may have said that
 * all is well. */
bool state_look_beside(const struct state *state, struct state_run *runs, size_t count,
                       struct error *err);

typedef char state_name[STATE_RUN_SIZE];

/* The names of all, the oldest first; to be freed in any case. */
bool state_names(const struct state *state, state_name **names, size_t *count, struct error *err);

/* state_look() by the first and the last record, where those say it. */
bool state_glance(const struct state *state, const char *run, struct state_run *out,
                  struct error *err);
