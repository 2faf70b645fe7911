/* What a run asked for, by its journal, asked for again: for recordings that are made while it
 * lasts, or afterwards, or of another time.
 *
 * What the run itself read goes before what the providers answer now: they may have got more since,
 * and do not know when they did not answer. */
#pragma once

#include "journal/journal.h"
#include "world/live_metrics.h"

/* Metrics of one target that were looked at together. */
struct past_question {
    const struct value *target;
    struct slice metrics[SAMPLE_METRICS_MAX];
    size_t count;
};

/* Which question the watch of this effect asks at its ticks. */
struct past_watch {
    int64_t id;
    size_t question;
};

struct past {
    const struct journal_scan *scan;
    struct past_question *questions;
    size_t question_count;
    struct past_watch *watches;
    size_t watch_count;
    int64_t from; /* the run's first record, or what a metric effect asked for before it */
    int64_t to;   /* its first end; -1: it has none */
};

/* In `pool`, and of the scan's values. ERROR_INVALID if it asked for no metrics. */
bool past_read(struct past *past, const struct journal_scan *scan, struct pool *pool,
               struct error *err);

/* Asks for the periods in [from, to) that had settled at `now`, part by part, and keeps them for
 * the recording. ERROR_IO says which metric was not answered, and for when; ERROR_INVALID that
 * nothing has settled yet. Whoever asks for the end (live_hooks.asked) ends this, too. */
bool past_ask(const struct past *past, struct live *live, int64_t from, int64_t to,
              struct error *err);
