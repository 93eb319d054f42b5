"""The rules of docs/architecture.md that a short script can hold. Each takes the tree's root and returns complaints."""

import re
import subprocess
from pathlib import Path

from source_text import functions

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
HEADER_CODE_LINES = 20  # a header whose functions take this many lines is code that wants its own test

ROOMS = ("protocol", "patterns", "transports", "engine")
PLACES = ROOMS + ("examples", "tests", "bench", "tools")
SUFFIXES = {".cpp", ".hpp", ".h", ".c"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def sources(root):
    """Every C and C++ file of the project, as paths relative to the root."""
    for place in PLACES:
        for path in sorted((root / place).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                relative = path.relative_to(root)
                if relative.parts[:3] != ("tests", "layering", "no_asio"):
                    yield relative


# --- include directions --------------------------------------------------------------------------

# From the longest matching directory, what may be included. "room:x" are private headers of x by their root-relative
# name, "public" all of <ferry/...>, "vocabulary" those of protocol/include, "sibling" a file beside the including one.
TESTING = {"std", "system", "asio", "catch", "support", "sibling"}
EVERY_ROOM = {"public"} | {f"room:{room}" for room in ROOMS}
ALLOWED = {
    "protocol/include": {"std", "vocabulary"},
    "protocol": {"std", "vocabulary", "room:protocol"},
    "protocol/security/crypto_sodium.cpp": {"std", "vocabulary", "room:protocol", "sodium"},
    "patterns": {"std", "vocabulary", "room:patterns"},
    "transports": {"std", "system", "asio", "error", "room:transports"},
    "engine": {"std", "system", "asio"} | EVERY_ROOM,
    "engine/include": {"std", "asio", "public"},
    "engine/c_api": {"std", "system", "asio", "public", "zmq", "room:engine/c_api"},
    "engine/c_api/curve.cpp": {"std", "zmq", "sodium", "room:engine/c_api"},
    "examples": {"std", "system", "asio", "public", "sibling", "third party"},  # JSON, as a user would
    "examples/libzmq": {"std", "system", "sibling", "zmq"},
    "examples/zmq_c": {"std", "system", "sibling", "zmq"},
    "tools": {"std", "system", "asio", "public", "sibling", "third party"},
    "bench": {"std", "system", "asio", "public", "sibling", "third party", "room:bench"},
    "bench/micro": {"std", "system", "asio", "sibling", "third party", "room:bench"} | EVERY_ROOM,
    "bench/raw": {"std", "system", "sibling", "third party", "room:bench"},
    "bench/against_libzmq": {"std", "system", "sibling", "third party", "room:bench", "zmq"},
    "tests": TESTING | EVERY_ROOM,
    "tests/integration": TESTING | {"public"},
    "tests/asio": TESTING | {"public", "room:tests"},
    "tests/allocations": TESTING | {"public", "room:tests"},
    "tests/interop": TESTING | {"public", "zmq"},
    "tests/c_api": TESTING | {"zmq", "room:tests"},
    "tests/install": TESTING | {"public"},
    "tests/unit/protocol": TESTING - {"asio", "system"} | {"vocabulary", "room:protocol"},
    "tests/unit/patterns": TESTING - {"asio"} | {"vocabulary", "room:patterns"},
    "tests/unit/transports": TESTING | {"vocabulary", "room:transports"},
    "tests/unit/engine": TESTING | EVERY_ROOM,
}

# The headers of C++20, less those that a pure room has no use for (CLOCKS_AND_THREADS).
STD = set("""
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits clocale
cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib
cstring ctime cuchar cwchar cwctype deque exception execution filesystem format forward_list fstream functional future
initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new
numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location
span sstream stack stdexcept stop_token streambuf string string_view syncstream system_error thread tuple type_traits typeindex
typeinfo unordered_map unordered_set utility valarray variant vector version
""".split())
CLOCKS_AND_THREADS = {"random", "thread", "ctime", "future", "iostream", "fstream", "filesystem", "stop_token", "csignal"}


def _header_kind(root, bracket, name):
    """The word in ALLOWED that covers this include, other than 'sibling'."""
    if name.startswith("ferry/"):
        if name == "ferry/error.hpp":
            return "error"
        return "vocabulary" if (root / "protocol/include" / name).exists() else "public"
    if name == "asio.hpp" or name.startswith("asio/"):
        return "asio"
    if name in ("zmq.h", "zmq.hpp", "zmq_utils.h", "zmq_addon.hpp"):
        return "zmq"
    if name == "sodium.h" or name.startswith("sodium/"):
        return "sodium"
    if name.startswith("catch2/"):
        return "catch"
    if bracket == '"':
        if name.startswith("tests/support/"):
            return "support"
        if name.startswith("engine/c_api/"):
            return "room:engine/c_api"
        return "room:" + name.split("/")[0] if "/" in name else "sibling"
    if name in STD:
        return "std"
    return "system" if name.endswith(".h") else "third party"


def _allowed_in(path):
    best = max((place for place in ALLOWED if path == place or path.startswith(place + "/")), key=len, default=None)
    return ALLOWED[best] if best else None


def _is_allowed(allowed, kind):
    if kind == "error":
        return bool(allowed & {"error", "vocabulary", "public"})
    if kind == "vocabulary":
        return bool(allowed & {"vocabulary", "public"})
    return kind in allowed


def _is_beside(root, path, name):
    """Whether the name is that of a file in the including one's directory, or below it."""
    beside = path.parent.as_posix() + "/"
    return (root / beside / name).exists() or (name.startswith(beside) and (root / name).exists())


def include_directions(root):
    complaints = []
    for path in sources(root):
        allowed = _allowed_in(path.as_posix())
        pure = path.parts[0] in ("protocol", "patterns")
        text = (root / path).read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            bracket, name = match.groups()
            kind = _header_kind(root, bracket, name)
            line = text.count("\n", 0, match.start()) + 1
            if "sibling" in allowed and _is_beside(root, path, name):
                continue
            if not _is_allowed(allowed, kind):
                complaints.append(f"{path}:{line}: may not include {name} ({kind})")
            elif pure and name in CLOCKS_AND_THREADS:
                complaints.append(f"{path}:{line}: a pure room has no use for <{name}>")
    return complaints


def parent_includes(root):
    complaints = []
    for path in sources(root):
        for match in INCLUDE.finditer((root / path).read_text(encoding="utf-8")):
            if ".." in match.group(2).split("/"):
                complaints.append(f"{path}: includes {match.group(2)}; name it from the root instead")
    return complaints


# --- lengths -------------------------------------------------------------------------------------


def file_length(root):
    complaints = []
    for path in sources(root):
        lines = (root / path).read_text(encoding="utf-8").count("\n")
        if lines > MAX_FILE_LINES:
            complaints.append(f"{path}: {lines} lines, at most {MAX_FILE_LINES}")
    return complaints


def function_length(root):
    """A function whose comment says 'transition table' may be as long as the table."""
    complaints = []
    for path in sources(root):
        text = (root / path).read_text(encoding="utf-8")
        lines = text.split("\n")
        for first, last in functions(text):
            above = " ".join(lines[max(0, first - 4) : first]).lower()
            if last - first + 1 > MAX_FUNCTION_LINES and "transition table" not in above:
                complaints.append(f"{path}:{first}: a function of {last - first + 1} lines, at most {MAX_FUNCTION_LINES}")
    return complaints


# --- mirror tests --------------------------------------------------------------------------------


TESTED_BY = re.compile(r"^// Tested by (tests/unit/\S+_test\.cpp)\.?$", re.MULTILINE)


def _has_code(text):
    return sum(last - first + 1 for first, last in functions(text)) >= HEADER_CODE_LINES


def mirror_tests(root):
    """X/Y/z.cpp, and X/Y/z.hpp that is code on its own, is tested by tests/unit/X/Y/z_test.cpp.

    A part of something larger may say so: a line "// Tested by tests/unit/X/whole_test.cpp".
    """
    complaints = []
    for path in sources(root):
        if path.parts[0] not in ("protocol", "patterns"):
            continue
        text = (root / path).read_text(encoding="utf-8")
        if path.suffix == ".hpp":
            if path.parts[:3] == ("protocol", "include", "ferry"):
                path_in_room = Path("protocol", *path.parts[3:])
            else:
                path_in_room = path
            if (root / path_in_room.with_suffix(".cpp")).exists() or path_in_room.parts[1] == "detail":
                continue
            if not _has_code(text):
                continue
        else:
            path_in_room = path
        elsewhere = TESTED_BY.search(text)
        if elsewhere:
            test = Path(elsewhere.group(1))
        else:
            test = Path("tests/unit") / path_in_room.parent / (path_in_room.stem + "_test.cpp")
        if not (root / test).exists():
            complaints.append(f"{path}: has no {test}")
    return complaints


# --- binaries ------------------------------------------------------------------------------------

REFUSED_IN_PURE_ROOMS = re.compile(
    r"^(?:"
    r"clock_gettime|clock|time|gettimeofday|std::chrono::_V2::\w+_clock::now\(\)"
    r"|s?rand|s?random|[delmn]rand48|rand_r|getrandom|getentropy|arc4random\w*|std::random_device::.*"
    r"|socket|socketpair|connect|accept4?|bind|listen|send(?:to|m?msg)?|recv(?:from|m?msg)?|p?poll|select|epoll_\w+|eventfd"
    r"|open(?:64)?|fopen(?:64)?|read|write|readv|writev"
    r"|pthread_create|std::thread::.*|std::jthread::.*|nanosleep|usleep|sleep|clock_nanosleep|getenv|secure_getenv"
    r"|printf|puts|putchar|std::(?:cout|cerr|clog)"
    r"|abort|exit|__assert_fail"
    r")(?:@.*)?$"
)


def _undefined_symbols(file):
    listing = subprocess.run(["nm", "-uC", file], check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        words = line.split(maxsplit=1)
        if len(words) == 2 and words[0] in ("U", "w", "v"):
            yield words[1]


def refused_symbols(files):
    """No clock, random source, socket, file, thread, log or abort is referred to by these objects of pure rooms."""
    return [
        f"{Path(file).name}: refers to {symbol}"
        for file in files
        for symbol in _undefined_symbols(file)
        if REFUSED_IN_PURE_ROOMS.match(symbol)
    ]


def free_of_libzmq(files):
    """Neither asks for libzmq at run time nor calls into it."""
    complaints = []
    for file in files:
        dynamic = subprocess.run(["readelf", "-d", file], capture_output=True, text=True).stdout
        if re.search(r"NEEDED.*\[libzmq", dynamic):
            complaints.append(f"{file}: is linked with libzmq")
        called = sorted({symbol for symbol in _undefined_symbols(file) if symbol.startswith("zmq_")})
        if called:
            complaints.append(f"{file}: calls {', '.join(called)}")
    return complaints


OF_TREE = {
    "include_directions": include_directions,
    "parent_includes": parent_includes,
    "file_length": file_length,
    "function_length": function_length,
    "mirror_tests": mirror_tests,
}
OF_FILES = {"refused_symbols": refused_symbols, "free_of_libzmq": free_of_libzmq}
