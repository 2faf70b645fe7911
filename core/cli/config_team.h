/* The team's file beside the operator's. */
#pragma once

#include "cli/config.h"

/* Which environment variables a file may send to a metric provider: none of AWS's, and a team's own
 * only (TIDELOCK_...). */
bool config_team_check(const char *file, const struct value *value, bool team, struct error *err);

/* Adds to the operator's configuration what the team's chooses and narrows. */
bool config_team_join(struct config *config, const struct config *team, struct error *err);
