# shellcheck shell=bash disable=SC2034  # what is unused here is used by run
# Gets what building and testing needs: Debian packages where it may install them, Asio where the system's is too old,
# JeroMQ 0.6.0 for the interop tests. What is there already costs a fraction of a second. Sourced by run.

build_packages=(g++ cmake ninja-build pkg-config python3)
curve_packages=(libsodium-dev)
peer_packages=(libzmq3-dev cppzmq-dev python3-zmq)
jupyter_packages=(python3-ipykernel libssl-dev nlohmann-json3-dev)
test_packages=(catch2 "${curve_packages[@]}" "${peer_packages[@]}" libjeromq-java "${jupyter_packages[@]}")
bench_packages=(libzmq3-dev libcli11-dev nlohmann-json3-dev gnuplot-nox)
count_packages=(valgrind libc6-dbg)
style_packages=(git clang-format-14 clang-tidy-14)
clang_packages=(clang-14 libclang-rt-14-dev)
coverage_packages=(gcovr)
handy_packages=(ccache)

is_debian() { command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; }

may_install() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

install_packages() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@")
  "${install[@]}" || { "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update && "${install[@]}"; }
}

# The packages among these that are not installed.
missing_among() {
  local package
  for package in "$@"; do
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      echo "$package"
    fi
  done
}

# A fresh system has no lists of packages at all; without them nothing can be said about what there is.
refresh_lists() {
  compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null && return 0
  if [ "$(id -u)" = 0 ]; then
    attempt "Reading the lists of packages" apt-update apt-get -q update || true
  elif may_install; then
    attempt "Reading the lists of packages" apt-update sudo -n apt-get -q update || true
  fi
}

exists_here() { apt-cache show "$1" >/dev/null 2>&1; }

# need PACKAGE...: they are there afterwards, or the script ends and says which are missing.
need() {
  is_debian || return 0
  local missing
  mapfile -t missing < <(missing_among "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! may_install; then
    fail "Missing packages, and this user may not install them. As root:
  apt-get install ${missing[*]}"
  fi
  say "  Installing ${missing[*]}"
  step "Installing ${#missing[@]} packages" install install_packages "${missing[@]}"
}

# want PACKAGE...: the same, but what cannot be had is only mentioned.
want() {
  is_debian || return 0
  local package missing=() absent=() wanted
  mapfile -t wanted < <(missing_among "$@")
  [ ${#wanted[@]} -gt 0 ] || return 0
  refresh_lists
  for package in "${wanted[@]}"; do
    if exists_here "$package"; then missing+=("$package"); else absent+=("$package"); fi
  done
  [ ${#absent[@]} = 0 ] || notice "this system has no ${absent[*]}; what needs it is left out"
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! may_install; then
    notice "missing, and left out: ${missing[*]} (as root: apt-get install ${missing[*]})"
    return 0
  fi
  say "  Installing ${missing[*]}"
  attempt "Installing ${#missing[@]} packages" install install_packages "${missing[@]}" ||
    notice "could not install ${missing[*]}; what needs it is left out (see $logs/install.log)"
}

need_tools() {
  need "${build_packages[@]}"
  want "${handy_packages[@]}"
  local tool missing=()
  for tool in cmake ninja python3; do
    command -v $tool >/dev/null || missing+=("$tool")
  done
  command -v c++ >/dev/null || [ -n "${CXX:-}" ] || missing+=("a C++20 compiler (g++ 12 or newer, clang 14 or newer)")
  if [ ${#missing[@]} -gt 0 ]; then
    fail "Missing: $(printf '%s, ' "${missing[@]}" | sed 's/, $//'). Please install, and try again."
  fi
}

asio_version_in() {  # 103002 for 1.30.2
  sed -n 's/^#define ASIO_VERSION \([0-9]*\).*/\1/p' "$1/asio/version.hpp" 2>/dev/null
}

system_has_asio() {
  local directory
  for directory in /usr/include /usr/local/include; do
    [ "$(asio_version_in $directory || true)" -ge 103002 ] 2>/dev/null && return 0
  done
  return 1
}

# Debian 12's own Asio is too old. The headers of Debian 13 serve as they are, in a directory of ours.
need_asio() {
  if [ -n "${FERRY_PREFIX:-}" ] || [ -e .deps/asio-1.30.2/usr/include/asio.hpp ] || system_has_asio; then
    return 0
  fi
  if is_debian && attempt "Fetching Asio 1.30.2 (headers)" asio .ci/apt-suite trixie .deps/asio-1.30.2 libasio-dev; then
    return 0
  fi
  notice "no Asio 1.30.2 or newer in the system; CMake will fetch it from the internet"
}

want_asio_newest() {
  [ -e .deps/asio-newest/usr/include/asio.hpp ] && return 0
  is_debian && attempt "Fetching the newest Asio (headers)" asio-newest \
    .ci/apt-suite forky .deps/asio-newest libasio-dev
}

want_java_peers() {
  if ! command -v javac >/dev/null; then
    want default-jdk-headless
  fi
  command -v javac >/dev/null || return 0
  if [ ! -e .deps/jeromq-0.6.0/usr/share/java/jeromq.jar ] && is_debian; then
    attempt "Fetching JeroMQ 0.6.0" jeromq \
      .ci/apt-suite trixie .deps/jeromq-0.6.0 libjeromq-java libjnacl-java ||
      notice "no JeroMQ 0.6.0; the tests against it will say that they are skipped"
  fi
}
