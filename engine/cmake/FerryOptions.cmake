# The switches a person may set, and the compiler flags that follow from them.
#
# Everything below the first block applies to Ferry's own directories only, and warnings and sanitizers only when Ferry is
# the top-level project: a program that uses add_subdirectory(ferry) gets the library and nothing else.

option(FERRY_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(FERRY_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(FERRY_BENCH "Build the benchmarks" OFF)
option(FERRY_INTEROP "Test against libzmq and other real peers, where they are found" ${PROJECT_IS_TOP_LEVEL})
option(FERRY_ZMQ "Build ferry::zmq, a zmq.h and a libzmq.so.5 that are Ferry underneath (Linux)" ${PROJECT_IS_TOP_LEVEL})
option(FERRY_ZMQ_DRAFTS "Export zmq_poller_... from ferry::zmq as well, which are drafts of libzmq" OFF)
option(FERRY_INSTALL "Make install rules" ${PROJECT_IS_TOP_LEVEL})
option(FERRY_FUZZ "Build the libFuzzer targets, and no other test (clang only)" OFF)
option(FERRY_COVERAGE "Record line coverage (gcc only)" OFF)
option(FERRY_WERROR "Treat warnings as errors" OFF)
option(BUILD_SHARED_LIBS "Build ferry as a shared library" OFF)
set(FERRY_SANITIZE "" CACHE STRING "Sanitizers: empty, address+undefined, or thread")
set_property(CACHE FERRY_SANITIZE PROPERTY STRINGS "" address+undefined thread)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(FERRY_ZMQ AND (FERRY_FUZZ OR NOT CMAKE_SYSTEM_NAME STREQUAL "Linux"))
  set(FERRY_ZMQ OFF)
endif()
if(BUILD_SHARED_LIBS OR FERRY_ZMQ)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fno-semantic-interposition)  # a call within the library may be inlined, as clang does
  endif()
endif()

if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(FERRY_CCACHE ccache)
mark_as_advanced(FERRY_CCACHE)
if(FERRY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FERRY_CCACHE})
endif()

# A member left to its default initializer is how options are meant to be written.
add_compile_options(
  -Wall -Wextra -Wpedantic -Wconversion -Woverloaded-virtual -Wcast-qual -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wshadow alone also complains of constructor parameters named like the members they set.
  add_compile_options(-Wshadow=local)
  # Under optimisation gcc 12 reports these inside the standard library and Asio, where nothing is wrong.
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds
    -Wno-dangling-pointer -Wno-mismatched-new-delete)
else()
  add_compile_options(-Wshadow)
endif()
if(FERRY_WERROR)
  add_compile_options(-Werror)
endif()

if(FERRY_SANITIZE STREQUAL "address+undefined")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(FERRY_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Asio's atomic_thread_fence, thirty times per translation unit
  endif()
elseif(FERRY_SANITIZE)
  message(FATAL_ERROR "FERRY_SANITIZE is '${FERRY_SANITIZE}'; it may be empty, address+undefined or thread")
endif()

if(FERRY_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

if(FERRY_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "FERRY_FUZZ needs clang (libFuzzer); use the preset 'fuzz'")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
