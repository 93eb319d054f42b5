#!/usr/bin/env python3
"""ferry::zmq against an installed libzmq: exported names, SONAME, and every macro of zmq.h.

The environment says where things are: see CMakeLists.txt.
"""

import os
import re
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
OWN_HEADERS = os.path.join(ROOT, "engine", "c_api", "include")
LIBRARY = os.environ["FERRY_ZMQ_LIBRARY"]
SYSTEM_LIBRARY = os.environ["FERRY_SYSTEM_LIBZMQ"]
SYSTEM_HEADERS = os.environ["FERRY_SYSTEM_ZMQ_H"]
VERSION_OF_BOTH = "4.3.4"


def output_of(*command, text=None):
    return subprocess.run(command, input=text, check=True, capture_output=True, text=True).stdout


def exported_names(library):
    lines = output_of("nm", "-D", "--defined-only", library).splitlines()
    return {line.split()[-1] for line in lines}


def dynamic_section(library):
    return output_of("readelf", "-d", library)


def preprocessed(headers, text, *options):
    return output_of(os.environ["CC"], "-std=gnu99", "-E", "-P", "-x", "c", "-I", headers, *options, "-",
                     text=f'#include "{headers}/zmq.h"\n{text}')


def macros(headers, *options):
    """The names that zmq.h defines, with what they come to."""
    defined = preprocessed(headers, "", "-dM", *options)
    names = sorted(set(re.findall(r"^#define ((?:ZMQ_|E[A-Z]+\b)\w*)(?=\s)", defined, re.M)) - {"ZMQ_EXPORT"})
    text = preprocessed(headers, "\n".join(f"value_of_{i} = {name}" for i, name in enumerate(names)), *options)
    values = re.findall(r"value_of_\d+ =(.*)", text)
    assert len(values) == len(names)
    return {name: re.sub(r"\s+", "", value) for name, value in zip(names, values)}


def skip(reason):
    print(f"\nskipped: {reason}", flush=True)
    raise unittest.SkipTest(reason)


class Names(unittest.TestCase):
    def test_the_library_exports_what_its_version_script_lists(self):
        with open(os.path.join(ROOT, "engine", "c_api", "libzmq.map"), encoding="utf-8") as file:
            listed = set(re.findall(r"^\s+(zmq_\w+);$", file.read(), re.M))
        self.assertEqual(exported_names(LIBRARY), listed)
        self.assertEqual(len(listed), 70)

    def test_the_library_exports_what_libzmq_does(self):
        if not SYSTEM_LIBRARY:
            skip("no libzmq")
        self.assertEqual(exported_names(LIBRARY), exported_names(SYSTEM_LIBRARY))

    def test_programs_find_it_by_libzmqs_name(self):
        self.assertIn("soname: [libzmq.so.5]", dynamic_section(LIBRARY))
        self.assertEqual(os.path.basename(os.environ["FERRY_ZMQ_SONAME"]), "libzmq.so.5")

    def test_it_needs_no_other_messaging_library(self):
        needed = re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic_section(LIBRARY))
        self.assertFalse([name for name in needed if "zmq" in name or "ferry" in name], needed)

    def test_every_macro_has_libzmqs_value(self):
        if not SYSTEM_HEADERS:
            skip("no zmq.h of libzmq's")
        theirs = macros(SYSTEM_HEADERS)
        version = [theirs[f"ZMQ_VERSION_{part}"] for part in ("MAJOR", "MINOR", "PATCH")]
        if ".".join(version) != VERSION_OF_BOTH:
            skip(f"no zmq.h of {VERSION_OF_BOTH}")
        ours = macros(OWN_HEADERS)
        self.assertGreater(len(theirs), 300)
        self.assertEqual(theirs, {name: ours.get(name) for name in theirs})
        self.assertEqual({name for name in ours if name not in theirs}, set())

    def test_zmq_h_suits_old_and_new_compilers(self):
        for language, standard in (("c", "c99"), ("c", "c17"), ("c++", "c++98"), ("c++", "c++20")):
            for options in ([], ["-DZMQ_BUILD_DRAFT_API"]):
                with self.subTest(standard=standard, options=options):
                    subprocess.run(
                        [os.environ["CC"], "-fsyntax-only", "-x", language, f"-std={standard}", "-Wall", "-Wextra",
                         "-Wpedantic", "-Werror", "-I", OWN_HEADERS, *options, "-"],
                        input="#include <zmq_utils.h>\n", text=True, check=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
