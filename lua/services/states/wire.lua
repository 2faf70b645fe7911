-- AWS Step Functions on the wire (API version 2016-11-23): JSON.

local kinds = require "aws.kinds"

local text, whole, time = kinds.text, kinds.whole, kinds.time
local list, structure = kinds.list, kinds.structure

return {
    metadata = {
        serviceId = "SFN",
        endpointPrefix = "states",
        protocol = "json",
        jsonVersion = "1.0",
        targetPrefix = "AWSStepFunctions",
        apiVersion = "2016-11-23",
    },
    operations = {
        UpdateStateMachineAlias = {
            output = structure { updateDate = time },
            always = { "updateDate" },
        },
        DescribeStateMachineAlias = {
            output = structure {
                stateMachineAliasArn = text,
                name = text,
                description = text,
                routingConfiguration = list(structure {
                    stateMachineVersionArn = text, weight = whole,
                }),
                creationDate = time,
                updateDate = time,
            },
            always = { "stateMachineAliasArn", "routingConfiguration" },
        },
        ListStateMachineVersions = {
            output = structure {
                stateMachineVersions = list(structure {
                    stateMachineVersionArn = text, creationDate = time,
                }),
                nextToken = text,
            },
            always = { "stateMachineVersions" },
        },
        ListStateMachines = {
            output = structure {
                stateMachines = list(structure {
                    stateMachineArn = text, name = text, type = text, creationDate = time,
                }),
                nextToken = text,
            },
            always = { "stateMachines" },
            pages = { token = "nextToken", next = "nextToken", items = { "stateMachines" } },
        },
    },
}
