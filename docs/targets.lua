-- Writes docs/targets.md to stdout: tidelock-lua docs/targets.lua > docs/targets.md
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
io.write(require("report.targets_page").page())
