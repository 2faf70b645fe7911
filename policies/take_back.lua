-- Takes back what somebody else has begun to deploy: what is under way is stopped and rolled back;
-- where nothing is, what ran before is deployed, as AWS has recorded it.

local rollout = require "rollout"

return rollout.policy {
    summary = "Take back what somebody else deployed, and follow it until the old version serves.",

    params = {
        target = rollout.target(), -- without its canary: what is deployed is AWS's to say
    },

    run = function(p)
        p.target:take_back()
    end,
}
