/* A panel: the judges of one target over a whole run. It is fed the samples of each tick and gives
 * a verdict; its judges remember across watches, so that the false-alarm rate holds for the rollout
 * and not for each step anew. */
#pragma once

#include "engine/hearing.h"
#include "judge/judge.h"

enum { PANEL_JUDGES_MAX = 8 };

struct panel_judge {
    const struct judge_ops *ops;
    void *self;
    struct slice name;
};

/* The last period that was judged, as it is known now. */
struct panel_newest {
    bool any;
    struct reading canary[JUDGE_READINGS_MAX], baseline[JUDGE_READINGS_MAX];
};

/* The alarms that its judges heed, and how they were heard. */
struct panel_alarms {
    struct alarm said[JUDGE_ALARMS_MAX]; /* at the last look; reasons last as long as the look */
    int64_t answered;                    /* the last look at which all were; -1: none yet */
    int64_t unanswered;                  /* looks in a row since then */
    int64_t blind[JUDGE_ALARMS_MAX];     /* looks in a row at which each could not tell */
    int64_t settle;                      /* how long it takes until they know of something */
};

struct panel {
    const struct value *target, *judges; /* what the watch asked for: tells panels apart */
    struct judge_metrics metrics;        /* whose readings samples have, in this order */
    struct panel_judge judge[PANEL_JUDGES_MAX];
    size_t judge_count;
    int64_t after;         /* the next period to ask for starts here or later */
    int64_t period, still; /* of the last one (world.h) */
    int64_t shift_began;   /* the first change since the last watch; -1: there was none */
    int64_t ends;          /* looks since the source said that nothing will come any more */
    bool unread;
    struct hearing heard;
    struct panel_newest newest;
    struct panel_alarms alarms;
    struct panel_revisions *revisions; /* of periods that may still change; NULL: there was none */
    struct panel *next;
};

/* From the "judges" of a watch effect; the judges are made in `pool`. ERROR_INVALID says which
 * field of which judge. */
bool panel_init(struct panel *panel, const struct value *target, const struct value *judges,
                struct pool *pool, struct error *err);
/* The same in steps: a panel without judges, and one more for it, which need not be among those of
 * judge_find. */
void panel_clear(struct panel *panel, const struct value *target, const struct value *judges);
bool panel_add(struct panel *panel, const struct judge_ops *ops, const struct value *judge,
               struct pool *pool, struct error *err);
/* A new watch begins, at this share of the traffic in percent; its limits are those of `heard`. */
void panel_restart(struct panel *panel, int64_t now, double share);
/* It is over. What begins from now on until the next one does was watched by none. */
void panel_end(struct panel *panel, int64_t now);
/* The policy was told of silence: what comes next is borne anew. */
void panel_forget(struct panel *panel);
/* Whether nobody reads panel_report of this watch: a thousand runs of a simulation keep no journal.
 */
void panel_unread(struct panel *panel, bool unread);
/* One period, as it is known now: a new one, or one that is still open and was read again. It may
 * have begun before the watch did: metrics come late, and what came of the share before is evidence
 * too. Only what silence means depends on the share, and so on whose time it was. *changed is false
 * for what was known already; of what has changed `sample` then has all that is known. */
bool panel_take(struct panel *panel, struct sample *sample, int64_t now, bool *changed,
                struct pool *pool, struct error *err);
/* What has not changed for long enough is not open any more. */
void panel_settle(struct panel *panel, int64_t now);
/* The start of the first period that is to be read again, or for the first time. */
int64_t panel_open(const struct panel *panel);
/* The alarms that a look is to ask for; false if there are none. Reasons are put into `pool`. */
bool panel_alarm_look(struct panel *panel, struct alarm_look *look, struct pool *pool);
/* What they say goes to the judges. */
void panel_heed(struct panel *panel, int64_t now);
/* Whether the watch under way saw something of its own time. */
bool panel_has_seen(const struct panel *panel);
/* Whether all were heard at `at` or later. */
bool panel_heard_alarms(const struct panel *panel, int64_t at);
/* Looks in a row at which one of them could not tell, where there is nothing else to go by; *which
 * is the one that could not for longest. 0: all can, or there are metrics. */
int64_t panel_blind(const struct panel *panel, size_t *which);
/* How long what a judge has heard may take until it is harm, if nothing changes, ms. */
int64_t panel_lasting(const struct panel *panel);
/* Looks, or periods, in a row that nobody answered. */
int64_t panel_unanswered(const struct panel *panel);
/* panel_restart and panel_take without any regard to what may change. */
void panel_begin(struct panel *panel, int64_t now, double share);
void panel_observe(struct panel *panel, const struct sample *sample);
/* Whether only those judges are given the period that always are: traffic was shifted in it, or was
 * after it, and the watch that knows the share of then has not begun; or the canary was settling
 * in. */
enum left_out panel_left_out(const struct panel *panel, const struct sample *sample);
/* `over`: the watch's time is, so that what was not heard of is missing for good. */
enum verdict panel_verdict(const struct panel *panel, bool over);

/* Why it is not known yet how the newest periods are to be taken: something was silent in them, or
 * is on its way to harm. Empty where it is known. */
bool panel_doubt(const struct panel *panel, char *why, size_t size, struct pool *pool,
                 struct error *err);

/* The smallest rise that a judge of it could have seen in this watch, as a multiple; 0 where none
 * compares, POWER_NONE where none could. */
double panel_sees(const struct panel *panel);
/* The same of those that compare rates; 0 where none does. */
double panel_sees_rise(const struct panel *panel);

/* [{"name","judge","verdict","says":[line...],...numbers}...] */
bool panel_report(const struct panel *panel, struct value *out, struct pool *pool,
                  struct error *err);
/* What each judge takes for harm: ["more errors per requests than ..."...] */
bool panel_harm_at(const struct panel *panel, struct value *out, struct pool *pool,
                   struct error *err);
/* The judge that found harm and what it says, as one sentence; false if none did. */
bool panel_explain_harm(const struct panel *panel, char *text, size_t size);
