/* What a run asked for, by its journal, asked for again: for recordings that are made while it
 * lasts, or afterwards, or of another time (lua/metrics/backfill.lua). */
#pragma once

#include "journal/journal.h"
#include "world/live_metrics.h"

struct backfill {
    const struct journal_scan *scan;
    struct value questions; /* [{"target","metrics","watch"?}...] */
    struct value ticks;     /* [{"watch","periods","at"}...] */
    struct value home;      /* the run's, null where its journal does not say it */
    int64_t from; /* the run's first record, or what a metric effect asked for before it */
    int64_t to;   /* its first end; -1: it has none */
};

/* In `pool`, and of the scan's values. ERROR_INVALID if it asked for no metrics. */
bool backfill_read(struct backfill *backfill, const struct journal_scan *scan, struct pool *pool,
                   struct error *err);

/* Asks for the periods in [from, to) that had settled at `now`, part by part, and keeps them for
 * the recording. ERROR_IO says which metric was not answered, and for when; ERROR_INVALID that
 * nothing has settled yet. Whoever asks the run for its end ends this, too. */
bool backfill_ask(const struct backfill *backfill, struct live_metrics *metrics, int64_t from,
                  int64_t to, int64_t now, struct error *err);
