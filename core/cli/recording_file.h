/* A recording of live metrics, as a new file: whole or not at all, and never in the place of
 * another. */
#pragma once

#include "world/live.h"

/* Everything that the live world has read so far. What is worth knowing of it is told on stderr, if
 * that is wanted. */
bool recording_file_write(const char *path, struct live_metrics *metrics,
                          const struct live_wanted *wanted, bool tell, struct error *err);
