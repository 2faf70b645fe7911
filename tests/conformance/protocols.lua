-- Protocol cases in botocore's format ({metadata, shapes, operations' cases}), in FOLDER/input and
-- FOLDER/output, through lua/aws/protocols.
--
--     tests/conformance/protocols [FOLDER]
--
-- FOLDER is the suite's own or the one of all suites; without it TIDELOCK_CONFORMANCE says. Exit
-- status 0 if everything passed but what is left out by name below, 77 where there is no data.

local root = os.getenv("TIDELOCK_ROOT") or "."
package.path = root .. "/lua/?.lua;" .. root .. "/lua/?/init.lua;" .. root
    .. "/tests/conformance/?.lua;" .. package.path

local cases = require "protocol_cases"

local files = { "json", "json_1_0", "query", "rest-json", "rest-xml" }

-- What is left out, and why. A name that is not among the cases is a failure, and so is a case
-- that would pass: the list says no more than the truth.
local left_out = {}

local function leave_out(why, names)
    for name in names:gmatch("%S+") do
        left_out[name] = why
    end
end

leave_out("bodies are not compressed: no operation of the catalogue asks for it", [[
    input/json/SDKAppliedContentEncoding_awsJson1_1
    input/json/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1
    input/json_1_0/SDKAppliedContentEncoding_awsJson1_0
    input/json_1_0/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0
    input/query/SDKAppliedContentEncoding_awsQuery
    input/query/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery
    input/rest-json/SDKAppliedContentEncoding_restJson1
    input/rest-json/SDKAppendedGzipAfterProvidedEncoding_restJson1
    input/rest-xml/SDKAppliedContentEncoding_restXml
    input/rest-xml/SDKAppendedGzipAfterProvidedEncoding_restXml]])
leave_out("Content-MD5 is not sent: no operation of the catalogue asks for it",
    "input/rest-json/RestJsonHttpChecksumRequired")
leave_out("a flattened list goes by the name of its items, as in SQS's model and in botocore",
    "input/query/QueryFlattenedListArgWithXmlName")
leave_out("a reference names the root of a payload, as S3's model wants and botocore does", [[
    input/rest-xml/RestXmlHttpPayloadWithUnion
    input/rest-xml/HttpPayloadWithXmlNamespace
    input/rest-xml/HttpPayloadWithXmlNamespaceAndPrefix
    input/rest-xml/XmlAttributesOnPayload]])
leave_out("a list without items sends no header, as in botocore", [[
    input/rest-json/RestJsonNullAndEmptyHeaders
    input/rest-xml/NullAndEmptyHeaders]])
leave_out("a jsonvalue is given and returned as a value, as in botocore, not as JSON text", [[
    input/rest-json/MediaTypeHeaderInputBase64
    output/rest-json/MediaTypeHeaderOutputBase64]])
leave_out("the body of a blob is the blob, also when it is empty, as in botocore", [[
    output/rest-json/RestJsonHttpPayloadTraitsWithNoBlobBody
    output/rest-xml/HttpPayloadTraitsWithNoBlobBody]])
leave_out("the form of the model does not tell maps that may hold null from the others",
    "output/rest-json/RestJsonDeserializesDenseSetMapAndSkipsNull")
leave_out("the case expects no message, although its answer has one",
    "output/rest-xml/ComplexError")

local function read_file(path)
    local file <close> = io.open(path, "rb")
    return file and file:read("a")
end

local function find_folder(given)
    for _, folder in ipairs { given, given .. "/protocols" } do
        if read_file(folder .. "/input/query.json") then
            return folder
        end
    end
end

local function skip(why)
    print("SKIPPED: conformance/protocols: " .. why)
    print("0 passed, 0 failed, 1 skipped")
    os.exit(77, true)
end

local tally = { passed = 0, failed = 0, skipped = 0 }

local function note(name, why)
    local reason = left_out[name]
    left_out[name] = nil
    if reason and why then
        tally.skipped = tally.skipped + 1
        print(("left out: %s: %s"):format(name, reason))
    elseif not reason and not why then
        tally.passed = tally.passed + 1
    else
        tally.failed = tally.failed + 1
        print(("FAILED: %s\n    %s"):format(name, why or "passes, and is left out by name"))
    end
end

local function run_file(folder, direction, file)
    local path = ("%s/%s/%s.json"):format(folder, direction, file)
    local text = read_file(path)
    if not text then
        return note(("%s/%s"):format(direction, file), path .. " cannot be read")
    end
    for _, case in ipairs(cases.load(text)) do
        local ok, why = xpcall(cases[direction], debug.traceback, case)
        note(("%s/%s/%s"):format(direction, file, case.id), why or not ok and "failed" or nil)
    end
end

local given = arg[1] or os.getenv("TIDELOCK_CONFORMANCE") or ""
if given == "" then
    skip("no folder is given, as an argument or in TIDELOCK_CONFORMANCE")
end
local folder = find_folder(given) or skip("its data is not in " .. given)
for _, direction in ipairs { "input", "output" } do
    for _, file in ipairs(files) do
        run_file(folder, direction, file)
    end
end
for name in pairs(left_out) do
    note(name, nil)
end
print(("%d passed, %d failed, %d skipped"):format(tally.passed, tally.failed, tally.skipped))
os.exit(tally.failed == 0, true)
