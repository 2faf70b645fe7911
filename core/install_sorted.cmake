# Run by cpack after it made a package. It packs files of a tarball in the order in which the file
# system happens to list them: they are packed again, sorted by name.
if(CPACK_GENERATOR STREQUAL TGZ)
  if(DEFINED ENV{SOURCE_DATE_EPOCH})
    set(when --mtime=@$ENV{SOURCE_DATE_EPOCH})
  endif()
  foreach(file IN LISTS CPACK_PACKAGE_FILES)
    set(unpacked ${file}.unpacked)
    file(MAKE_DIRECTORY ${unpacked})
    execute_process(COMMAND ${CMAKE_COMMAND} -E tar xzf ${file} WORKING_DIRECTORY ${unpacked}
      COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND tar --create --file ${file}.tar --directory ${unpacked} --sort=name
      --format=gnu --owner=root:0 --group=root:0 ${when} ${CPACK_PACKAGE_FILE_NAME}
      COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND gzip --no-name --best --stdout ${file}.tar OUTPUT_FILE ${file}
      COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE ${file}.tar)
    file(REMOVE_RECURSE ${unpacked})
  endforeach()
endif()
