# Programs of their own, so that they can be run alone on another processor or without FMA. The
# library under test is compiled without contraction; so are they.
foreach(part math random)
  add_executable(${part}_test ${PROJECT_SOURCE_DIR}/tests/unit/${part}_test.c)
  target_include_directories(${part}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
  target_link_libraries(${part}_test PRIVATE core_base m)
  add_test(NAME unit/${part} COMMAND ${part}_test)
  set_tests_properties(unit/${part} PROPERTIES LABELS unit)
endforeach()
