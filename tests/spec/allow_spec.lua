-- What an operator allows is compared with what there is.

local allow = require "aws.allow"

describe("allow", function()
    it("knows whether some text fits two patterns", function()
        for _, case in ipairs {
            { "", "", true }, { "*", "", true }, { "a", "", false }, { "a", "a", true },
            { "a", "b", false }, { "a*", "*b", true }, { "a*c", "ab*", true },
            { "a*c", "b*", false }, { "*a", "*b", false }, { "**", "x", true },
            { "*x*", "*y*", true }, { "ab", "a*bc", false }, { "lambda.*", "lambda.x", true },
        } do
            assert.are.equal(case[3], allow.meet(case[1], case[2]), case[1] .. " and " .. case[2])
            assert.are.equal(case[3], allow.meet(case[2], case[1]), case[2] .. " and " .. case[1])
        end
    end)

    it("takes time that grows with the product of two long patterns", function()
        local stars = ("*a"):rep(100)
        assert.is_true(allow.meet(stars, ("a"):rep(200)))
        assert.is_false(allow.meet(stars .. "b", ("a"):rep(200)))
    end)

    it("takes operations and patterns that fit one", function()
        assert.is_nil(allow.wrong {})
        assert.is_nil(allow.wrong { operations = {} })
        assert.is_nil(allow.wrong {
            operations = { "*", "elbv2.*", "lambda.update_alias", "*.describe_*" },
        })
    end)

    it("refuses an operation that there is not", function()
        assert.are.equal('allow.operations[2]: no operation fits "lambda.updatealias" '
            .. "(did you mean lambda.update_alias?)",
            allow.wrong { operations = { "elbv2.*", "lambda.updatealias" } })
        assert.are.equal(
            'allow.operations[1]: no operation fits "lamda.*" (did you mean lambda.*?)',
            allow.wrong { operations = { "lamda.*" } })
        assert.are.equal('allow.operations[1]: no operation fits "nothing.like_it"',
            allow.wrong { operations = { "nothing.like_it" } })
    end)

    it("refuses a resource that nothing can have", function()
        assert.is_nil(allow.wrong {
            resources = { "*", "arn:aws:lambda:*:function:web*", "arn:*:ecs:eu-central-1:*" },
        })
        assert.are.equal(
            'allow.resources[2]: no resource fits "arn:aws:lamda:*" (did you mean lambda?)',
            allow.wrong { resources = { "arn:aws:ecs:*", "arn:aws:lamda:*" } })
        assert.are.equal('allow.resources[1]: no resource fits "pay:live"; they are called by '
            .. "their ARN, arn:PARTITION:SERVICE:REGION:ACCOUNT:...",
            allow.wrong { resources = { "pay:live" } })
    end)

    it("refuses what only a rollback may ask for", function()
        local why = allow.wrong { operations = { "appconfig.stop_deployment" } }
        assert.truthy(why:find("no operation fits", 1, true))
    end)
end)
