/* Asks STS as whom the credentials act, and joins the answer with the region of the settings. */
#include "cli/caller_identity.h"

#include "cli/supervisor.h"

#include <string.h>

/* "arn:aws:sts::123456789012:assumed-role/x/y" -> "aws" */
static struct slice partition_of(struct slice arn)
{
    struct slice partition = slice_of("aws");
    const char *from = arn.size > 4 ? arn.data + 4 : NULL;
    const char *end = from ? memchr(from, ':', arn.size - 4) : NULL;
    if (end && end > from)
        partition = (struct slice){from, (size_t)(end - from)};
    return partition;
}

bool caller_identity_ask(struct supervisor *supervisor, struct caller_identity *identity,
                         struct pool *pool, struct error *err)
{
    struct reads reads = supervisor_reads(supervisor);
    struct value nothing = {.kind = VALUE_OBJECT};
    struct reads_answer answer;
    if (!reads_ask(&reads, slice_of("sts.get_caller_identity"), &nothing, &answer, pool, err))
        return false;
    struct slice code = value_get_slice(&answer.value, "code", "no answer");
    struct slice message = value_get_slice(&answer.value, "message", "");
    if (answer.outcome != OUTCOME_OK)
        return error_set(err, ERROR_IO, "who this is could not be asked: %.*s: %.*s",
                         (int)code.size, code.data, (int)message.size, message.data);
    *identity = (struct caller_identity){
        .account = value_get_slice(&answer.value, "Account", ""),
        .arn = value_get_slice(&answer.value, "Arn", ""),
        .region = caller_region(supervisor->caller, &nothing),
    };
    identity->partition = partition_of(identity->arn);
    return true;
}
