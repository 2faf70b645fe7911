-- AWS Security Token Service: who one is, and whom one may become. Nothing here changes anything.

local arn = require "aws.arn"
local shape = require "aws.shape"

local text, list, structure = shape.text, shape.list, shape.structure

local tag_key = text { min = 1, max = 128 }

local operations = {}

operations["sts.get_caller_identity"] = {
    class = "read",
    action = "GetCallerIdentity",
    summary = "Shows whose credentials the run has: account, ARN and user id.",
    notes = { "Needs no permission." },
    input = structure {},
}

operations["sts.assume_role"] = {
    class = "read",
    action = "AssumeRole",
    summary = "Tells whether a role may be assumed, and as whom.",
    notes = { "The keys that AWS answers with are dropped: what a policy reads stands in the "
        .. "journal. A run works as a role by its profile." },
    input = structure({
        RoleArn = text {
            fits = function(value)
                local parts = arn.parse(value)
                return parts and parts.service == "iam" and parts.account:find("^%d+$")
                    and parts.path:find("^role/[^,%s]+$") ~= nil
            end,
            max = 2048,
            expects = 'an ARN "arn:...:iam::ACCOUNT:role/..."',
        },
        RoleSessionName = text { min = 2, max = 64, pattern = "^[%w_+=,.@-]+$",
            expects = "2..64 of the characters a-z, A-Z, 0-9 and _+=,.@-" },
        PolicyArns = list(structure({ arn = text { min = 20, max = 2048 } },
            { name = "PolicyDescriptorType", needed = { "arn" } }), 0, 10),
        Policy = text { min = 1 },
        DurationSeconds = shape.integer(900, 43200),
        Tags = list(structure({ Key = tag_key, Value = text { max = 256 } },
            { name = "Tag", needed = { "Key", "Value" } }), 0, 50),
        TransitiveTagKeys = list(tag_key, 0, 50),
        ExternalId = text { min = 2, max = 1224, pattern = "^[%w_+=,.@:/-]+$",
            expects = "an external id (2..1224 characters)" },
        SourceIdentity = text { min = 2, max = 64, pattern = "^[%w_+=,.@-]+$",
            expects = "2..64 of the characters a-z, A-Z, 0-9 and _+=,.@-" },
    }, { needed = { "RoleArn", "RoleSessionName" } }),
    identity = function(input) return input.RoleArn end,
}

return { title = "AWS Security Token Service", iam = "sts", operations = operations }
