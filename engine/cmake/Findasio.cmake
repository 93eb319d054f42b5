# Finds standalone Asio, which ships no CMake package of its own, and defines asio::asio.
#
# Searched in this order: FERRY_PREFIX (CMake variable or environment; a list of prefixes), asio_ROOT, then the usual
# places. A prefix that holds a version older than the one asked for is passed over.
#
# Sets asio_FOUND, asio_VERSION and asio_INCLUDE_DIR.

function(_asio_read_version directory out_variable)
  set(version "")
  if(EXISTS "${directory}/asio/version.hpp")
    file(STRINGS "${directory}/asio/version.hpp" line REGEX "^#define ASIO_VERSION [0-9]+")
    string(REGEX REPLACE ".*ASIO_VERSION ([0-9]+).*" "\\1" number "${line}")
    math(EXPR major "${number} / 100000")
    math(EXPR minor "${number} / 100 % 1000")
    math(EXPR patch "${number} % 100")
    set(version ${major}.${minor}.${patch})
  endif()
  set(${out_variable} "${version}" PARENT_SCOPE)
endfunction()

set(_asio_private_prefixes ${FERRY_PREFIX} $ENV{FERRY_PREFIX} ${asio_ROOT} $ENV{asio_ROOT})
set(_asio_seen "")

# An older Asio in a system directory would be found first and stay in the cache, hence the two steps and the unset.
foreach(_asio_step IN ITEMS private system hint)
  if(asio_INCLUDE_DIR)
    _asio_read_version("${asio_INCLUDE_DIR}" asio_VERSION)
    if(asio_VERSION AND NOT asio_VERSION VERSION_LESS "${asio_FIND_VERSION}")
      break()
    endif()
    list(APPEND _asio_seen "${asio_INCLUDE_DIR} (${asio_VERSION})")
    unset(asio_INCLUDE_DIR CACHE)
    unset(asio_INCLUDE_DIR)
    unset(asio_VERSION)
  endif()
  if(_asio_step STREQUAL "private" AND _asio_private_prefixes)
    find_path(asio_INCLUDE_DIR asio.hpp PATHS ${_asio_private_prefixes}
      PATH_SUFFIXES include usr/include NO_DEFAULT_PATH)
  elseif(_asio_step STREQUAL "system")
    find_path(asio_INCLUDE_DIR asio.hpp)
  elseif(_asio_step STREQUAL "hint" AND asio_HINT_INCLUDE_DIR)
    find_path(asio_INCLUDE_DIR asio.hpp PATHS ${asio_HINT_INCLUDE_DIR} NO_DEFAULT_PATH)
  endif()
endforeach()
if(asio_INCLUDE_DIR)
  _asio_read_version("${asio_INCLUDE_DIR}" asio_VERSION)
endif()

set(_asio_reason "")
if(_asio_seen)
  list(JOIN _asio_seen ", " _asio_seen)
  set(_asio_reason "Too old: ${_asio_seen}. Set FERRY_PREFIX to a directory that holds include/asio.hpp.")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(asio
  REQUIRED_VARS asio_INCLUDE_DIR
  VERSION_VAR asio_VERSION
  REASON_FAILURE_MESSAGE "${_asio_reason}")
mark_as_advanced(asio_INCLUDE_DIR)

if(asio_FOUND AND NOT TARGET asio::asio)
  find_package(Threads REQUIRED)
  add_library(asio::asio INTERFACE IMPORTED)
  set_target_properties(asio::asio PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${asio_INCLUDE_DIR}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${asio_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS "ASIO_STANDALONE;ASIO_NO_DEPRECATED"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
