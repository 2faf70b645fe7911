-- Where a run is at home: the partition and the account of whose credentials it has, and the region
-- of its settings. What is called by its name is there.

local arn = require "aws.arn"

local M = {}

-- caller: the answer to sts.get_caller_identity; region: "" where none is configured.
function M.of(caller, region)
    local parts = arn.parse(caller.Arn)
    return { account = caller.Account, partition = parts and parts.partition or "aws",
        region = region }
end

return M
