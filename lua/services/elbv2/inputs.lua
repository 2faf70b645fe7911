-- Inputs of Elastic Load Balancing v2 (API version 2015-12-01). Limits are those of the service
-- model, and where it has none, of the user guide.

local conditions = require "services.elbv2.conditions"
local shape = require "aws.shape"

local M = {}

local text, choice, list, structure = shape.text, shape.choice, shape.list, shape.structure

local function elb_arn(resource)
    return shape.arn("elasticloadbalancing", resource)
end

M.listener = elb_arn("listener")
M.rule = elb_arn("listener-rule")
M.group = elb_arn("targetgroup")
M.balancer = elb_arn("loadbalancer")

M.page_size = shape.integer(1, 400)

local target_groups = list(structure({
    TargetGroupArn = M.group,
    Weight = shape.integer(0, 999),
}, { name = "TargetGroupTuple", needed = { "TargetGroupArn" } }), 1, 5)

local forward = structure({
    TargetGroups = target_groups,
    TargetGroupStickinessConfig = structure({
        Enabled = shape.flag,
        DurationSeconds = shape.integer(1, 604800),
    }, {
        name = "TargetGroupStickinessConfig",
        wrong = function(config)
            if config.Enabled and not config.DurationSeconds then
                return ".DurationSeconds is missing"
            end
        end,
    }),
}, { name = "ForwardConfig", needed = { "TargetGroups" } })

local unauthenticated = choice { "deny", "allow", "authenticate" }

-- ClientSecret is no member: it would stand in the journal, and one that was replaced cannot be
-- put back.
local oidc = structure({
    Issuer = text(),
    AuthorizationEndpoint = text(),
    TokenEndpoint = text(),
    UserInfoEndpoint = text(),
    ClientId = text(),
    UseExistingClientSecret = shape.flag,
    SessionCookieName = text(),
    Scope = text(),
    SessionTimeout = shape.integer(1, 604800),
    AuthenticationRequestExtraParams = shape.map(text(), text(), 10),
    OnUnauthenticatedRequest = unauthenticated,
}, {
    name = "AuthenticateOidcConfig",
    needed = { "Issuer", "AuthorizationEndpoint", "TokenEndpoint", "UserInfoEndpoint", "ClientId" },
    wrong = function(config)
        if not config.UseExistingClientSecret then
            return ".UseExistingClientSecret must be true: AWS never shows the ClientSecret, so "
                .. "another one could not be undone"
        end
    end,
})

local cognito = structure({
    UserPoolArn = text(),
    UserPoolClientId = text(),
    UserPoolDomain = text(),
    SessionCookieName = text(),
    Scope = text(),
    SessionTimeout = shape.integer(1, 604800),
    AuthenticationRequestExtraParams = shape.map(text(), text(), 10),
    OnUnauthenticatedRequest = unauthenticated,
}, {
    name = "AuthenticateCognitoConfig",
    needed = { "UserPoolArn", "UserPoolClientId", "UserPoolDomain" },
})

local redirect = structure({
    Protocol = choice { "HTTP", "HTTPS", "#{protocol}" },
    Port = text { min = 1 },
    Host = text { min = 1, max = 128 },
    Path = text { min = 1, max = 128 },
    Query = text { max = 128 },
    StatusCode = choice { "HTTP_301", "HTTP_302" },
}, { name = "RedirectConfig", needed = { "StatusCode" } })

local fixed_response = structure({
    MessageBody = text { max = 1024 },
    StatusCode = text { pattern = "^[245]%d%d$", expects = 'a status such as "503" '
        .. "(2xx, 4xx, 5xx)" },
    ContentType = text { max = 32 },
}, { name = "FixedResponseConfig", needed = { "StatusCode" } })

local jwt = structure({
    JwksEndpoint = text(),
    Issuer = text(),
    AdditionalClaims = list(structure({
        Format = choice { "single-string", "string-array", "space-separated-values" },
        Name = text(),
        Values = list(text(), 1),
    }, { name = "JwtValidationActionAdditionalClaim", needed = { "Format", "Name", "Values" } })),
}, { name = "JwtValidationConfig", needed = { "JwksEndpoint", "Issuer" } })

-- Type -> the member that configures it.
local action_configs = {
    ["authenticate-cognito"] = "AuthenticateCognitoConfig",
    ["authenticate-oidc"] = "AuthenticateOidcConfig",
    ["fixed-response"] = "FixedResponseConfig",
    ["jwt-validation"] = "JwtValidationConfig",
    redirect = "RedirectConfig",
}

local function wrong_action(action)
    local config = action_configs[action.Type]
    if config then
        return not action[config] and (".%s is missing"):format(config) or nil
    end
    local groups = action.ForwardConfig and action.ForwardConfig.TargetGroups
    if not groups and not action.TargetGroupArn then
        return ".ForwardConfig is missing"
    elseif groups and action.TargetGroupArn
        and (groups[2] or groups[1].TargetGroupArn ~= action.TargetGroupArn) then
        return ".TargetGroupArn must be the one group of ForwardConfig, or be left out"
    end
end

local last = { forward = true, redirect = true, ["fixed-response"] = true }

-- One action decides, and it comes last.
local function wrong_actions(actions)
    local decides = 0
    for i = 1, #actions do
        decides = decides + (last[actions[i].Type] and 1 or 0)
    end
    if decides ~= 1 then
        return (" must hold exactly one forward, redirect or fixed-response, got %d")
            :format(decides)
    end
end

local actions = list(structure({
    Type = choice { "forward", "authenticate-oidc", "authenticate-cognito", "redirect",
        "fixed-response", "jwt-validation" },
    Order = shape.integer(1, 50000),
    TargetGroupArn = M.group,
    ForwardConfig = forward,
    RedirectConfig = redirect,
    FixedResponseConfig = fixed_response,
    AuthenticateOidcConfig = oidc,
    AuthenticateCognitoConfig = cognito,
    JwtValidationConfig = jwt,
}, { name = "Action", needed = { "Type" }, wrong = wrong_action }), 1)

local strings = list(text(), 1)

local function values_config(name)
    return structure({ Values = strings, RegexValues = strings }, { name = name })
end

local function wrong_condition(condition)
    local config = conditions.configs[condition.Field]
    local plain = condition.Values or condition.RegexValues
    if plain and condition[config] then
        return (".%s must not be there together with Values"):format(config)
    elseif plain and condition.Field ~= "host-header" and condition.Field ~= "path-pattern"
        or not plain and not condition[config] then
        return (".%s is missing"):format(config)
    end
end

local rule_conditions = list(structure({
    Field = choice { "host-header", "http-header", "http-request-method", "path-pattern",
        "query-string", "source-ip" },
    Values = strings,
    RegexValues = strings,
    HostHeaderConfig = values_config("HostHeaderConfig"),
    PathPatternConfig = values_config("PathPatternConfig"),
    HttpHeaderConfig = structure({
        HttpHeaderName = text { min = 1, max = 40 },
        Values = strings,
        RegexValues = strings,
    }, { name = "HttpHeaderConfig", needed = { "HttpHeaderName" } }),
    QueryStringConfig = structure({
        Values = list(structure({ Key = text(), Value = text() },
            { name = "QueryStringKeyValuePair", needed = { "Value" } }), 1),
    }, { name = "QueryStringConfig", needed = { "Values" } }),
    HttpRequestMethodConfig = structure({ Values = strings },
        { name = "HttpRequestMethodConfig", needed = { "Values" } }),
    SourceIpConfig = structure({
        Values = strings,
        IpAddressType = choice { "ipv4", "ipv6" },
    }, { name = "SourceIpConfig", needed = { "Values" } }),
}, { name = "RuleCondition", needed = { "Field" }, wrong = wrong_condition }), 1)

local rewrites = structure({
    Rewrites = list(structure({ Regex = text(), Replace = text() },
        { name = "RewriteConfig", needed = { "Regex", "Replace" } }), 1, 1),
}, { name = "Rewrites", needed = { "Rewrites" } })

local transforms = list(structure({
    Type = choice { "host-header-rewrite", "url-rewrite" },
    HostHeaderRewriteConfig = rewrites,
    UrlRewriteConfig = rewrites,
}, { name = "RuleTransform", needed = { "Type" } }), 1, 2)

-- A change of nothing is a mistake.
local function some_of(names, also)
    return function(input)
        local why = also and also(input)
        if why then
            return why
        end
        for i = 1, #names do
            if input[names[i]] ~= nil then
                return nil
            end
        end
        return " must hold at least one of " .. table.concat(names, ", ")
    end
end

local function wrong_rule(input)
    if input.Transforms and input.ResetTransforms then
        return ".ResetTransforms must not be there together with Transforms"
    end
    local why = input.Actions and wrong_actions(input.Actions)
    return why and ".Actions" .. why
end

M.modify_rule = structure({
    RuleArn = M.rule,
    Actions = actions,
    Conditions = rule_conditions,
    Transforms = transforms,
    ResetTransforms = shape.flag,
}, {
    needed = { "RuleArn" },
    wrong = some_of({ "Actions", "Conditions", "Transforms", "ResetTransforms" }, wrong_rule),
})

M.modify_listener = structure({
    ListenerArn = M.listener,
    DefaultActions = actions,
    Port = shape.integer(1, 65535),
    SslPolicy = text { min = 1 },
    Certificates = list(structure({ CertificateArn = text { min = 1 } },
        { name = "Certificate", needed = { "CertificateArn" } }), 1, 1),
}, {
    needed = { "ListenerArn" },
    wrong = some_of({ "DefaultActions", "Port", "SslPolicy", "Certificates" }, function(input)
        local why = input.DefaultActions and wrong_actions(input.DefaultActions)
        return why and ".DefaultActions" .. why
    end),
})

M.modify_target_group_attributes = structure({
    TargetGroupArn = M.group,
    Attributes = list(structure({
        Key = text { max = 256, pattern = "^[%w._]+$", expects = "a name such as \"slow_start."
            .. "duration_seconds\"" },
        Value = text(),
    }, { name = "TargetGroupAttribute", needed = { "Key", "Value" } }), 1),
}, { needed = { "TargetGroupArn", "Attributes" } })

local marker = text { min = 1 }

M.describe_listeners = structure {
    ListenerArns = list(M.listener),
    LoadBalancerArn = M.balancer,
    Marker = marker,
    PageSize = M.page_size,
}

M.describe_rules = structure {
    RuleArns = list(M.rule),
    ListenerArn = M.listener,
    Marker = marker,
    PageSize = M.page_size,
}

M.describe_target_groups = structure {
    TargetGroupArns = list(M.group),
    Names = list(text { min = 1, max = 32 }),
    LoadBalancerArn = M.balancer,
    Marker = marker,
    PageSize = M.page_size,
}

M.describe_target_health = structure({
    TargetGroupArn = M.group,
    Targets = list(structure({
        Id = text { min = 1 },
        Port = shape.integer(1, 65535),
        AvailabilityZone = text { min = 1 },
    }, { name = "TargetDescription", needed = { "Id" } })),
}, { needed = { "TargetGroupArn" } })

M.describe_target_group_attributes = structure({
    TargetGroupArn = M.group,
}, { needed = { "TargetGroupArn" } })

return M
