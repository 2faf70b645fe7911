-- What an answer that is no success means: whether AWS has certainly not done what was asked
-- ("rejected"), or nobody knows ("unknown"); and whether it may be asked again.
--
-- Only few of AWS's changes have a token that makes asking twice the same as asking once. So a
-- change is repeated only where it was refused for certain, and one whose answer got lost is
-- looked for by the engine. A read is never unknown: it is simply made again.

local M = {}

local function set(names)
    local out = {}
    for _, name in ipairs(names) do
        out[name] = true
    end
    return out
end

-- Codes by which AWS says "too fast", in any protocol (AWS SDKs, standard retry mode).
local throttling = set { "Throttling", "ThrottlingException", "ThrottledException",
    "RequestThrottledException", "TooManyRequestsException",
    "ProvisionedThroughputExceededException", "TransactionInProgressException",
    "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
    "RequestThrottled", "SlowDown", "PriorRequestNotComplete", "EC2ThrottledException" }

-- Refused before anything was done, and likely to pass the next time.
local transient = set { "RequestTimeout", "RequestTimeoutException", "IDPCommunicationError" }

-- The clock is wrong for certain; or perhaps, if it is also far from the server's.
local skewed = set { "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture" }
local perhaps_skewed = set { "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure" }

-- The credentials are over, or are not those of the place, which says nothing of the request: with
-- others it may pass.
local expired = set { "ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException",
    "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidToken", "NotAuthorizedForSession",
    "MissingAuthenticationToken", "MissingAuthenticationTokenException" }

local transient_statuses = { [500] = true, [502] = true, [503] = true, [504] = true }

local function is_quota(wire, problem)
    for _, code in ipairs(wire.quota or {}) do
        if code == problem.code or code == problem.shape_code then
            return true
        end
    end
    return false
end

local function is_in(codes, problem)
    return codes[problem.code] or problem.shape_code and codes[problem.shape_code] or false
end

-- Why it may be asked again, or nil: "throttling", "transient" or "skew".
local function retry_of(wire, problem)
    if is_quota(wire, problem) then
        return nil
    elseif is_in(skewed, problem) or is_in(perhaps_skewed, problem) then
        return "skew"
    elseif is_in(throttling, problem) or problem.status == 429 then
        return "throttling"
    elseif is_in(transient, problem) or transient_statuses[problem.status] or problem.unreadable
        or problem.status == 408 then
        return "transient"
    end
end

-- Whether AWS may have done it nevertheless: it failed on the way, or what came back says nothing.
-- A refusal of AWS's has a code that is a word: a page of a proxy's, whatever its status, may stand
-- before a change that was carried out. Too much at a time (429) is refused before it is done.
local function is_doubtful(problem)
    return problem.unreadable or problem.status >= 500
        or problem.code:find("^%d%d%d$") ~= nil and problem.status ~= 429
end

-- problem is what protocols.parse gives. {outcome, error = {code, message}, retry, certain,
-- expired}; `certain` is of "skew" only: the code says by itself that the clock is wrong.
function M.of_problem(wire, mutation, problem)
    local unknown = mutation and is_doubtful(problem) or false
    local retry = not unknown and retry_of(wire, problem) or nil
    return {
        outcome = unknown and "unknown" or "rejected",
        error = { code = problem.code, message = problem.message or "" },
        retry = retry,
        certain = retry == "skew" and is_in(skewed, problem) or nil,
        expired = not unknown and is_in(expired, problem) or nil,
    }
end

-- Errors on AWS's side, by the names that its services give them.
local function is_fault(code)
    return code:find("^Internal") ~= nil
        or code:find("^Service.*Unavailable") ~= nil or code == "ServiceException"
        or code == "ServiceFailure"
end

-- Whether it was not AWS who answered: a proxy, a portal or a page about maintenance. Whatever AWS
-- refuses has a code that is a word; a status without one, and what cannot be read, say nothing of
-- the resource.
local function is_of_others(code)
    return code == "NotSent" or code == "Lost" or code == "UnreadableResponse"
        or code:find("^%d%d%d$") ~= nil
end

-- Whether a call that was refused with this code may well succeed later, as it is: AWS was not
-- reached, had a fault or too much to do, the clock was wrong, the credentials are over or others.
-- No permission, and what is gone, is definite.
function M.passes(code)
    return is_of_others(code) or is_fault(code) or (throttling[code] or transient[code]
        or skewed[code] or perhaps_skewed[code] or expired[code]) == true
end

-- response is {lost = true, sent = bool, message =}: `sent` is false only where no byte of the
-- request can have left.
function M.of_loss(mutation, response)
    local unknown = mutation and response.sent ~= false
    return {
        outcome = unknown and "unknown" or "rejected",
        error = {
            code = response.sent == false and "NotSent" or "Lost",
            message = response.message or "",
        },
        retry = not unknown and "transient" or nil,
    }
end

return M
