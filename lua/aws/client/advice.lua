-- What a person can do about an error of AWS's, behind its own message: for those who are woken by
-- it, and for those who meet it for the first time.

local M = {}

local SESSION = "the session has ended: sign in again, or renew what the credentials come from"
local IDENTITY = "the access key is not known there: check the profile, and that its account is "
    .. "the right one"
local SECRET = "the secret key does not belong to the access key, or the request was changed on "
    .. "its way"
local RIGHTS = "allow it to this identity; `tidelock iam` prints all that a policy needs"
local NAME = "check the name and the region"
local OTHERS = "somebody else changed it in the same moment: look at it, and run again"

local advice = {
    ExpiredToken = SESSION, ExpiredTokenException = SESSION, RequestExpired = SESSION,
    InvalidClientTokenId = IDENTITY, UnrecognizedClientException = IDENTITY,
    InvalidAccessKeyId = IDENTITY,
    SignatureDoesNotMatch = SECRET, InvalidSignatureException = SECRET,
    AccessDenied = RIGHTS, AccessDeniedException = RIGHTS, UnauthorizedOperation = RIGHTS,
    ResourceNotFoundException = NAME, ServiceNotFoundException = NAME,
    ClusterNotFoundException = NAME, RuleNotFound = NAME, ListenerNotFound = NAME,
    PreconditionFailedException = OTHERS,
    TargetGroupNotFound = NAME, LoadBalancerNotFound = NAME,
}

-- The same {code, message}, with what to do where that is known. `failed` (or nil) is why there
-- are no new credentials.
function M.advised(problem, failed)
    local what = advice[problem.code]
    if what and failed then
        what = what .. "; asking for new ones failed: " .. failed
    end
    local message = what and ("%s (%s)"):format(problem.message, what) or problem.message
    return { code = problem.code, message = message }
end

return M
