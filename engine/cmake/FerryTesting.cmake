# ferry_test(NAME DIRECTORY dir [PURE | PRIVATE_HEADERS] LINKS ... [TIMEOUT seconds] [ENVIRONMENT ...] [LABEL label])
#
# One executable from all sources of a directory of tests/, and one ctest entry per source file: Catch2 tags each case with
# the name of its file (-#), so the list is known without running anything, and a crash or a hang costs one file. A directory
# that has no source yet is passed over.
#
# PURE and PRIVATE_HEADERS give access to private headers by root-relative names; PURE also has an Asio that is an #error.
function(ferry_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "PURE;PRIVATE_HEADERS" "DIRECTORY;TIMEOUT;LABEL" "LINKS;ENVIRONMENT")
  set(directory ${PROJECT_SOURCE_DIR}/tests/${test_DIRECTORY})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${directory}/*.cpp)
  if(NOT sources)
    return()
  endif()

  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${test_LINKS} Catch2::Catch2WithMain)
  if(test_PURE)
    target_include_directories(${name} BEFORE PRIVATE ${PROJECT_SOURCE_DIR}/tests/layering/no_asio)
  endif()
  if(test_PURE OR test_PRIVATE_HEADERS)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  else()
    target_include_directories(${name} PRIVATE ${PROJECT_BINARY_DIR}/tests/root)
  endif()

  if(NOT test_TIMEOUT)
    set(test_TIMEOUT 120)
  endif()
  if(FERRY_SANITIZE)
    math(EXPR test_TIMEOUT "${test_TIMEOUT} * 3")
  endif()
  string(REPLACE "/" "." prefix "${test_DIRECTORY}")
  string(REGEX REPLACE "/.*" "" label "${test_DIRECTORY}")
  set(arguments --filenames-as-tags)
  if(Catch2_VERSION VERSION_LESS 3)
    list(APPEND arguments --warn NoTests)  # version 3 fails by itself when no case matches
  endif()

  set(registered "")
  foreach(source IN LISTS sources)
    file(STRINGS ${source} cases REGEX "TEST_CASE|SCENARIO" LIMIT_COUNT 1)
    cmake_path(GET source STEM stem)
    if(NOT cases OR stem IN_LIST registered)  # a helper; or a second file of this name, which runs under the first's entry
      continue()
    endif()
    list(APPEND registered ${stem})
    add_test(NAME ${prefix}.${stem} COMMAND ${name} "[#${stem}]" ${arguments})
    set_tests_properties(${prefix}.${stem} PROPERTIES
      TIMEOUT ${test_TIMEOUT}
      LABELS ${label}
      ENVIRONMENT "${FERRY_TEST_ENVIRONMENT};${test_ENVIRONMENT}")
  endforeach()
endfunction()

# What the sanitizers' run times are told; empty in other builds.
set(FERRY_TEST_ENVIRONMENT "")
if(FERRY_SANITIZE STREQUAL "address+undefined")
  set(FERRY_TEST_ENVIRONMENT "ASAN_OPTIONS=detect_stack_use_after_return=1" "UBSAN_OPTIONS=print_stacktrace=1")
elseif(FERRY_SANITIZE STREQUAL "thread")
  set(suppressions ${PROJECT_SOURCE_DIR}/tests/support/thread_sanitizer.supp)
  set(FERRY_TEST_ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=${suppressions}")
endif()
