# What `cmake --install` puts where, and the two packages made of it: a .deb with the program that
# uses the system's libraries, and a tarball with the one that needs glibc and libcurl only.
#
# Three components: `common` is in both, `system` and `portable` have the program.
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME common)
if(TARGET tidelock)
  install(TARGETS tidelock COMPONENT system RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(TARGET tidelock-portable)
  install(PROGRAMS $<TARGET_FILE:tidelock-portable> RENAME tidelock
    DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT portable EXCLUDE_FROM_ALL)
endif()
# The program has lua/, stdlib/ and policies/ inside it; what is copied is for reading and for
# editors. Permissions are said, since those of a checkout follow its user's umask.
set(as_file FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} ${as_file})
install(DIRECTORY examples policies stdlib DESTINATION ${CMAKE_INSTALL_DATADIR}/tidelock
  ${as_file}
  PATTERN "*.sh" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
if(TARGET tidelock)
  set(told ${PROJECT_BINARY_DIR}/told)
  install(DIRECTORY ${told}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 ${as_file})
  install(FILES ${told}/tidelock DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${told}/_tidelock DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${told}/tidelock.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
# What others wrote of what is linked into the program, under the name of the Debian package that
# it came from.
foreach(package liblua5.4-dev lua-cjson-dev lua-expat-dev libexpat1-dev libseccomp-dev libssl-dev)
  if(EXISTS /usr/share/doc/${package}/copyright)
    install(FILES /usr/share/doc/${package}/copyright RENAME ${package}
      DESTINATION ${CMAKE_INSTALL_DOCDIR}/copyright)
  endif()
endforeach()

# --- packages: cpack, in the build folder ---

# The same sources give the same bytes, whenever and wherever: what is packed bears the time of the
# commit, unless SOURCE_DATE_EPOCH says another.
find_program(TIDELOCK_GIT git)
if(TIDELOCK_GIT)
  execute_process(COMMAND ${TIDELOCK_GIT} -C ${PROJECT_SOURCE_DIR} log -1 --format=%ct
    OUTPUT_VARIABLE committed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(CPACK_TIDELOCK_EPOCH ${committed})

set(CPACK_GENERATOR DEB)
if(TARGET tidelock-portable)
  list(APPEND CPACK_GENERATOR TGZ)
endif()
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/install_packages.cmake)
set(CPACK_TIDELOCK_MACHINE linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/install_sorted.cmake)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "The authors of Tidelock")
set(CPACK_PACKAGE_DESCRIPTION "A policy is a Lua file. It raises a new version's share of the \
traffic in steps, and has it judged against the old one. Whatever goes wrong, every resource that \
was touched is put back as it was. Policies are tried on recorded metrics, in virtual time, first.")
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# libcurl is loaded by name when it is first needed, which dpkg-shlibdeps does not see.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcurl4 (>= 7.87)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, tzdata")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
