/* The text of a recording, read. Reading is strict: whatever is not described is ERROR_INVALID and
 * names the line and what was expected; more than the maxima of recording.h is ERROR_LIMIT. */
#pragma once

#include "world/recording.h"

/* *out is to be freed by the caller. */
bool recording_open(struct recording **out, struct slice text, struct error *err);
