-- Writes what editors know of targets: tidelock-lua docs/target_types.lua > stdlib/meta/targets.lua
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
io.write(require("report.target_types").file())
