-- AWS Systems Manager's parameters on the wire (API version 2014-11-06).

local kinds = require "aws.kinds"

local text, whole, time = kinds.text, kinds.whole, kinds.time
local list, structure = kinds.list, kinds.structure

local parameter = structure {
    Name = text,
    Type = text,
    Value = text,
    Version = whole,
    Selector = text,
    SourceResult = text,
    LastModifiedDate = time,
    ARN = text,
    DataType = text,
}

local history = structure {
    Name = text,
    Type = text,
    KeyId = text,
    LastModifiedDate = time,
    LastModifiedUser = text,
    Description = text,
    Value = text,
    AllowedPattern = text,
    Version = whole,
    Labels = list(text),
    Tier = text,
    Policies = list(structure { PolicyText = text, PolicyType = text, PolicyStatus = text }),
    DataType = text,
}

return {
    metadata = {
        serviceId = "SSM",
        endpointPrefix = "ssm",
        protocol = "json",
        jsonVersion = "1.1",
        targetPrefix = "AmazonSSM",
        apiVersion = "2014-11-06",
    },
    operations = {
        GetParameter = { output = structure { Parameter = parameter }, always = { "Parameter" } },
        GetParameters = {
            output = structure { Parameters = list(parameter), InvalidParameters = list(text) },
            always = { "Parameters" },
        },
        GetParameterHistory = {
            output = structure { Parameters = list(history), NextToken = text },
            always = { "Parameters" },
            pages = { token = "NextToken", next = "NextToken", items = { "Parameters" } },
        },
        PutParameter = { output = structure { Version = whole, Tier = text },
            always = { "Version" } },
        DeleteParameter = {},
    },
}
