#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the reference interpreter with TensorFlow's stored values, case by case: reference.py BINARY DATA [NAME...]."""
import argparse
import collections
import json
import pathlib
import re
import select
import subprocess
import tempfile

import numpy as np
from cases import indexed_cases

ELEMENTS = {"i1": "bool", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64", "ui8": "uint8", "ui16": "uint16",
            "ui32": "uint32", "ui64": "uint64", "f16": "float16", "f32": "float32", "f64": "float64", "bf16": "bfloat16",
            "complex<f32>": "complex64", "complex<f64>": "complex128"}


def read_result(path, text):
    match = re.fullmatch(r"tensor<((?:\d+x)*)(.*)>", text)
    shape = [int(size) for size in match[1].split("x") if size]
    dtype = ELEMENTS[match[2]]
    raw = np.fromfile(path, dtype="uint16" if dtype == "bfloat16" else dtype)
    if dtype == "bfloat16":
        raw = (raw.astype("uint32") << 16).view("float32")
    return raw.reshape(shape), dtype


def difference(got, dtype, expected, expected_dtype, close):
    """What is wrong with `got`, or None."""
    if dtype != expected_dtype:
        return f"type {dtype}, expected {expected_dtype}"
    if list(got.shape) != list(expected.shape):
        return f"shape {list(got.shape)}, expected {list(expected.shape)}"
    wrong = ~close(got, expected, dtype)
    if not np.any(wrong):
        return None
    first = np.argwhere(wrong)[0]
    return f"{wrong.sum()} of {wrong.size} elements differ, first at {list(first)}: {got[tuple(first)]}, expected {expected[tuple(first)]}"


class Runner:
    """The interpreter as a process that is started anew after a crash."""

    def __init__(self, binary):
        self.binary, self.process = binary, None

    def ask(self, request, seconds):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen([self.binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            self.process.kill()
            self.process.wait()
            return {"failed": "time", "problems": [f"no answer in {seconds} s"]}
        line = self.process.stdout.readline()
        if not line:
            lines = [line for line in self.process.stderr.read().splitlines() if line]
            self.process.wait()
            return {"failed": "crash", "problems": [line for line in lines if "ssert" in line][:1] or lines[:1]}
        return json.loads(line)


def run_case(runner, case, scratch):
    feeds = []
    for tensor, _, load in case.inputs:
        values, raw = load(), scratch / f"feed{len(feeds)}"
        values.tofile(raw)
        feeds.append({"tensor": tensor, "file": str(raw), "shape": list(values.shape)})
    request = {"graph": str(case.graph), "feeds": feeds, "fetches": [tensor for tensor, _, _ in case.outputs], "out": str(scratch / "result")}
    answer = runner.ask(request, 60)
    if "failed" in answer:
        return answer["failed"] + ": " + " | ".join(answer["problems"])
    for i, ((tensor, expected_dtype, load), text) in enumerate(zip(case.outputs, answer["types"], strict=True)):
        got, dtype = read_result(scratch / f"result.{i}", text)
        if expected_dtype not in ELEMENTS.values():
            return f"type {expected_dtype} has no comparison"
        wrong = difference(got, dtype, load(), expected_dtype, case.close)
        if wrong:
            return f"{tensor}: {wrong}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("data", type=pathlib.Path, help="the folder with index.jsonl and cases/")
    parser.add_argument("names", nargs="*", help="prefixes of the cases to run; all without any")
    arguments = parser.parse_args()
    runner = Runner(arguments.binary)
    families = collections.defaultdict(list)
    failures = []
    with tempfile.TemporaryDirectory() as scratch:
        for case in indexed_cases(arguments.data):
            if arguments.names and not any(case.name.startswith(name) for name in arguments.names):
                continue
            wrong = run_case(runner, case, pathlib.Path(scratch))
            families[case.family].append(wrong is None)
            if wrong:
                failures.append(case.name)
                print(f"FAIL {case.name}: {wrong[:600]}", flush=True)
    total = sum(map(len, families.values()))
    passed = total - len(failures)
    mean = sum(sum(results) / len(results) for results in families.values()) / max(1, len(families))
    print(f"{passed} of {total} cases pass; mean over {len(families)} families {100 * mean:.1f} %")


if __name__ == "__main__":
    main()
