/* Asks STS as whom the credentials act, and joins the answer with the region of the settings. */
#include "cli/caller_identity.h"

#include "cli/terminal.h"
#include "engine/record.h"

/* Where STS is asked by a run that names everything by its ARN and has no region of its own. */
#define ANYWHERE "us-east-1"

static bool take(struct supervisor *supervisor, const struct value *answer, struct error *err)
{
    struct slice region = caller_region(supervisor->caller);
    struct value arguments[] = {*answer, value_string(region)};
    supervisor->identity = (struct caller_identity){
        .account = value_get_slice(answer, "Account", ""),
        .arn = value_get_slice(answer, "Arn", ""),
        .region = region,
    };
    return host_call(supervisor->host, "aws.home", "of", arguments, RECORD_COUNT(arguments),
                     &supervisor->identity.home, &supervisor->pool, err);
}

static bool refuse(const struct value *problem, struct error *err)
{
    struct slice code = value_get_slice(problem, "code", "no answer");
    struct slice message = value_get_slice(problem, "message", "");
    bool sent = !slice_is(code, WORLD_NOT_SENT);
    return error_set(err, ERROR_IO, "who this is could not be asked: %.*s%s%.*s",
                     sent ? (int)code.size : 0, code.data, sent ? ": " : "", (int)message.size,
                     message.data);
}

bool caller_identity_ask(struct supervisor *supervisor, struct error *err)
{
    struct reads reads = supervisor_reads(supervisor);
    struct reads_answer answer;
    struct slice region = caller_region(supervisor->caller);
    struct value where = region.size ? value_string(region) : value_text(ANYWHERE);
    struct member members[] = {{slice_of("input"), {.kind = VALUE_OBJECT}},
                               {slice_of("operation"), value_text("sts.get_caller_identity")},
                               {slice_of("region"), where}};
    struct value request = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    if (!reads_ask(&reads, &request, &answer, &supervisor->pool, err))
        return false;
    if (answer.outcome != OUTCOME_OK)
        return refuse(&answer.value, err);
    return take(supervisor, &answer.value, err);
}

bool caller_identity_check(struct supervisor *supervisor, const struct value *home,
                           struct error *err)
{
    struct slice account = value_get_slice(home, "account", "");
    if (!caller_identity_ask(supervisor, err)) {
        if (err->code != ERROR_IO)
            return false;
        terminal_say("%s: whether this is account %.*s is not known", err->message,
                     (int)account.size, account.data);
        supervisor->identity.home = *home;
        return true;
    }
    struct slice found = supervisor->identity.account;
    return slice_equal(account, found) ||
           error_set(err, ERROR_INVALID,
                     "the run was in account %.*s, and these credentials are of %.*s: nothing was "
                     "touched",
                     (int)account.size, account.data, (int)found.size, found.data);
}
