-- Writes the editor types: tidelock-lua docs/editor_types.lua > stdlib/meta/operations.lua
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
io.write(require("report.editor_types").file())
