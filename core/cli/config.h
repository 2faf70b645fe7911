/* What the operator decides, and what the team's tidelock.lua beside the policies chooses of it
 * (docs/configuration.md). Both are chunks of plain Lua data, evaluated like everything in Lua that
 * somebody else wrote, in a process that is locked in. */
#pragma once

#include "base/value.h"

#include <limits.h>

#define CONFIG_FILE "tidelock.lua"
#define CONFIG_USERS "tidelock/config.lua" /* below ~/.config, or /etc */
#define CONFIG_STATE ".tidelock"           /* the state folder beside it, where it names none */

struct config {
    char path[PATH_MAX];       /* the operator's file; where there is none, the team's; or "" */
    char team_path[PATH_MAX];  /* the team's beside the operator's; "": it has not spoken */
    bool is_operators;         /* there is an operator's */
    bool is_named;             /* and it was named for this run, not only found */
    char state[PATH_MAX];      /* the state folder, taken from the folder of the file */
    const struct value *value; /* all of it, an object. `providers` and `metrics` are tables here;
                                  what is in them is checked by lua/metrics/config.lua */
    struct slice profile;      /* empty: none given */
    struct slice region;
    const struct value *operations; /* lists of patterns; NULL: any */
    const struct value *resources;
    const struct value *team_allow;      /* of the team's file: `allow`, or NULL */
    const struct value *team_operations; /* those of the team's file have to fit as well */
    const struct value *team_resources;
    int64_t calls_per_minute; /* 0: no limit (world/rate.h) */
    int64_t at_a_time;
    int64_t patience; /* both of a rollback, ms (engine/engine_params.h); 0: as usual */
    int64_t lateness;
    struct pool pool;
};

/* The operator's file is `path` (--config), else TIDELOCK_CONFIG, which must be there, else the
 * user's or the machine's own; the team's lies beside `policy`, or in the current folder where that
 * is NULL. Where only the team's is there, it decides as the operator's would, but for secrets.
 * Clear it in any case. */
bool config_read(struct config *config, const char *path, const char *policy, struct error *err);
void config_clear(struct config *config);

/* The same from a value; `name` stands in messages. The value is borrowed. */
bool config_check(struct config *config, const char *name, const struct value *value,
                  struct error *err);

/* May the run do this, to that? An operation is a name of the catalogue, a resource the key that
 * the catalogue gives a mutation. */
bool config_allows_operation(const struct config *config, struct slice operation);
bool config_allows_resource(const struct config *config, struct slice resource);

/* Does the text fit the pattern, in which * stands for any bytes? */
bool config_matches(struct slice pattern, struct slice text);

/* --- the team's file beside the operator's (config_team.c) ----------------------------------- */

/* Which environment variables a file may send to a metric provider: none of AWS's, and a team's own
 * only (TIDELOCK_...). */
bool config_team_check(const char *file, const struct value *value, bool team, struct error *err);

/* Adds to the operator's configuration what the team's chooses and narrows. */
bool config_team_join(struct config *config, const struct config *team, struct error *err);

/* What the team's narrowed is as the operator left it: a branch that is checked out by now does not
 * keep a run from being put back. */
void config_team_leave(struct config *config);
