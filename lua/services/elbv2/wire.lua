-- Elastic Load Balancing v2 on the wire (API version 2015-12-01): a form goes out, XML comes back.

local kinds = require "aws.kinds"

local text, whole, flag = kinds.text, kinds.whole, kinds.flag
local list, map, structure = kinds.list, kinds.map, kinds.structure

local texts = list(text)

-- Actions

local function sign_in(members)
    members.SessionCookieName, members.Scope = text, text
    members.SessionTimeout = whole
    members.AuthenticationRequestExtraParams = map(text)
    members.OnUnauthenticatedRequest = text
    return structure(members)
end

local forward = structure {
    TargetGroups = list(structure { TargetGroupArn = text, Weight = whole }),
    TargetGroupStickinessConfig = structure { Enabled = flag, DurationSeconds = whole },
}

local actions = list(structure {
    Type = text,
    TargetGroupArn = text,
    Order = whole,
    AuthenticateOidcConfig = sign_in {
        Issuer = text, AuthorizationEndpoint = text, TokenEndpoint = text, UserInfoEndpoint = text,
        ClientId = text, ClientSecret = text, UseExistingClientSecret = flag,
    },
    AuthenticateCognitoConfig = sign_in {
        UserPoolArn = text, UserPoolClientId = text, UserPoolDomain = text,
    },
    RedirectConfig = structure {
        Protocol = text, Port = text, Host = text, Path = text, Query = text, StatusCode = text,
    },
    FixedResponseConfig = structure { MessageBody = text, StatusCode = text, ContentType = text },
    ForwardConfig = forward,
    JwtValidationConfig = structure {
        JwksEndpoint = text,
        Issuer = text,
        AdditionalClaims = list(structure { Format = text, Name = text, Values = texts }),
    },
})

-- Listeners

local listeners = list(structure {
    ListenerArn = text,
    LoadBalancerArn = text,
    Port = whole,
    Protocol = text,
    Certificates = list(structure { CertificateArn = text, IsDefault = flag }),
    SslPolicy = text,
    DefaultActions = actions,
    AlpnPolicy = texts,
    MutualAuthentication = structure {
        Mode = text,
        TrustStoreArn = text,
        IgnoreClientCertificateExpiry = flag,
        TrustStoreAssociationStatus = text,
        AdvertiseTrustStoreCaNames = text,
        ClientCertificateIdentityFilters = list(structure {
            Field = text, Action = text, MatchType = text, Value = text,
        }),
    },
})

-- Rules

local values = structure { Values = texts, RegexValues = texts }

local conditions = list(structure {
    Field = text,
    Values = texts,
    RegexValues = texts,
    HostHeaderConfig = values,
    PathPatternConfig = values,
    HttpHeaderConfig = structure { HttpHeaderName = text, Values = texts, RegexValues = texts },
    QueryStringConfig = structure { Values = list(structure { Key = text, Value = text }) },
    HttpRequestMethodConfig = structure { Values = texts },
    SourceIpConfig = structure { Values = texts, IpAddressType = text },
})

local rewrites = structure { Rewrites = list(structure { Regex = text, Replace = text }) }

local rules = list(structure {
    RuleArn = text,
    Priority = text,
    Conditions = conditions,
    Actions = actions,
    IsDefault = flag,
    Transforms = list(structure {
        Type = text, HostHeaderRewriteConfig = rewrites, UrlRewriteConfig = rewrites,
    }),
})

-- Target groups

local target_groups = list(structure {
    TargetGroupArn = text,
    TargetGroupName = text,
    Protocol = text,
    Port = whole,
    VpcId = text,
    HealthCheckProtocol = text,
    HealthCheckPort = text,
    HealthCheckEnabled = flag,
    HealthCheckIntervalSeconds = whole,
    HealthCheckTimeoutSeconds = whole,
    HealthyThresholdCount = whole,
    UnhealthyThresholdCount = whole,
    HealthCheckPath = text,
    Matcher = structure { HttpCode = text, GrpcCode = text },
    LoadBalancerArns = texts,
    TargetType = text,
    ProtocolVersion = text,
    IpAddressType = text,
    TargetControlPort = whole,
})

local health = list(structure {
    Target = structure { Id = text, Port = whole, AvailabilityZone = text, QuicServerId = text },
    HealthCheckPort = text,
    TargetHealth = structure { State = text, Reason = text, Description = text },
    AnomalyDetection = structure { Result = text, MitigationInEffect = text },
    AdministrativeOverride = structure { State = text, Reason = text, Description = text },
})

local attributes = list(structure { Key = text, Value = text })

local function shows(member, items)
    return { output = structure { [member] = items }, always = { member } }
end

-- An operation that shows one list, page by page.
local function pages(member, items)
    return {
        output = structure { [member] = items, NextMarker = text },
        always = { member },
        pages = { token = "Marker", next = "NextMarker", items = { member } },
    }
end

return {
    metadata = {
        serviceId = "Elastic Load Balancing v2",
        endpointPrefix = "elasticloadbalancing",
        protocol = "query",
        apiVersion = "2015-12-01",
    },
    operations = {
        DescribeListeners = pages("Listeners", listeners),
        DescribeRules = pages("Rules", rules),
        DescribeTargetGroups = pages("TargetGroups", target_groups),
        DescribeTargetHealth = shows("TargetHealthDescriptions", health),
        DescribeTargetGroupAttributes = shows("Attributes", attributes),
        ModifyListener = shows("Listeners", listeners),
        ModifyRule = shows("Rules", rules),
        ModifyTargetGroupAttributes = shows("Attributes", attributes),
    },
}
