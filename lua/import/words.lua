-- What stands in a recording where there is no number, as values that are no text: an import knows
-- no such words, and a cell that has one is no number.

return {
    ["no data"] = { word = "no data" },
    ["provider error"] = { word = "provider error" },
}
