-- Actions of ELBv2 listeners and rules in two forms: `normal`, in which two lists are equal
-- exactly when they treat requests alike, however they were spelled; and `sendable`, in which
-- what was read can be sent back.
--
-- The spellings that differ and mean the same:
--   * a forward to one group as TargetGroupArn, as ForwardConfig with one entry, or as both (AWS
--     answers with both, and takes both only while they agree); the weight of a single group,
--     unless it is 0
--   * no weight is 1; stickiness that is off, or absent
--   * the order of target groups; Order, present or left out
--   * defaults that AWS fills in
--   * an authenticate-oidc action: its ClientSecret is never shown, and is kept only if
--     UseExistingClientSecret says so

local M = {}

local concat, ipairs, sort, next = table.concat, ipairs, table.sort, next

-- What AWS assumes for members that are left out (API reference, RedirectActionConfig,
-- AuthenticateOidcActionConfig, AuthenticateCognitoActionConfig).
local session = {
    OnUnauthenticatedRequest = "authenticate",
    Scope = "openid",
    SessionCookieName = "AWSELBAuthSessionCookie",
    SessionTimeout = 604800,
}

-- The configurations in which AWS fills in what is left out.
local defaults = {
    RedirectConfig = {
        Protocol = "#{protocol}", Port = "#{port}", Host = "#{host}", Path = "/#{path}",
        Query = "#{query}",
    },
    AuthenticateOidcConfig = session,
    AuthenticateCognitoConfig = session,
}

M.defaults = defaults

local function by_arn(a, b)
    return a.TargetGroupArn < b.TargetGroupArn
end

local function normal_groups(groups)
    if not groups[2] then
        local only = groups[1]
        return { { TargetGroupArn = only.TargetGroupArn, Weight = only.Weight == 0 and 0 or 1 } }
    end
    local out, sorted = {}, true
    for i = 1, #groups do
        local group = groups[i]
        out[i] = { TargetGroupArn = group.TargetGroupArn, Weight = group.Weight or 1 }
        sorted = sorted and (i == 1 or out[i - 1].TargetGroupArn <= group.TargetGroupArn)
    end
    if not sorted then
        sort(out, by_arn)
    end
    return out
end

local function normal_forward(action)
    local config = action.ForwardConfig
    local groups = config and config.TargetGroups
    local stickiness = config and config.TargetGroupStickinessConfig
    return {
        Type = "forward",
        ForwardConfig = {
            TargetGroups = normal_groups(groups and groups[1] and groups or { action }),
            TargetGroupStickinessConfig = stickiness and stickiness.Enabled and stickiness or nil,
        },
    }
end

local function filled(config, assumed)
    local out = {}
    for name, value in next, assumed do
        out[name] = value
    end
    for name, value in next, config do
        out[name] = value
    end
    out.UseExistingClientSecret = nil
    return out
end

local function normal_action(action)
    if action.Type == "forward" then
        return normal_forward(action)
    end
    local out = {}
    for name, value in next, action do
        out[name] = defaults[name] and filled(value, defaults[name]) or value
    end
    out.Order = nil
    return out
end

-- The actions as they are performed. Order numbers may have gaps; without one, an action stands
-- where it is in the list.
local function in_order(actions)
    if not actions[2] then
        return actions
    end
    local places, out = {}, {}
    for i, action in ipairs(actions) do
        out[i], places[action] = action, i
    end
    sort(out, function(a, b)
        local left, right = a.Order or places[a], b.Order or places[b]
        return left < right or left == right and places[a] < places[b]
    end)
    return out
end

function M.normal(actions)
    local out = {}
    for i, action in ipairs(in_order(actions)) do
        out[i] = normal_action(action)
    end
    return out
end

local function with_existing_secret(action)
    local out, config = {}, {}
    for name, value in next, action do
        out[name] = value
    end
    for name, value in next, action.AuthenticateOidcConfig do
        config[name] = value
    end
    config.UseExistingClientSecret = true
    out.AuthenticateOidcConfig = config
    return out
end

-- Weights, order and stickiness stay as they were read.
local function sendable_action(action)
    if action.Type == "authenticate-oidc" then
        return with_existing_secret(action)
    elseif action.Type == "forward" and action.ForwardConfig and action.TargetGroupArn then
        return { Type = "forward", Order = action.Order, ForwardConfig = action.ForwardConfig }
    end
    return action
end

function M.sendable(actions)
    local out = {}
    for i = 1, #actions do
        out[i] = sendable_action(actions[i])
    end
    return out
end

local function oidc_text(actions)
    local parts = {}
    for _, action in ipairs(actions) do
        local config = action.AuthenticateOidcConfig
        if config then
            parts[#parts + 1] = concat({ config.Issuer, config.AuthorizationEndpoint,
                config.TokenEndpoint, config.UserInfoEndpoint, config.ClientId }, "\n")
        end
    end
    return concat(parts, "\n\n")
end

-- Why a change from one normal list to another could not be undone, or nil. A client secret that
-- was dropped is gone, since AWS never showed it.
function M.irreversible(before, after)
    if oidc_text(before) ~= oidc_text(after) then
        return "an authenticate-oidc action can be neither added, removed nor given another "
            .. "client: AWS never shows its ClientSecret, so it could not be put back"
    end
end

return M
