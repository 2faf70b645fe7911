-- What the program lends lua/simulation, for plain Lua: there the mark of an empty list means
-- nothing.

require "import_modules"

local canonical = require "canonical"
canonical.array = canonical.array or function(list) return list end

return canonical
