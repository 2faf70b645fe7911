local advice = require "aws.client.advice"

describe("the advice behind an error of AWS's", function()
    it("says what to do where that is known", function()
        local told = advice.advised { code = "AccessDeniedException", message = "User: x may not" }
        assert.equal("AccessDeniedException", told.code)
        assert.equal("User: x may not (allow it to this identity; `tidelock iam` prints all that "
            .. "a policy needs)", told.message)
    end)

    it("says why there are no new credentials", function()
        local told = advice.advised({ code = "ExpiredToken", message = "It is over." }, "no SSO")
        assert.equal("It is over. (the session has ended: sign in again, or renew what the "
            .. "credentials come from; asking for new ones failed: no SSO)", told.message)
    end)

    it("leaves every other error as it came", function()
        local problem = { code = "ValidationException", message = "1 % of what" }
        assert.same(problem, advice.advised(problem))
    end)
end)
