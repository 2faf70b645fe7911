-- Writes docs/catalogue.md to stdout: tidelock-lua docs/catalogue.lua > docs/catalogue.md
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
io.write(require("report.reference").page())
