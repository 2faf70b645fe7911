/* The alarms of a recording: what each said, from when on. They stand in its manifest, since they
 * have no periods and seldom change. */
#pragma once

#include "world/recording.h"

/* "alarms" of the manifest, NULL where there are none. */
bool recording_alarms_read(struct recording *recording, const struct value *alarms,
                           struct error *err);
bool recording_alarms_value(const struct recording *recording, struct value *out, struct pool *pool,
                            struct error *err);
/* Where there are no points, from when to when the recording is. */
void recording_alarms_widen(struct recording *recording);
