-- Base64 (RFC 4648), for blobs in JSON, XML and forms.

local M = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local digits, values = {}, {}
for i = 0, 63 do
    local digit = ALPHABET:sub(i + 1, i + 1)
    digits[i], values[digit] = digit, i
end

local function encode_group(group)
    local a, b, c = group:byte(1, 3)
    local bits = a << 16 | (b or 0) << 8 | (c or 0)
    return digits[bits >> 18] .. digits[bits >> 12 & 63]
        .. (b and digits[bits >> 6 & 63] or "=") .. (c and digits[bits & 63] or "=")
end

function M.encode(bytes)
    return (bytes:gsub("..?.?", encode_group))
end

local function decode_group(a, b, c, d)
    local bits = values[a] << 18 | values[b] << 12 | (values[c] or 0) << 6 | (values[d] or 0)
    local bytes = string.char(bits >> 16, bits >> 8 & 255, bits & 255)
    return bytes:sub(1, c == "=" and 1 or d == "=" and 2 or 3)
end

-- nil where the text is not base64; white space is passed over, padding may be missing.
function M.decode(text)
    text = text:gsub("%s", "")
    local bare = text:gsub("=?=$", "")
    if bare:find("[^%w+/]") or #bare % 4 == 1 then
        return nil
    end
    bare = bare .. ("="):rep(-#bare % 4)
    return (bare:gsub("(.)(.)(.)(.)", decode_group))
end

return M
