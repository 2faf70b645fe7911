-- AWS Security Token Service on the wire (API version 2011-06-15).
--
-- AssumeRole answers with keys. Who may use a role's keys is the operator's business (profiles,
-- docs/aws.md) and no policy's, and whatever a policy reads stands in the journal: so they are not
-- read at all.

local kinds = require "aws.kinds"

local text, whole, structure = kinds.text, kinds.whole, kinds.structure

return {
    metadata = {
        serviceId = "STS",
        endpointPrefix = "sts",
        protocol = "query",
        apiVersion = "2011-06-15",
    },
    operations = {
        GetCallerIdentity = {
            output = structure { UserId = text, Account = text, Arn = text },
            always = { "Account", "Arn" },
        },
        AssumeRole = {
            always = { "AssumedRoleUser" },
            withheld = { "Credentials" },
            output = structure {
                AssumedRoleUser = structure { AssumedRoleId = text, Arn = text },
                PackedPolicySize = whole,
                SourceIdentity = text,
                SessionTokenUtilization = whole,
                SessionTokenSize = whole,
            },
        },
    },
}
