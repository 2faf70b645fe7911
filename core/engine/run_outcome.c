/* The names of outcomes and causes, and what the one makes of the other. */
#include "engine/run_outcome.h"

struct outcome_row {
    const char *name;
    int exit;
};

static const struct outcome_row outcomes[] = {
#define X(name, text, exit) [RUN_##name] = {text, exit},
    RUN_OUTCOMES(X)
#undef X
};

struct cause_row {
    const char *name;
    enum run_outcome outcome;
};

static const struct cause_row causes[] = {
#define X(name, text, outcome) [CAUSE_##name] = {text, RUN_##outcome},
    RUN_CAUSES(X)
#undef X
};

const char *run_outcome_name(enum run_outcome outcome)
{
    return outcomes[outcome].name;
}

int run_outcome_exit(enum run_outcome outcome)
{
    return outcomes[outcome].exit;
}

bool run_outcome_parse(enum run_outcome *outcome, struct slice name)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        if (slice_is(name, outcomes[i].name)) {
            *outcome = (enum run_outcome)i;
            return true;
        }
    }
    return false;
}

const char *run_cause_name(enum run_cause cause)
{
    return causes[cause].name;
}

bool run_cause_parse(enum run_cause *cause, struct slice name)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        if (slice_is(name, causes[i].name)) {
            *cause = (enum run_cause)i;
            return true;
        }
    }
    return false;
}

enum run_outcome run_cause_outcome(enum run_cause cause)
{
    return causes[cause].outcome;
}
