/* What each watch of a rollout could see of a service, by what a recording shows of it. */
#pragma once

#include "cli/power_recording.h"
#include "judge/judge_ratio.h"

enum { POWER_STEPS_MAX = 200, POWER_RISES = 4 };

/* For how long each watch would have to be to see rises to these multiples. */
extern const double power_rises[POWER_RISES];

struct power_step {
    /* asked */
    double share;              /* of the canary, in percent */
    int64_t length, settle_in; /* ms */
    struct judge_ratio_params judge;
    double tolerance; /* of judge.latency */
    /* found */
    int64_t judged;             /* ms of it that judges are given */
    double requests;            /* of the canary in that time */
    double sees, slower;        /* POWER_NONE: nothing */
    int64_t bakes[POWER_RISES]; /* ms; 0: no time is enough */
};

/* Fills what is found. `number`: it is this one of all watches that compare, from 1. */
void power_step_work_out(struct power_step *step, const struct power_recording *measured,
                         size_t number);
/* The usual ones, where no policy says which. */
size_t power_steps_usual(struct power_step steps[POWER_STEPS_MAX]);
/* One of a watch effect; false: it compares no rates. */
bool power_step_of(struct power_step *step, const struct value *watch);
