/* A run on its way to a person or a program: its records told one by one as they are written. As
 * text, a timeline on standard output, and on a terminal below it one line that is redrawn (target,
 * weight, verdict, numbers, time left); as jsonl, the journal's own lines. */
#pragma once

#include "cli/verb.h"
#include "engine/engine.h"
#include "host/host.h"

struct progress {
    enum format format;
    struct host *host;
    struct pool pool;
    bool live;    /* the line is drawn (cli/terminal.h) */
    double pace;  /* rollout seconds to the second on the clock; 0: as fast as it goes */
    int64_t last; /* time of the record before */
};

/* `ticks`: tell every tick and not only the verdicts. */
bool progress_open(struct progress *progress, enum format format, bool ticks, struct host *host,
                   struct error *err);
void progress_clear(struct progress *progress);

/* What was before, in a line or two: of the records from now on the timeline is told. As jsonl,
 * nothing. */
bool progress_recall(struct progress *progress, const struct journal_scan *scan, struct error *err);

/* An engine_observe_fn; the context is the progress. */
void progress_tell(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                   struct slice line);

/* Whether a stream is to be coloured: NO_COLOR, CLICOLOR_FORCE, CLICOLOR, then isatty. */
bool progress_colour(int fd);
