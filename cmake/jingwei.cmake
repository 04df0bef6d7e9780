# jw_library(NAME SOURCES ... LINKS ... [PACKAGES ...]): one folder of engine/ as a static library. Sources are
# listed by name; links are PRIVATE: a folder's users see its header alone. A folder whose sources are not
# written yet is an interface.
function(jw_library name)
  cmake_parse_arguments(A "" "" "SOURCES;LINKS" ${ARGN})
  set(target jw_${name})
  add_library(${target} STATIC ${A_SOURCES})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/engine>)
  target_compile_options(${target} PRIVATE ${JW_WARNINGS})
  target_link_libraries(${target} PRIVATE ${A_LINKS})
  set_property(GLOBAL APPEND PROPERTY JW_LIBRARIES ${target})
endfunction()

# jw_test(NAME [SOURCES ...] LINKS ... [LABEL fast|slow|gl]): tests/NAME.c (and helpers) against cmocka.
function(jw_test name)
  cmake_parse_arguments(A "" "LABEL;TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT A_LABEL)
    set(A_LABEL fast)
  endif()
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 1200) # seconds: for what hangs, on the slowest machine; no bound on speed
  endif()
  add_executable(${name} ${name}.c ${A_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/engine ${PROJECT_SOURCE_DIR}/tests)
  target_compile_options(${name} PRIVATE ${JW_WARNINGS})
  target_compile_definitions(${name} PRIVATE JW_TEST_FOLDER="${PROJECT_SOURCE_DIR}/tests"
                                             JW_SOURCE_FOLDER="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${A_LINKS} PkgConfig::CMOCKA)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  # Waiting without spinning: tests share the machine with each other.
  set_tests_properties(${name} PROPERTIES LABELS ${A_LABEL} TIMEOUT ${A_TIMEOUT} SKIP_RETURN_CODE 77
                       ENVIRONMENT OMP_WAIT_POLICY=passive)
endfunction()
