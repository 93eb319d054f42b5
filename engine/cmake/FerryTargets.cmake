# How a room becomes a target.

# The sources below the current directory; FILTERS are regular expressions of what to leave out.
function(ferry_sources out_variable)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(filter IN LISTS ARGN)
    list(FILTER sources EXCLUDE REGEX "${filter}")
  endforeach()
  set(${out_variable} ${sources} PARENT_SCOPE)
endfunction()

# ferry_room(NAME [PURE] SOURCES ... LINKS ...)
#
# A room is an object library: a test that links one room links all of it, so that a room that needs another one does not
# link. A PURE room sees, before anything else, an Asio that is an #error.
function(ferry_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "PURE" "" "SOURCES;LINKS")
  add_library(${name} OBJECT ${room_SOURCES})
  if(room_PURE)
    target_include_directories(${name} BEFORE PRIVATE ${PROJECT_SOURCE_DIR}/tests/layering/no_asio)
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_compile_definitions(${name} PRIVATE FERRY_BUILDING)
  if(BUILD_SHARED_LIBS)
    target_compile_definitions(${name} PRIVATE FERRY_SHARED)
  endif()
  target_link_libraries(${name} PUBLIC ${room_LINKS})
endfunction()
