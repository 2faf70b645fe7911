/* What share of its traffic a target's canary has had, from the states that the account was in. */
#include "world/simulated.h"
#include "world/simulated_inside.h"

#include <math.h>

static bool share_at(struct simulated *simulated, const struct epoch *epoch,
                     const struct account_request *target, int64_t at, double *percent,
                     int64_t *until, struct error *err)
{
    bool before = at < simulated->start;
    if (!account_share(simulated->account, epoch->state, target, before ? simulated->start : at,
                       percent, until, err))
        return false;
    *until = before ? simulated->start : *until;
    return true;
}

static bool sum_shares(struct simulated *simulated, const struct account_request *target,
                       int64_t from, int64_t to, double *mean, struct error *err)
{
    double sum = 0;
    size_t i = simulated->epoch_count - 1;
    while (i > 0 && simulated->epochs[i].from > from)
        i--;
    for (int64_t at = from, until; at < to; at = until) {
        double percent = 0;
        while (i + 1 < simulated->epoch_count && simulated->epochs[i + 1].from <= at)
            i++;
        if (!share_at(simulated, &simulated->epochs[i], target, at, &percent, &until, err))
            return false;
        simulated->steady = (struct steady_share){target, i + 1, at, until, percent};
        if (i + 1 < simulated->epoch_count && until > simulated->epochs[i + 1].from)
            until = simulated->epochs[i + 1].from;
        until = until < to ? until : to;
        sum += percent * (double)(until - at);
        *mean = until - at == to - from ? percent : sum / (double)(to - from);
    }
    return true;
}

static bool is_steady(const struct simulated *simulated, const struct account_request *target,
                      int64_t from, int64_t to)
{
    const struct steady_share *steady = &simulated->steady;
    return steady->target == target && steady->epoch_count == simulated->epoch_count &&
           steady->from <= from && to <= steady->until;
}

bool simulated_mean_share(void *context, const struct value *target, int64_t from, int64_t to,
                          double *percent, struct error *err)
{
    struct simulated *simulated = context;
    if (target != simulated->last_target) {
        simulated->last_target = NULL;
        if (!account_target(simulated->account, target, &simulated->last_request, err))
            return false;
        simulated->last_target = target;
    }
    if (is_steady(simulated, simulated->last_request, from, to)) {
        *percent = simulated->steady.percent;
        return true;
    }
    return sum_shares(simulated, simulated->last_request, from, to, percent, err);
}

/* What every state of the account comes to, once the traffic has followed. */
static bool peak_of(struct simulated *simulated, const struct account_request *target,
                    double *percent, struct error *err)
{
    enum { DAY = 86400000 };
    for (size_t i = 0; i < simulated->epoch_count; i++) {
        const struct epoch *epoch = &simulated->epochs[i];
        double share = 0;
        int64_t ignored;
        if (!account_share(simulated->account, epoch->state, target, epoch->from + DAY, &share,
                           &ignored, err))
            return false;
        *percent = share > *percent ? share : *percent;
    }
    return true;
}

bool simulated_peak(struct simulated *simulated, double *percent, struct error *err)
{
    enum { STEPS = 1000000 }; /* of one per cent: 0.07 * 100 is not 7 */
    *percent = 0;
    for (size_t i = 0; simulated->targets && i < simulated->targets->array.count; i++) {
        const struct account_request *target = NULL;
        if (!account_target(simulated->account, &simulated->targets->array.items[i], &target,
                            err) ||
            !peak_of(simulated, target, percent, err))
            return false;
    }
    *percent = floor(*percent * STEPS + 0.5) / STEPS;
    return true;
}
