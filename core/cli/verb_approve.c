/* approve: a person lets a run past an approval that it waits for, or does not. */
#include "cli/state_control.h"
#include "cli/verb.h"

#include <stdio.h>
#include <string.h>

static const struct option_spec specs[] = {
    STATE_OPTIONS,
    {"reject", 0, OPTION_FLAG, false, NULL, "it does not go on: it is rolled back"},
    {"why", 'm', OPTION_TEXT, false, "TEXT", "for the journal and for all who read of it"},
};

enum { SPEC_COUNT = sizeof specs / sizeof *specs };

/* "ann on ci-7" is ann. Who else writes to the state folder could say anything of himself: what is
 * refused here is a mistake. */
static bool may_give(const struct state_approval *approval, const char *person)
{
    const char *end = strstr(person, " on ");
    size_t size = end ? (size_t)(end - person) : strlen(person);
    const char *at = approval->from;
    while (*at) {
        size_t length = strcspn(at, ",");
        if (length == size && strncmp(at, person, size) == 0)
            return true;
        at += length;
        at += strspn(at, ", ");
    }
    return !approval->from[0];
}

static bool find_approval(const struct state_run *about, struct state_asked *asked,
                          struct error *err)
{
    char person[STATE_PERSON_SIZE];
    bool runs = about->status == STATE_RUNNING || about->status == STATE_PAUSED ||
                about->status == STATE_WAITING;
    if (!runs)
        return true; /* nobody is there to hear it, which is told as ever */
    if (about->approval_count == 0)
        return error_set(err, ERROR_INVALID, "run %s waits for no approval: it is %s", about->run,
                         state_status_name(about->status));
    state_person(person);
    for (size_t i = 0; i < about->approval_count && asked->approval == 0; i++) {
        if (may_give(&about->approvals[i], person))
            asked->approval = about->approvals[i].id;
    }
    return asked->approval > 0 ||
           error_set(err, ERROR_INVALID, "run %s waits for %s, and this is %s", about->run,
                     about->approvals[0].from, person);
}

static bool read_why(const struct options *options, struct state_asked *asked, struct error *err)
{
    const char *why = options_text(options, "why", "");
    size_t size = strlen(why);
    if (size >= sizeof asked->why)
        return error_set(err, ERROR_INVALID, "--why takes up to %zu bytes", sizeof asked->why - 1);
    if (value_utf8_end(slice_of(why)) != size)
        return error_set(err, ERROR_INVALID, "--why must be UTF-8");
    memcpy(asked->why, why, size + 1);
    return true;
}

/* Who has read what is to be approved means that, and not what the run may wait for by then. */
static bool ask(const struct state *state, const char *run, struct state_asked *asked,
                struct error *err)
{
    struct state_run about;
    return state_look(state, run, &about, err) && find_approval(&about, asked, err) &&
           state_ask(state, run, asked, &about, err);
}

static int run_approve(const struct options *options)
{
    struct state state;
    char run[STATE_RUN_SIZE];
    struct error err;
    bool reject = options_given(options, "reject");
    struct state_asked asked = {.request = reject ? REQUEST_REJECT : REQUEST_APPROVE};
    bool ok = read_why(options, &asked, &err) && state_open_chosen(&state, options, &err) &&
              state_find(&state, options->operands[0], run, &err) && ask(&state, run, &asked, &err);
    if (!ok) {
        int status = verb_fail("approve", &err);
        return err.code == ERROR_CONFLICT ? EXIT_LOCKED : status;
    }
    printf("%s %s, as %s; `tidelock status %s` tells how it is doing\n",
           reject ? "rejected" : "approved", run, asked.by, run);
    return EXIT_DONE;
}

const struct verb verb_approve = {
    .name = "approve",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = SPEC_COUNT,
    .run = run_approve,
    .line = "Lets a run that waits for approval go on, or with --reject rolls it back.",
    .more = "Who approved, when and why stands in the run's journal. `tidelock status RUN` tells "
            "what it waits for, and whom.",
    .example = "tidelock approve last --why 'the queue is empty again'",
};
