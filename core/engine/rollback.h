/* Putting everything back. */
#pragma once

#include "engine/engine_state.h"

/* Puts back what the ledger has pending; result->conflicts counts what could not be. False only
 * where nothing can be recorded any more. */
bool rollback_run(struct engine *engine, struct error *err);
