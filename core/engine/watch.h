/* Effects of kind watch. */
#pragma once

#include "engine/engine_state.h"

bool watch_begin(struct engine *engine, struct operation *operation, struct error *err);
