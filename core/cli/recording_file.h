/* A recording of live metrics, as a new file: whole or not at all, and never in the place of
 * another. */
#pragma once

#include "world/live.h"

/* Whether a file can be made there: ERROR_INVALID if there is one, or no folder for it. To be asked
 * before the work. */
bool recording_file_check(const char *path, struct error *err);

/* Everything that the live world has read so far. What is worth knowing of it is told on stderr, if
 * that is wanted. */
bool recording_file_write(const char *path, struct live *live, const struct live_wanted *wanted,
                          bool tell, struct error *err);
