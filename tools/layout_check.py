#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the structure of the tree: layering of includes, sizes of files and folders, each pass with its file, text and test, no static
part of MLIR or LLVM linked, no pass statistics. Prints one line a violation; exit status 1 if there is any."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = ["runtime", "ir", "passes", "backends", "compiler", "tools", "test"]
# A file may include files of its own layer and of those to its left. The runtime stands alone: others see its public headers only.
LINES = {".td": 600, ".mlir": 300, ".test": 300, ".py": 400}
SOURCE_LINES, TEST_SOURCE_LINES, FILES_A_FOLDER, DEPTH = 420, 420, 25, 3
SOURCES = {".cpp", ".h", ".c", ".td"}
# Longer for a reason, which is stated here.
LONGER = {"compiler/import/opdefs/opdefs.txt": "data: all op definitions",
          "passes/legalize/LegalizeGraph.cpp": "nodes, branches and loops are legalised by one walk over shared state"}
FULLER = {"passes/legalize/families": "one file a family of operations", "test/passes": "two files a pass"}


def tracked():
    names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [pathlib.PurePosixPath(name) for name in names.stdout.splitlines() if (ROOT / name).is_file()]


def check_includes(path, text):
    if path.parts[0] not in LAYERS:
        return
    layer = LAYERS.index(path.parts[0])
    for match in re.finditer(r'^\s*#?include\s+["<]([a-z]+)/', text, re.M):
        if match[1] not in LAYERS:
            continue
        if LAYERS.index(match[1]) > layer:
            yield f"{path}: includes {match[1]}/, a layer to its right"
        if match[1] == "runtime":
            yield f"{path}: includes runtime/ by its folder; its public headers are <lathe/...>"
    if path.parts[0] == "runtime" and re.search(r'#include\s+[<"](mlir|llvm|ir|passes|compiler)/', text):
        yield f"{path}: the runtime stands alone"


def check_sizes(paths):
    folders = {}
    for path in paths:
        folders.setdefault(path.parent, []).append(path)
        if len(path.parent.parts) > DEPTH and "inputs" not in path.parts and "proto" not in path.parts:
            yield f"{path}: more than two folders below the top"
        if path.suffix in SOURCES | set(LINES) and str(path) not in LONGER:
            limit = LINES.get(path.suffix, SOURCE_LINES)
            lines = len((ROOT / path).read_text().splitlines())
            if lines > limit:
                yield f"{path}: {lines} lines, more than {limit}"
        if (ROOT / path).stat().st_size > 1_000_000:
            yield f"{path}: over 1 MB"
    for folder, files in folders.items():
        if len(files) > FILES_A_FOLDER and folder.parts[:1] != ("examples",) and str(folder) not in FULLER:
            yield f"{folder}/: {len(files)} files, more than {FILES_A_FOLDER}"


def check_passes():
    text = (ROOT / "passes/Passes.td").read_text()
    for name, flag, body in re.findall(r'def (\w+)Pass : Pass<"lathe-([\w-]+)".*?{(.*?)\n}', text, re.S):
        candidates = [ROOT / "passes" / folder / f"{name}.cpp" for folder in (".", "legalize", "raise")]
        if not any(c.exists() for c in candidates):
            yield f"pass lathe-{flag}: no file {name}.cpp"
        for word in ("*Requires*", "*Does*", "*Guarantees*", "```mlir"):
            if word not in body:
                yield f"pass lathe-{flag}: its description lacks {word}"
        if not list((ROOT / "test/passes").glob(f"{flag}*.mlir")):
            yield f"pass lathe-{flag}: no test test/passes/{flag}.mlir"
        if "let statistics" in body:
            yield f"pass lathe-{flag}: declares statistics, which Debian's libMLIR reads uninitialised"


def check_linking(paths):
    for path in paths:
        if path.name != "CMakeLists.txt":
            continue
        for match in re.finditer(r"target_link_libraries\(([^)]*)\)", (ROOT / path).read_text()):
            for word in match[1].split():
                if re.fullmatch(r"(MLIR|LLVM)[A-Z]\w+", word):
                    yield f"{path}: links the static library {word}"


def main():
    paths = tracked()
    problems = [*check_sizes(paths), *check_passes(), *check_linking(paths)]
    for path in paths:
        if path.suffix in SOURCES:
            text = (ROOT / path).read_text()
            problems += check_includes(path, text)
            if "SPDX-License-Identifier" not in text[:200]:
                problems.append(f"{path}: no SPDX line")
    print("\n".join(sorted(problems)) or f"layout: {len(paths)} files, no violation")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
