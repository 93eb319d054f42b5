# Install rules: the library, its public headers, and the files by which find_package and pkg-config find them.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ferry)

install(TARGETS ferry EXPORT ferryTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/protocol/include/ ${PROJECT_SOURCE_DIR}/engine/include/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp")
install(EXPORT ferryTargets NAMESPACE ferry:: DESTINATION ${package_dir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/engine/cmake/ferryConfig.cmake.in
  ${PROJECT_BINARY_DIR}/package/ferryConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/ferryConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/package/ferryConfig.cmake
  ${PROJECT_BINARY_DIR}/package/ferryConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/engine/cmake/Findasio.cmake
  DESTINATION ${package_dir})

# pkg-config has no way to look for Asio: name its directory when a compiler would not find it by itself.
set(FERRY_PC_ASIO_CFLAGS "")
if(NOT FERRY_ASIO_INCLUDE_DIR IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
  set(FERRY_PC_ASIO_CFLAGS "-isystem ${FERRY_ASIO_INCLUDE_DIR}")
endif()
set(FERRY_PC_SHARED_CFLAGS "")
if(BUILD_SHARED_LIBS)
  set(FERRY_PC_SHARED_CFLAGS "-DFERRY_SHARED")
endif()
# A prefix given at install time (cmake --install --prefix) must hold too, so the file finds its prefix from where it lies.
file(RELATIVE_PATH FERRY_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" FERRY_PC_PREFIX "${FERRY_PC_PREFIX}")
configure_file(${PROJECT_SOURCE_DIR}/engine/cmake/ferry.pc.in ${PROJECT_BINARY_DIR}/package/ferry.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/ferry.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
