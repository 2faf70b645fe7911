-- Parameters of Systems Manager in the simulated account: what each operation answers and changes.
-- A state is a table that is never changed:
--
--     home        { partition, region, account }
--     parameters  name -> its versions, the oldest first, as GetParameterHistory shows them
--
-- Every function here takes a state, the operation's input and the time, and returns the output
-- and the next state, or nil and why AWS refuses.

local array = require "canonical".array
local arns = require "aws.arn"
local tables = require "simulation.tables"

local operations = {}

local with, refuse = tables.with, tables.refuse

local PAGE_SIZE = 50
local VERSIONS_MAX = 100 -- AWS drops the oldest
local STANDARD_MAX = 4096 -- bytes of a standard parameter's value

local function arn(home, name)
    return arns.make(home, "ssm", "parameter/" .. name:gsub("^/", ""))
end

-- "name", "name:3", or an ARN with or without that: the versions, and which is asked for.
local function find(state, asked)
    local bare = asked:match(":parameter(/.*)$") or asked
    local name, selector = bare:match("^([^:]*):?(.*)$")
    local versions = state.parameters[name]
    if not versions and asked ~= bare then
        name = name:sub(2)
        versions = state.parameters[name]
    end
    return versions, selector, name
end

local function labelled(version, selector)
    for _, label in ipairs(version.Labels or {}) do
        if label == selector then
            return true
        end
    end
    return false
end

local function selected(versions, selector)
    if selector == "" then
        return versions[#versions]
    end
    for _, version in ipairs(versions) do
        if ("%d"):format(version.Version) == selector or labelled(version, selector) then
            return version
        end
    end
end

local function shown(state, version, selector)
    return {
        Name = version.Name,
        Type = version.Type,
        Value = version.Value,
        Version = version.Version,
        LastModifiedDate = version.LastModifiedDate,
        ARN = arn(state.home, version.Name),
        DataType = version.DataType,
        Selector = selector ~= "" and ":" .. selector or nil,
    }
end

function operations.get_parameter(state, input)
    local versions, selector = find(state, input.Name)
    if not versions then
        return refuse("ParameterNotFound", "Parameter %s not found.", input.Name)
    end
    local version = selected(versions, selector)
    if not version then
        return refuse("ParameterVersionNotFound", "Systems Manager could not find version %s of "
            .. "%s.", selector, input.Name)
    end
    return { Parameter = shown(state, version, selector) }, state
end

function operations.get_parameters(state, input)
    local found, missing = {}, {}
    for _, asked in ipairs(input.Names) do
        local versions, selector = find(state, asked)
        local version = versions and selected(versions, selector)
        if version then
            found[#found + 1] = shown(state, version, selector)
        else
            missing[#missing + 1] = asked
        end
    end
    return { Parameters = array(found), InvalidParameters = array(missing) }, state
end

-- The token is the number of the page's first version.
function operations.get_parameter_history(state, input)
    local versions = state.parameters[input.Name]
    if not versions then
        return refuse("ParameterNotFound", "Parameter %s not found.", input.Name)
    end
    local token = math.tointeger(tonumber(input.NextToken))
    local page, following = nil, nil
    if token or not input.NextToken then
        page, following = tables.page(versions, "Version", token, input.MaxResults or PAGE_SIZE)
    end
    if not page then
        return refuse("InvalidNextToken", "The specified token isn't valid.")
    end
    return {
        Parameters = array(page),
        NextToken = following and ("%d"):format(following) or nil,
    }, state
end

local function refused(input, last)
    if last and not input.Overwrite then
        return refuse("ParameterAlreadyExists", "The parameter already exists. To overwrite this "
            .. "value, set the overwrite option in the request to true.")
    elseif last and input.Type and input.Type ~= last.Type then
        return refuse("HierarchyTypeMismatchException", "The type of %s is %s.", input.Name,
            last.Type)
    elseif last and last.Tier == "Advanced" and input.Tier == "Standard" then
        return refuse("ValidationException", "An advanced parameter cannot become a standard one.")
    elseif not last and not input.Type then
        return refuse("ValidationException", "A parameter type is required.")
    elseif #input.Value > STANDARD_MAX and (input.Tier or last and last.Tier or "Standard")
        == "Standard" then
        return refuse("ValidationException", "Standard tier parameters support a maximum "
            .. "parameter value of %d characters.", STANDARD_MAX)
    end
end

-- What AWS makes of "Intelligent-Tiering".
local function tier_of(input, last)
    local tier = input.Tier or last and last.Tier or "Standard"
    if tier == "Intelligent-Tiering" then
        local advanced = last and last.Tier == "Advanced" or #input.Value > STANDARD_MAX
            or input.Policies
        return advanced and "Advanced" or "Standard"
    end
    return tier
end

local function policies_of(input, last)
    if not input.Policies then
        return last and last.Policies or array {}
    end
    return array { {
        PolicyText = input.Policies:match("^%[(.*)%]$") or input.Policies,
        PolicyStatus = "Pending",
    } }
end

-- What is not mentioned stays as it is in the version before.
function operations.put_parameter(state, input, now)
    local versions = state.parameters[input.Name] or {}
    local last = versions[#versions]
    local _, why = refused(input, last)
    if why then
        return nil, why
    end
    local before = last or {}
    local version = {
        Name = input.Name,
        Type = input.Type or before.Type,
        Value = input.Value,
        Version = (before.Version or 0) + 1,
        LastModifiedDate = now,
        Description = input.Description or before.Description,
        AllowedPattern = input.AllowedPattern or before.AllowedPattern,
        DataType = input.DataType or before.DataType or "text",
        Tier = tier_of(input, last),
        Labels = array {},
        Policies = policies_of(input, last),
    }
    local following = { table.unpack(versions, #versions >= VERSIONS_MAX and 2 or 1) }
    following[#following + 1] = version
    return { Version = version.Version, Tier = version.Tier },
        with(state, "parameters", with(state.parameters, input.Name, following))
end

function operations.delete_parameter(state, input)
    if not state.parameters[input.Name] then
        return refuse("ParameterNotFound", "Parameter %s not found.", input.Name)
    end
    return {}, with(state, "parameters", with(state.parameters, input.Name, nil))
end

local M = { operations = operations }

M.latency = { read = 40, write = 80 }
M.refused = "ValidationException" -- the code for input that does not fit

function M.begin(home)
    return { home = home, parameters = {} }
end

-- What the owner would miss if it changed: { what it is called = plain value }. A version's number
-- and time are new with every write.
function M.view(state)
    local view = {}
    for name, versions in pairs(state.parameters) do
        local last = versions[#versions]
        view["parameter " .. name] = {
            Type = last.Type,
            Value = last.Value,
            Description = last.Description,
            AllowedPattern = last.AllowedPattern,
            DataType = last.DataType,
            Tier = last.Tier,
            Policies = last.Policies,
        }
    end
    return view
end

return M
