/* A panel: the judges of one target over a whole run. It is fed the samples of each tick and gives
 * a verdict; its judges remember across watches, so that the false-alarm rate holds for the rollout
 * and not for each step anew. */
#pragma once

#include "engine/world.h"
#include "judge/judge.h"

enum { PANEL_JUDGES_MAX = 8 };

/* How many periods without data, or without an answer from the provider, end the watch. */
struct panel_limits {
    int64_t no_data;        /* 3 */
    int64_t provider_error; /* 4 */
    double
        min_expected; /* canary requests that must have been expected before silence counts; 10 */
};

enum panel_judge_kind { PANEL_RATIO, PANEL_THRESHOLD };

struct panel_judge {
    enum panel_judge_kind kind;
    struct slice name;
    union {
        struct judge_ratio ratio;
        struct judge_threshold threshold;
    };
    size_t events[JUDGE_METRICS_MAX], trials[JUDGE_METRICS_MAX]; /* indexes into panel.metrics */
    bool has_trials;  /* threshold: false when no "per" was given */
    bool on_baseline; /* threshold: judges the baseline arm */
};

struct panel {
    const struct value *target, *judges; /* what the watch asked for: tells panels apart */
    struct slice metrics[SAMPLE_METRICS_MAX];
    size_t metric_count;
    struct panel_judge judge[PANEL_JUDGES_MAX];
    size_t judge_count;
    size_t requests; /* index of the metric that says whether there was traffic */
    int64_t after;   /* the next period to ask for starts here or later */
    struct panel_limits limits;
    int64_t silent, unanswered; /* periods in a row */
    double expected;            /* canary requests expected in the silent periods */
    bool both_silent;           /* no traffic in either arm during them */
    int64_t began, seen;        /* the watch under way; its own periods that showed traffic */
    double share;               /* of the watch under way, in percent */
    int64_t ended;              /* the watch before it; -1: there was none */
    double share_before;        /* its share */
    struct panel *next;
};

/* From the "judges" of a watch effect. ERROR_INVALID says which field of which judge. */
bool panel_init(struct panel *panel, const struct value *target, const struct value *judges,
                struct error *err);
/* "limits" of a watch, which may be absent. */
bool panel_set_limits(struct panel *panel, const struct value *limits, struct error *err);
/* A new watch begins, at this share of the traffic in percent: sequential judges start one more
 * copy of their test. */
void panel_restart(struct panel *panel, int64_t now, double share);
/* It is over. What begins from now on until the next one does was watched by none. */
void panel_end(struct panel *panel, int64_t now);
/* One period. It may have begun before the watch did: metrics come late, and what came of the share
 * before is evidence too. Only what silence means depends on the share, and so on whose time it
 * was. */
void panel_observe(struct panel *panel, const struct sample *sample);
/* A tick in which the source says that nothing will come any more. */
void panel_observe_end(struct panel *panel);
enum verdict panel_verdict(const struct panel *panel);
enum verdict panel_judge_verdict(const struct panel_judge *judge);
/* [{"name","judge","verdict",...numbers}...] */
bool panel_report(const struct panel *panel, struct value *out, struct pool *pool,
                  struct error *err);

/* The judge that found harm and its numbers, as a sentence; false if none did. */
bool panel_explain_harm(const struct panel *panel, char *text, size_t size);
