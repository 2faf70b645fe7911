/* The first line of a recording: which series there are. Fills everything of struct recording but
 * the points. */
#pragma once

#include "world/recording.h"

bool recording_manifest_read(struct recording *recording, struct slice line, struct error *err);
bool recording_manifest_write(const struct recording *recording, struct buffer *buffer,
                              struct error *err);
