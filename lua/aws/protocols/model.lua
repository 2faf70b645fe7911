-- A service's model in botocore's JSON form, {metadata, shapes, operations}, with every reference
-- to a shape replaced by the shape itself: what a reference says (locationName, location,
-- flattened, ...) overrides what the shape says.
--
-- An `order` (a list of names) may say in which order a structure's members are written;
-- without one they go by name. Only XML can tell the difference.

local sorted = require "sorted"

local M = {}

-- A structure's own locationName is the name of a document's root; as a member it has another.
local function overlay(base, reference)
    local shape = {}
    for trait, value in next, base do
        shape[trait] = value
    end
    for trait, value in next, reference do
        shape[trait] = value
    end
    shape.name, shape.shape = reference.shape, nil
    if base.type == "structure" then
        shape.own_name, shape.locationName = base.locationName, reference.locationName
    end
    return shape
end

local link

-- Where an answer has members outside its body; other locations mean something in requests only.
local outside_body = { header = true, headers = true, statusCode = true }

-- Adds the names of members that the body of a request, or of an answer, has.
local function link_members(model, shape)
    local members = {}
    for name, reference in next, shape.members or {} do
        members[name] = link(model, reference)
    end
    shape.members = members
    shape.names = shape.order or sorted(members)
    shape.sent_names, shape.answered_names = {}, {}
    for _, name in ipairs(shape.names) do
        local location = members[name].location
        if not location then
            shape.sent_names[#shape.sent_names + 1] = name
        end
        if not outside_body[location] then
            shape.answered_names[#shape.answered_names + 1] = name
        end
    end
end

function link(model, reference)
    local known = model.linked[reference]
    if known then
        return known
    end
    local base = model.shapes[reference.shape]
    if not base then
        error(("the model has no shape %q"):format(tostring(reference.shape)), 0)
    end
    local shape = overlay(base, reference)
    model.linked[reference] = shape -- before its parts: a shape may contain itself
    if shape.type == "structure" then
        link_members(model, shape)
    elseif shape.type == "list" then
        shape.member = link(model, shape.member)
    elseif shape.type == "map" then
        shape.key, shape.value = link(model, shape.key), link(model, shape.value)
    end
    return shape
end

-- How the wire calls an error: error.code where the model has one, else the shape's name.
local function link_errors(model)
    local errors = {}
    for name, shape in next, model.shapes do
        if shape.exception or shape.error then
            local linked = link(model, { shape = name })
            errors[name] = errors[name] or linked
            if shape.error and shape.error.code then
                errors[shape.error.code] = linked
            end
        end
    end
    return errors
end

local function link_operation(model, name, operation)
    return {
        name = operation.name or name,
        http = operation.http or {},
        endpoint = operation.endpoint,
        input = operation.input and link(model, operation.input),
        output = operation.output and link(model, operation.output),
    }
end

-- {metadata, operations, errors (by wire code)}; the document stays as it is.
function M.load(document)
    local model = { metadata = document.metadata, shapes = document.shapes or {}, linked = {} }
    local loaded = {
        metadata = document.metadata,
        operations = {},
        errors = link_errors(model),
    }
    for name, operation in next, document.operations or {} do
        loaded.operations[name] = link_operation(model, name, operation)
    end
    return loaded
end

return M
