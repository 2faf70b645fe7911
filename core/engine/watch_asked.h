/* What a watch is asked for: its times, and the panel that goes on from the watches before it. */
#pragma once

#include "engine/engine_state.h"

/* Each fails with ERROR_INVALID where the effect is at fault. */
bool watch_read_times(struct engine *engine, struct operation *operation, struct error *err);
bool watch_find_panel(struct engine *engine, struct operation *operation, struct error *err);
