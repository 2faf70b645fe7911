/* Ways to judge a canary by counts, minute by minute: ours, and what others do, each as its makers
 * describe it. All see the same minutes. */
#pragma once

#include "judge/judge_ratio.h"

enum { METHOD_SIZE = 32768 };

/* One minute of a rollout. */
struct minute {
    struct judge_counts counts;
    bool shifted; /* traffic was shifted in it */
    int step;     /* of its end */
    int in_step;  /* minutes since the one of the shift */
    bool last;    /* of its step */
};

struct method {
    const char *name;
    struct judge_ratio_params params; /* of ours alone */
    bool keeps_shift;                 /* of ours alone: the minute of a shift is judged as others */
    int settle_in;                    /* of ours alone: minutes left out after each shift */
    bool (*judge)(const struct method *method, void *self, const struct minute *minute);
};

/* self: METHOD_SIZE bytes, zeroed before the first minute. True: harm. */
bool method_ratio(const struct method *method, void *self, const struct minute *minute);
/* Two proportions, all counts so far, looked at every minute: one-sided, 5 %. */
bool method_z_test(const struct method *method, void *self, const struct minute *minute);
/* Kayenta: at the end of each step the minutes of both arms are compared by Mann and Whitney's
 * test; harm where the interval of 98 % lies above a quarter of the difference. */
bool method_kayenta(const struct method *method, void *self, const struct minute *minute);
/* An alarm at 20 errors a minute, of both arms. */
bool method_alarm(const struct method *method, void *self, const struct minute *minute);
/* GrowthBook's sequential test: the asymptotic confidence sequence of the difference, tuned for
 * 5000 requests, at 95 %. */
bool method_difference(const struct method *method, void *self, const struct minute *minute);
