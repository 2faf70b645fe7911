/* tidelock.lua: what the operator, not the policy, decides (docs/configuration.md). A chunk of
 * plain Lua data beside the policy; it is evaluated like everything in Lua that somebody else
 * wrote, in a process that is locked in. */
#pragma once

#include "base/value.h"

#include <limits.h>

#define CONFIG_FILE "tidelock.lua"
#define CONFIG_STATE ".tidelock" /* the state folder beside it, where it names none */

struct config {
    char path[PATH_MAX];       /* "": there is none, all is as by default */
    char state[PATH_MAX];      /* the state folder, taken from the folder of the file */
    const struct value *value; /* all of it, an object. `providers` and `metrics` are tables here;
                                  what is in them is checked by lua/metrics/config.lua */
    struct slice profile;      /* empty: none given */
    struct slice region;
    const struct value *operations; /* lists of patterns; NULL: any */
    const struct value *resources;
    int64_t calls_per_minute; /* 0: no limit (world/rate.h) */
    int64_t at_a_time;
    int64_t patience; /* of a rollback, ms; 0: as usual */
    struct pool pool;
};

/* `path` (--config) must be there; without it, the file beside `policy` is taken if there is one,
 * or that of the current folder where `policy` is NULL. Clear it in any case. */
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
