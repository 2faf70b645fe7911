/* Whether a run still has what it stands on: its journal and its locks are those that it opened,
 * and it did not stand still for so long (a stopped process, a laptop that slept) that another may
 * have put back meanwhile what it changed. While that is not certain, nothing forward is sent. */
#pragma once

#include "cli/supervisor_state.h"

struct journal_file;

/* From now on it is looked at: before every event that the run follows, and before a change leaves.
 * `file` is the run's journal. */
bool supervisor_stand(struct supervisor *supervisor, struct journal_file *file, struct error *err);
void supervisor_stand_down(struct supervisor *supervisor);

/* Live hooks (world/live.h, world/caller.h). */
bool supervisor_stands(void *context, struct error *err);
/* Notes that this process is awake; for who waits without looking at events. */
void supervisor_be_awake(struct supervisor *supervisor);

bool supervisor_may_leave(void *context, struct slice operation, struct error *err);
