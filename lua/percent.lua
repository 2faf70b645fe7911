-- A share of the traffic in percent as people read it: "5 %", "2.25 %".
return function(share)
    return (("%.2f"):format(share):gsub("%.?0+$", "")) .. " %"
end
