/* Putting everything back. */
#pragma once

#include "engine/engine_state.h"

/* Whatever becomes of it is recorded and counted in the result. False only where storage, or the
 * world's clock, failed. */
bool rollback_run(struct engine *engine, struct error *err);
