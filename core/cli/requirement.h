/* What many runs are required to come to: "rolled back >= 99 %". It holds where the whole interval
 * in which the true share lies, with 95 % confidence (judge/exact_interval.h), is on the right
 * side. All and none cannot be shown by any number of runs: there it is counted. */
#pragma once

#include "base/value.h"
#include "engine/run_outcome.h"

enum { REQUIREMENTS_MAX = 8 };

struct requirement {
    const char *text;
    enum run_outcome outcome;
    bool at_least; /* else at most */
    double percent;
};

enum requirement_state { REQUIREMENT_MET, REQUIREMENT_NOT_MET, REQUIREMENT_OPEN };

/* ERROR_INVALID says what was expected. */
bool requirement_parse(struct requirement *requirement, const char *text, struct error *err);

enum requirement_state requirement_judge(const struct requirement *requirement, int64_t hits,
                                         int64_t runs);
/* A line for people, and an object for programs. */
bool requirement_tell(const struct requirement *requirement, int64_t hits, int64_t runs,
                      struct buffer *out, struct error *err);
bool requirement_value(const struct requirement *requirement, int64_t hits, int64_t runs,
                       struct value *out, struct pool *pool, struct error *err);
