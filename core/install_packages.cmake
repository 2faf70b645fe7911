# Read by cpack before it makes a package: which parts go into this one, and the time that its files
# bear.
if(CPACK_TIDELOCK_EPOCH AND NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  set(ENV{SOURCE_DATE_EPOCH} ${CPACK_TIDELOCK_EPOCH})
endif()
set(program system)
if(CPACK_GENERATOR STREQUAL TGZ)
  set(program portable)
  set(CPACK_PACKAGE_FILE_NAME tidelock-${CPACK_PACKAGE_VERSION}-${CPACK_TIDELOCK_MACHINE})
endif()
list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 build_folder)
set(CPACK_INSTALL_CMAKE_PROJECTS
  ${build_folder} tidelock ${program} /
  ${build_folder} tidelock common /)
