# Turns Lua sources into one C file: byte arrays and a table {path, data, size} sorted by path.
#     cmake -DROOT=/path/to/tree -DOUTPUT=embedded.c -P embed.cmake
# The embedded name of a file is its path from ROOT, which is also how messages show it.
file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/lua/*.lua)
file(GLOB shallow RELATIVE ${ROOT} ${ROOT}/stdlib/*.lua ${ROOT}/policies/*.lua)
list(APPEND files ${shallow})
list(SORT files)

set(arrays "")
set(rows "")
set(count 0)
foreach(path IN LISTS files)
  file(READ ${ROOT}/${path} hex HEX)
  file(SIZE ${ROOT}/${path} size)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char data_${count}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${path}\", data_${count}, ${size}},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE ${OUTPUT} "#include \"host/embedded.h\"\n\n${arrays}
const struct embedded_file embedded_files[] = {\n${rows}};\n
const size_t embedded_count = ${count};\n")
