# SPDX-License-Identifier: Apache-2.0
# How lit runs the tests of IR and tools. lit.site.cfg.py, written by CMake, says where they are.
import os

import lit.formats

config.name = "Lathe"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.lathe_build_dir, "test")
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.lathe_build_dir, "bin"), config.llvm_tools_dir, config.environment["PATH"]])
config.excludes = ["inputs", "unit", "runtime", "fuzz", "conformance"]
# What an application needs of Lathe, and the compilers that it is built with.
config.substitutions += [
    ("%lathe_rt", os.path.join(config.lathe_build_dir, "lib", "liblathe_rt.a")),
    ("%lathe_sources", os.path.join(config.test_source_root, "..", "runtime")),
    # A second of processor time, 1 GiB of address space.
    ("%limited", "sh -c 'ulimit -t 1 && ulimit -v 1048576 && exec \"$@\"' sh"),
    ("%python", "/usr/bin/python3"),
    ("%clangxx", os.path.join(config.llvm_tools_dir, "clang++")),
    ("%clang", os.path.join(config.llvm_tools_dir, "clang")),
]
