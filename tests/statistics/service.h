/* A service under a rollout, as minutes of counts: how many requests each arm got and how many
 * erred. The scenarios are those in which tests of a canary are known to go wrong; in each of them
 * the new version is as good as the old one unless `ratio` says otherwise. Draws depend on the
 * seed alone. */
#pragma once

#include "base/random.h"
#include "judge/dispersion.h"
#include "judge/judge_ratio.h"

#include <stdbool.h>

enum scenario_kind {
    SERVICE_INDEPENDENT, /* every request errs by itself */
    SERVICE_RETRIES,     /* a failure is tried again on the same arm: groups of 5 on average */
    SERVICE_SESSIONS,    /* a session that fails goes on failing on its arm for five minutes */
    SERVICE_WANDERS,     /* the canary's rate wanders: AR(0.9) of its logarithm, deviation 0.3 */
    SERVICE_BURSTS,      /* 20 times the errors in one arm, in 3 % of its minutes */
    SERVICE_WARMS_UP,    /* the canary: 5 times in its first minute, twice after each shift */
    SERVICE_STORMS,      /* 30 times the errors in both arms alike, in 5 % of the half minutes */
};

struct service {
    enum scenario_kind kind;
    double requests; /* a second, of both arms */
    double rate;     /* of errors in the old version */
    double ratio;    /* the new version's rate over the old one's */
    int ratio_from;  /* the step (0 is the first) from which on it is so */
    bool on_minute;  /* traffic is shifted as a minute begins; otherwise in the middle of one */
};

enum { SERVICE_ARMS = 2, SESSION_HALVES = 10 };

/* Where the draws of one rollout have got to, in half minutes. */
struct service_state {
    struct service of;
    struct random_stream stream;
    int half;    /* the next one */
    int shifted; /* the half minute of the last shift */
    double share;
    double wander; /* of the canary, a logarithm */
    double burst[SERVICE_ARMS];
    double sessions[SERVICE_ARMS][SESSION_HALVES]; /* by when they began, a ring */
};

/* Shares of a rollout in percent, each for five minutes; the last may be 100. */
struct plan_steps {
    const double *percent;
    int count;
};

enum { STEP_MINUTES = 5 };

void service_begin(struct service_state *state, const struct service *service, uint64_t seed,
                   uint64_t index);
/* One minute of a rollout. *shifted: traffic was shifted in it; *step: of its end. */
struct judge_counts service_minute(struct service_state *state, const struct plan_steps *steps,
                                   bool *shifted, int *step);
/* How many minutes a rollout has, those at 100 % not counted. */
int service_minutes(const struct service *service, const struct plan_steps *steps);
