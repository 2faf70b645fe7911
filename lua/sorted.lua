-- The names in a table, sorted: what is done for each of them is done in the same order every time.
return function(table_of_names)
    local names = {}
    for name in next, table_of_names do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end
