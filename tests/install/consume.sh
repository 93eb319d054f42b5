#!/bin/bash
# consume.sh install|find_package|add_subdirectory|pkg_config
#
# Installs the build into a prefix of its own, or builds and runs the consumer against it in one of the three ways.
# From the environment: CMAKE CXX SOURCE BUILD WORK, FERRY_PREFIX (where Asio is), LAUNCHER (ccache, or empty), and what
# this build compiles with: BUILD_TYPE TYPE_FLAGS OPTIONS.
set -euo pipefail

prefix=$WORK/prefix
consumer=$SOURCE/tests/install/consumer

build_consumer() {
  rm -rf "${WORK:?}/$1"
  "$CMAKE" -S "$consumer" -B "$WORK/$1" -G Ninja -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER" "${@:2}"
  "$CMAKE" --build "$WORK/$1"
  "$WORK/$1/consumer"
}

case $1 in
  install)
    rm -rf "$prefix"
    "$CMAKE" --install "$BUILD" --prefix "$prefix"
    ;;
  find_package)
    # Without FERRY_PREFIX: the installed package itself must lead to Asio.
    unset FERRY_PREFIX
    build_consumer find_package -DCMAKE_PREFIX_PATH="$prefix"
    ;;
  add_subdirectory)
    # With the same options as this build, so that ccache has the library already.
    build_consumer add_subdirectory -DFERRY_SOURCE="$SOURCE" -DCMAKE_BUILD_TYPE="$BUILD_TYPE" \
      "-DCMAKE_CXX_FLAGS_${BUILD_TYPE^^}=$TYPE_FLAGS" -DOPTIONS="$OPTIONS"
    ;;
  pkg_config)
    file=$(find "$prefix" -name ferry.pc)
    export PKG_CONFIG_PATH=${file%/*}
    mkdir -p "$WORK/pkg_config"
    # shellcheck disable=SC2046  # the flags are words
    "$CXX" -std=c++20 "$consumer/main.cpp" -o "$WORK/pkg_config/consumer" $(pkg-config --cflags --libs ferry)
    LD_LIBRARY_PATH=$(pkg-config --variable=libdir ferry) "$WORK/pkg_config/consumer"
    ;;
  *)
    sed -n '2,6p' "$0" >&2
    exit 2
    ;;
esac
