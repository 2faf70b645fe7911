-- What every importer says of bad input: {invalid = message}, which the program turns into exit 2.

local function invalid(format, ...)
    error({invalid = string.format(format, ...)}, 0)
end

return invalid
