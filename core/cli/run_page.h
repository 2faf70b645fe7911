/* How one run is doing, as a page: what state_look() says, and what its records tell of targets,
 * shares and verdicts (lua/report/page.lua). */
#pragma once

#include "cli/state_runs.h"
#include "host/host.h"

/* {"began","last","policy","records","run","status"} and, where they apply, "account" and "region",
 * "exit" and "outcome" of the end, "lost" (what was changed where the journal does not reach),
 * "paused_at", "paused_by", "reason", "targets" [{"target","type","share"}...] and "verdict", the
 * last one. `page` is the same as text, for
 * people. */
bool run_page_read(struct host *host, const struct state_file *file, const struct state_run *run,
                   struct value *out, struct slice *page, struct pool *pool, struct error *err);

/* The same without the page, for who lists many: of all that was measured, only the last tick of
 * the last watch is read. */
bool run_page_skim(struct host *host, const struct state_file *file, const struct state_run *run,
                   struct value *out, struct pool *pool, struct error *err);
