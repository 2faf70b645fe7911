-- What stands for JSON's null in lists and maps while a message is written or read. Plain values
-- have none, so it is for this folder and for those who ask for it.

return require("cjson").null
