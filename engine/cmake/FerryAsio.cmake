# Asio, wherever it is: the private prefix that `./run` fills, then the system, then the internet.

if(NOT DEFINED FERRY_PREFIX AND NOT DEFINED ENV{FERRY_PREFIX}
   AND EXISTS ${PROJECT_SOURCE_DIR}/.deps/asio-1.30.2/usr/include/asio.hpp)
  set(FERRY_PREFIX ${PROJECT_SOURCE_DIR}/.deps/asio-1.30.2)
endif()

if(NOT TARGET asio::asio)
  find_package(asio 1.30.2 MODULE QUIET)
endif()

if(NOT TARGET asio::asio)
  message(STATUS "No Asio 1.30.2 or newer here; fetching it")
  include(FetchContent)
  FetchContent_Declare(asio_source
    GIT_REPOSITORY https://github.com/chriskohlhoff/asio.git
    GIT_TAG asio-1-30-2
    GIT_SHALLOW ON)
  FetchContent_GetProperties(asio_source)
  if(NOT asio_source_POPULATED)
    FetchContent_Populate(asio_source)  # stops with git's own message when the internet is out of reach
  endif()
  set(asio_ROOT ${asio_source_SOURCE_DIR}/asio)
  find_package(asio 1.30.2 MODULE QUIET)
  if(NOT TARGET asio::asio)
    message(FATAL_ERROR
      "Ferry needs Asio 1.30.2 or newer (headers only). Install it (libasio-dev on Debian 13), run ./run test once on "
      "Debian 12, or point FERRY_PREFIX at a directory that holds include/asio.hpp.")
  endif()
endif()

get_target_property(FERRY_ASIO_INCLUDE_DIR asio::asio INTERFACE_INCLUDE_DIRECTORIES)
message(STATUS "Asio ${asio_VERSION}: ${FERRY_ASIO_INCLUDE_DIR}")
