"""Each rule is shown a tree that breaks it and must say so, and one that keeps it and must be silent."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import rules
from source_text import functions

HERE = Path(__file__).resolve().parent
CXX = os.environ.get("CXX", "c++")


class Tree(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)

    def write(self, name, text=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def compile(self, text, *arguments):
        source = self.write("snippet.cpp", text)
        return subprocess.run([CXX, "-std=c++20", source, *arguments], capture_output=True, text=True, cwd=self.root)


class IncludeDirections(Tree):
    def setUp(self):
        super().setUp()
        self.write("protocol/include/ferry/message.hpp")
        self.write("protocol/include/ferry/error.hpp")
        self.write("engine/include/ferry/socket.hpp")
        self.write("tests/unit/protocol/rig.hpp")

    def complaints(self, place, include):
        path = self.write(place, f"#include {include}\n")
        try:
            return rules.include_directions(self.root)
        finally:
            path.unlink()

    def test_refuses_every_wrong_direction(self):
        for place, include in [
            ("protocol/include/ferry/x.hpp", "<asio.hpp>"),
            ("protocol/include/ferry/x.hpp", '"protocol/frame.hpp"'),
            ("protocol/include/ferry/x.hpp", "<ferry/socket.hpp>"),
            ("protocol/x.cpp", "<asio/buffer.hpp>"),
            ("protocol/x.cpp", "<ferry/socket.hpp>"),
            ("protocol/x.cpp", '"patterns/pipe.hpp"'),
            ("protocol/x.cpp", "<sodium.h>"),
            ("protocol/x.cpp", "<sys/socket.h>"),
            ("protocol/x.cpp", "<thread>"),
            ("protocol/x.cpp", '"frame.hpp"'),
            ("patterns/x.cpp", '"protocol/frame.hpp"'),
            ("patterns/x.cpp", "<asio.hpp>"),
            ("patterns/x.cpp", "<random>"),
            ("transports/x.cpp", "<ferry/message.hpp>"),
            ("transports/x.cpp", '"protocol/frame.hpp"'),
            ("transports/x.cpp", '"engine/session.hpp"'),
            ("engine/x.cpp", "<zmq.h>"),
            ("engine/x.cpp", '"tests/support/rig.hpp"'),
            ("engine/include/ferry/x.hpp", '"engine/session.hpp"'),
            ("engine/c_api/x.cpp", '"engine/session.hpp"'),
            ("examples/x.cpp", '"engine/session.hpp"'),
            ("examples/x.cpp", "<zmq.hpp>"),
            ("bench/scenarios/x.cpp", '"engine/session.hpp"'),
            ("bench/scenarios/x.cpp", "<zmq.h>"),
            ("bench/against_libzmq/x.cpp", "<ferry/socket.hpp>"),
            ("tests/integration/x.cpp", '"patterns/pipe.hpp"'),
            ("tests/interop/x.cpp", '"protocol/frame.hpp"'),
            ("tests/unit/protocol/x.cpp", '"patterns/pipe.hpp"'),
            ("tests/unit/protocol/x.cpp", "<asio.hpp>"),
            ("tests/unit/patterns/x.cpp", '"protocol/frame.hpp"'),
            ("tests/unit/transports/x.cpp", '"engine/session.hpp"'),
        ]:
            with self.subTest(place=place, include=include):
                self.assertEqual(len(self.complaints(place, include)), 1)

    def test_accepts_the_right_directions(self):
        for place, include in [
            ("protocol/include/ferry/x.hpp", "<ferry/message.hpp>"),
            ("protocol/x.cpp", '"protocol/frame.hpp"'),
            ("protocol/x.cpp", "<chrono>"),
            ("protocol/security/crypto_sodium.cpp", "<sodium.h>"),
            ("patterns/x.cpp", '"patterns/pipe.hpp"'),
            ("transports/x.cpp", "<asio/ip/tcp.hpp>"),
            ("transports/x.cpp", "<ferry/error.hpp>"),
            ("engine/x.cpp", '"protocol/connection.hpp"'),
            ("engine/x.cpp", "<sys/eventfd.h>"),
            ("engine/include/ferry/x.hpp", "<asio/any_io_executor.hpp>"),
            ("examples/x.cpp", "<ferry/socket.hpp>"),
            ("tests/unit/protocol/x.cpp", '"protocol/frame.hpp"'),
            ("tests/unit/protocol/x.cpp", '"tests/unit/protocol/rig.hpp"'),
            ("tests/unit/protocol/x.cpp", '"tests/support/catch.hpp"'),
            ("tests/interop/x.cpp", "<zmq.hpp>"),
            ("examples/libzmq/x.cpp", "<zmq.hpp>"),
            ("bench/against_libzmq/x.cpp", "<zmq.h>"),
        ]:
            with self.subTest(place=place, include=include):
                self.assertEqual(self.complaints(place, include), [])


class OtherRulesOfTheTree(Tree):
    def test_a_parent_include_is_refused(self):
        self.write("engine/x.cpp", '#include "../protocol/frame.hpp"\n')
        self.assertEqual(len(rules.parent_includes(self.root)), 1)

    def test_a_file_of_601_lines_is_refused_and_one_of_600_is_not(self):
        self.write("engine/long.cpp", "\n" * 601)
        self.write("engine/short.cpp", "\n" * 600)
        self.assertEqual([c.split(":")[0] for c in rules.file_length(self.root)], ["engine/long.cpp"])

    def test_a_function_of_61_lines_is_refused_and_one_of_60_is_not(self):
        self.write("engine/long.cpp", "int f()\n{\n" + "    g();\n" * 58 + "}\n")
        self.write("engine/short.cpp", "int f()\n{\n" + "    g();\n" * 57 + "}\n")
        self.assertEqual([c.split(":")[0] for c in rules.function_length(self.root)], ["engine/long.cpp"])

    def test_a_transition_table_may_be_long(self):
        self.write("engine/x.cpp", "// The transition table.\nint f()\n{\n" + "    g();\n" * 90 + "}\n")
        self.assertEqual(rules.function_length(self.root), [])

    def test_a_source_of_a_pure_room_without_its_mirror_test_is_refused(self):
        self.write("protocol/security/null.cpp")
        self.write("patterns/queue.hpp", "int f()\n{\n" + "    g();\n" * 20 + "}\n")
        self.write("patterns/types.hpp", "struct a\n{\n    int b;\n};\n")
        self.write("transports/stream.cpp")
        self.assertEqual(len(rules.mirror_tests(self.root)), 2)
        self.write("tests/unit/protocol/security/null_test.cpp")
        self.write("tests/unit/patterns/queue_test.cpp")
        self.assertEqual(rules.mirror_tests(self.root), [])


    def test_a_part_may_name_the_test_of_the_whole_which_must_exist(self):
        self.write("protocol/part.cpp", "// A part.\n// Tested by tests/unit/protocol/whole_test.cpp.\n")
        self.assertEqual(len(rules.mirror_tests(self.root)), 1)
        self.write("tests/unit/protocol/whole_test.cpp")
        self.assertEqual(rules.mirror_tests(self.root), [])


class FunctionsInSourceText(unittest.TestCase):
    def test_finds_functions_and_nothing_else(self):
        text = """
namespace n
{
template <class T = int>
struct a : b
{
    int brace{1};
    int parenthesis = f(2);
    a(int x)
        : brace{x}, other_(x)
    {
    }
    bool operator==(const a& o) const
    {
        return [&] { return true; }();
    }
};
constexpr table t[] = {
    {1, 2},
};
const char* text = R"(
    void not_this() {
    })";
// void nor_this() {
enum class e { x, y };
extern "C" int c(int n)
{
    if (n == 1'000)
    {
        return '{';
    }
    return 0;
}
}
"""
        self.assertEqual(functions(text), [(9, 12), (13, 16), (26, 33)])


class RulesOfWhatWasBuilt(Tree):
    def test_a_clock_a_random_source_and_a_socket_are_refused(self):
        self.compile(
            "#include <chrono>\n#include <random>\n#include <sys/socket.h>\n"
            "long a() { return std::chrono::steady_clock::now().time_since_epoch().count(); }\n"
            "unsigned b() { return std::random_device{}(); }\n"
            "int c() { return socket(1, 1, 1); }\n",
            "-c", "-o", "bad.o",
        )
        found = "\n".join(rules.refused_symbols([self.root / "bad.o"]))
        for word in ("steady_clock", "random_device", "socket"):
            self.assertIn(word, found)

    def test_containers_and_a_mutex_are_accepted(self):
        self.compile(
            "#include <mutex>\n#include <string>\n#include <vector>\n"
            "std::mutex m;\nvoid f(std::vector<std::string>& v) { std::lock_guard l(m); v.emplace_back(\"a\"); }\n",
            "-c", "-o", "good.o",
        )
        self.assertEqual(rules.refused_symbols([self.root / "good.o"]), [])

    def test_a_program_linked_with_libzmq_is_refused(self):
        self.compile('extern "C" void zmq_anything() {}\n', "-shared", "-fPIC", "-Wl,-soname,libzmq.so.5", "-o", "libzmq.so")
        self.compile('extern "C" void zmq_anything();\nint main() { zmq_anything(); }\n', "-L.", "-lzmq", "-o", "bad")
        self.assertEqual(len(rules.free_of_libzmq([self.root / "bad"])), 2)
        self.compile("int main() {}\n", "-o", "good")
        self.assertEqual(rules.free_of_libzmq([self.root / "good"]), [])

    def test_a_pure_room_that_includes_asio_does_not_compile(self):
        for header in ("asio.hpp", "asio/ip/tcp.hpp", "asio/steady_timer.hpp"):
            outcome = self.compile(f"#include <{header}>\n", "-fsyntax-only", f"-I{HERE / 'no_asio'}")
            self.assertIn("this room is pure", outcome.stderr)


if __name__ == "__main__":
    unittest.main()
