-- For the specs of lua/aws/client. What needs protocols runs in tidelock-lua only (`lent`).

local M = { lent = require("protocol_modules").lent }

require "sim_modules"

M.rule = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/a/b/c/d"

-- An answer of AWS in JSON.
function M.json(status, body, headers)
    local list = {}
    for name, value in pairs(headers or {}) do
        list[#list + 1] = { name, value }
    end
    return { status = status, headers = list, body = body }
end

-- An error of the query protocol.
function M.xml_error(status, code)
    return M.json(status, ("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>m"
        .. "</Message></Error><RequestId>r</RequestId></ErrorResponse>"):format(code))
end

return M
