/* pause, resume, promote, abort: what a person asks of a run that another process carries out. It
 * is a line in the run's control file; the run writes down what came of it. */
#include "base/time.h"
#include "cli/state_control.h"
#include "cli/verb.h"

#include <stdio.h>

static const struct option_spec specs[] = {
    STATE_OPTIONS,
    {"full", 0, OPTION_FLAG, false, NULL, "this wait and every later one of the run"},
};

enum { SPEC_COUNT = sizeof specs / sizeof *specs - 1, PROMOTE_SPEC_COUNT };

static const char *const asked[] = {
    [REQUEST_ABORT] = "to roll back",
    [REQUEST_PAUSE] = "to pause",
    [REQUEST_RESUME] = "to go on",
    [REQUEST_PROMOTE] = "to end its wait",
    [REQUEST_PROMOTE_FULL] = "to end its wait and every later one",
};

/* What was asked a moment ago is not in the journal yet, so it is asked all the same. */
static void tell_needless(const struct state_run *run, enum request request)
{
    char since[32];
    if (request == REQUEST_PAUSE && run->status == STATE_PAUSED) {
        time_format_instant(since, run->paused_at);
        printf("%s is paused already, by %s, since %s\n", run->run, run->paused_by, since);
    }
    if (request == REQUEST_RESUME && run->status == STATE_RUNNING)
        printf("%s is not paused\n", run->run);
}

static int ask(const char *verb, const struct options *options, enum request request)
{
    struct state state;
    struct state_run about;
    struct state_asked asking = {.request = request};
    char run[STATE_RUN_SIZE];
    struct error err;
    bool ok = state_open_chosen(&state, options, &err) &&
              state_find(&state, options->operands[0], run, &err) &&
              state_ask(&state, run, &asking, &about, &err);
    if (!ok) {
        int status = verb_fail(verb, &err);
        return err.code == ERROR_CONFLICT ? EXIT_LOCKED : status;
    }
    tell_needless(&about, request);
    if (request == REQUEST_PROMOTE && about.approval_count > 0)
        printf("%s waits for approval, which this is not: `tidelock approve %s` gives it\n", run,
               run);
    printf("asked %s %s; `tidelock status %s` tells how it is doing\n", run, asked[request], run);
    return EXIT_DONE;
}

static int run_abort(const struct options *options)
{
    return ask("abort", options, REQUEST_ABORT);
}

static int run_pause(const struct options *options)
{
    return ask("pause", options, REQUEST_PAUSE);
}

static int run_resume(const struct options *options)
{
    return ask("resume", options, REQUEST_RESUME);
}

static int run_promote(const struct options *options)
{
    bool full = options_given(options, "full");
    return ask("promote", options, full ? REQUEST_PROMOTE_FULL : REQUEST_PROMOTE);
}

const struct verb verb_abort = {
    .name = "abort",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = SPEC_COUNT,
    .run = run_abort,
    .line = "Asks a run in another terminal to roll back and end.",
    .example = "tidelock abort last",
};

const struct verb verb_pause = {
    .name = "pause",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = SPEC_COUNT,
    .run = run_pause,
    .line = "Holds a run in another terminal where it is; it goes on watching.",
    .more = "It takes no step forward until it is resumed or promoted. Harm, missing data, signals "
            "and abort still roll it back.",
    .example = "tidelock pause last",
};

const struct verb verb_resume = {
    .name = "resume",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = SPEC_COUNT,
    .run = run_resume,
    .line = "Has a paused run go on where it was.",
    .more = "A watch whose time passed meanwhile ends at its next look.",
    .example = "tidelock resume last",
};

const struct verb verb_promote = {
    .name = "promote",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = PROMOTE_SPEC_COUNT,
    .run = run_promote,
    .line = "Ends the wait that a run is in, and its pause: it takes its next step.",
    .more = "You take it on yourself that the watch or the sleep has lasted long enough. Harm that "
            "is seen later still rolls the run back.",
    .example = "tidelock promote last",
};
