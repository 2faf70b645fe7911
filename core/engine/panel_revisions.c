/* Periods that may still change. A source goes on counting a period that is over for a while: what
 * came late is judged as if it had been there in time. The judges are kept as they were before the
 * first such period; what came since is kept beside them, and gone through again where a part of it
 * has changed. */
#include "engine/panel.h"

#include <string.h>

enum { REVISIONS_MAX = 64 };

enum revision { REVISION_PERIOD, REVISION_BEGIN, REVISION_END, REVISION_FORGET };

/* One thing that a panel was told of. */
struct told {
    enum revision what;
    int64_t at;    /* a period: its start; otherwise when it happened */
    int64_t since; /* a period: when it was first read, or last changed */
    double share;  /* of a watch that begins, its limits, and what is left out */
    struct hearing_limits limits;
    struct hearing_gap gaps[HEARING_GAPS];
    struct reading canary[SAMPLE_METRICS_MAX], baseline[SAMPLE_METRICS_MAX];
};

struct panel_revisions {
    struct hearing heard; /* before the first of them; the judges likewise */
    void *judges[PANEL_JUDGES_MAX];
    struct told told[REVISIONS_MAX];
    size_t count;
};

/* --- as it was before ------------------------------------------------------------------------- */

/* Who looks at no periods is not gone back with: what an alarm said, it said. */
static bool looks_at_periods(const struct panel_judge *judge)
{
    return judge->ops->observe != NULL;
}

static void keep(struct panel *panel)
{
    struct panel_revisions *kept = panel->revisions;
    kept->heard = panel->heard;
    for (size_t i = 0; i < panel->judge_count; i++) {
        if (looks_at_periods(&panel->judge[i]))
            memcpy(kept->judges[i], panel->judge[i].self, panel->judge[i].ops->size);
    }
}

static void restore(struct panel *panel)
{
    const struct panel_revisions *kept = panel->revisions;
    panel->heard = kept->heard;
    for (size_t i = 0; i < panel->judge_count; i++) {
        if (looks_at_periods(&panel->judge[i]))
            memcpy(panel->judge[i].self, kept->judges[i], panel->judge[i].ops->size);
    }
    panel_unread(panel, panel->unread);
}

static bool make_revisions(struct panel *panel, struct pool *pool, struct error *err)
{
    if (panel->revisions)
        return true;
    struct panel_revisions *made = pool_alloc(pool, sizeof *made, err);
    for (size_t i = 0; made && i < panel->judge_count; i++) {
        made->judges[i] = pool_alloc(pool, panel->judge[i].ops->size, err);
        if (!made->judges[i])
            return false;
    }
    if (made)
        made->count = 0;
    panel->revisions = made;
    return made != NULL;
}

/* --- what it was told, the first time and again ------------------------------------------------
 */

static void judge_period(struct panel *panel, const struct told *told)
{
    struct sample sample; /* the judges look at nothing else */
    sample.at = told->at;
    sample.period = panel->period;
    memcpy(sample.canary, told->canary, panel->metrics.count * sizeof *told->canary);
    memcpy(sample.baseline, told->baseline, panel->metrics.count * sizeof *told->baseline);
    panel_observe(panel, &sample);
}

static void tell(struct panel *panel, const struct told *told)
{
    switch (told->what) {
    case REVISION_PERIOD:
        judge_period(panel, told);
        break;
    case REVISION_BEGIN:
        panel->heard.limits = told->limits;
        memcpy(panel->heard.gaps, told->gaps, sizeof told->gaps);
        panel_begin(panel, told->at, told->share);
        break;
    case REVISION_END:
        hearing_end(&panel->heard, told->at);
        break;
    case REVISION_FORGET:
        hearing_forget(&panel->heard);
        break;
    }
}

/* The first `count` cannot change any more: they are a part of what is kept. */
static void let_go(struct panel *panel, size_t count)
{
    struct panel_revisions *revisions = panel->revisions;
    if (count == 0)
        return;
    restore(panel);
    for (size_t i = 0; i < count; i++)
        tell(panel, &revisions->told[i]);
    keep(panel);
    revisions->count -= count;
    memmove(revisions->told, revisions->told + count, revisions->count * sizeof *revisions->told);
    for (size_t i = 0; i < revisions->count; i++)
        tell(panel, &revisions->told[i]);
}

static struct told *add(struct panel *panel, enum revision what, int64_t at)
{
    struct panel_revisions *revisions = panel->revisions;
    if (revisions->count == REVISIONS_MAX)
        let_go(panel, 1);
    struct told *told = &revisions->told[revisions->count++];
    told->what = what;
    told->at = at;
    return told;
}

static bool any(const struct panel *panel)
{
    return panel->revisions && panel->revisions->count > 0;
}

void panel_restart(struct panel *panel, int64_t now, double share)
{
    if (any(panel)) {
        struct told *told = add(panel, REVISION_BEGIN, now);
        told->share = share;
        told->limits = panel->heard.limits;
        memcpy(told->gaps, panel->heard.gaps, sizeof told->gaps);
    }
    panel_begin(panel, now, share);
}

void panel_end(struct panel *panel, int64_t now)
{
    if (any(panel))
        add(panel, REVISION_END, now);
    hearing_end(&panel->heard, now);
}

void panel_forget(struct panel *panel)
{
    if (any(panel))
        add(panel, REVISION_FORGET, 0);
    panel->ends = 0;
    panel->alarms.unanswered = 0;
    hearing_forget(&panel->heard);
}

/* --- periods -----------------------------------------------------------------------------------
 */

static struct told *find(struct panel *panel, int64_t at)
{
    for (size_t i = 0; any(panel) && i < panel->revisions->count; i++) {
        struct told *told = &panel->revisions->told[i];
        if (told->what == REVISION_PERIOD && told->at == at)
            return told;
    }
    return NULL;
}

static bool are_equal(const struct reading *a, const struct reading *b)
{
    return a->status == b->status &&
           (a->status != READING_VALUE || memcmp(&a->value, &b->value, sizeof a->value) == 0);
}

/* Who does not answer takes nothing back of what was said before. */
static bool replace(struct reading *readings, const struct reading *by, size_t count)
{
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        if (by[i].status == READING_PROVIDER_ERROR || are_equal(&readings[i], &by[i]))
            continue;
        readings[i] = by[i];
        changed = true;
    }
    return changed;
}

static void revise(struct panel *panel, struct sample *sample, int64_t now, bool *changed)
{
    struct told *told = find(panel, sample->at);
    size_t count = panel->metrics.count;
    *changed = false;
    if (!told)
        return;
    *changed = replace(told->canary, sample->canary, count);
    *changed = replace(told->baseline, sample->baseline, count) || *changed;
    if (!*changed)
        return;
    told->since = now;
    memcpy(sample->canary, told->canary, count * sizeof *told->canary);
    memcpy(sample->baseline, told->baseline, count * sizeof *told->baseline);
    restore(panel);
    for (size_t i = 0; i < panel->revisions->count; i++)
        tell(panel, &panel->revisions->told[i]);
}

static bool keep_open(struct panel *panel, const struct sample *sample, int64_t now,
                      struct pool *pool, struct error *err)
{
    size_t count = panel->metrics.count;
    if (!make_revisions(panel, pool, err))
        return false;
    if (!any(panel))
        keep(panel);
    struct told *told = add(panel, REVISION_PERIOD, sample->at);
    told->since = now;
    memcpy(told->canary, sample->canary, count * sizeof *told->canary);
    memcpy(told->baseline, sample->baseline, count * sizeof *told->baseline);
    return true;
}

bool panel_take(struct panel *panel, struct sample *sample, int64_t now, bool *changed,
                struct pool *pool, struct error *err)
{
    *changed = true;
    panel->period = sample->period;
    panel->still = sample->still;
    if (sample->at < panel->after) {
        revise(panel, sample, now, changed);
        return true;
    }
    panel->after = sample->at + 1;
    if ((sample->still > 0 || any(panel)) && !keep_open(panel, sample, now, pool, err))
        return false;
    panel_observe(panel, sample);
    return true;
}

void panel_settle(struct panel *panel, int64_t now)
{
    size_t count = 0;
    if (!any(panel))
        return;
    for (; count < panel->revisions->count; count++) {
        const struct told *told = &panel->revisions->told[count];
        if (told->what == REVISION_PERIOD && now - told->since < panel->still)
            break;
    }
    let_go(panel, count);
}

int64_t panel_open(const struct panel *panel)
{
    for (size_t i = 0; any(panel) && i < panel->revisions->count; i++) {
        const struct told *told = &panel->revisions->told[i];
        if (told->what == REVISION_PERIOD)
            return told->at;
    }
    return panel->after;
}
