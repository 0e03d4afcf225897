#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times compiled networks against ONNX Runtime in alternating runs, and prints a table of ratios (above 1: Lathe is faster).

    bench/against_onnxruntime.py MODELS [NAME...] [--threads 1] [--rounds 3] [--seconds 2]

MODELS holds NAME/model.pb and NAME/model.onnx (the same network) with case.json naming the inputs. Needs the PyPI package onnxruntime.
Each system runs in a process of its own, pinned to that many cores; the best time of all rounds counts.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

LATHE = pathlib.Path(__file__).resolve().parent.parent / "build" / "bin" / "lathe"


def time_onnxruntime(folder, threads, seconds):
    import numpy
    import onnxruntime
    case = json.loads((folder / "case.json").read_text())
    feeds = {entry["tensor"]: numpy.load(folder / entry["file"]) for entry in case["inputs"]}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        session.run(None, feeds)
        best = min(best, time.perf_counter() - begin)
    return best * 1e3


def pinned(command, threads):
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0))[:threads]))
    return subprocess.run(["taskset", "-c", cores, *map(str, command)], capture_output=True, text=True, check=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--time-onnxruntime", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.time_onnxruntime:
        print(time_onnxruntime(options.models, options.threads, options.seconds))
        return
    names = options.names or sorted(path.parent.name for path in options.models.glob("*/model.onnx"))
    print(f"{'network':<20}{'Lathe ms':>10}{'ONNX Runtime ms':>17}{'ratio':>8}    {options.threads} threads")
    for name in names:
        folder, ours, theirs = options.models / name, [], []
        for _ in range(options.rounds):
            ours.append(json.loads(pinned([LATHE, "bench", folder / "model.pb", "--threads", options.threads, "--seconds", options.seconds, "--json"],
                                          options.threads))["best_ms"])
            theirs.append(float(pinned([sys.executable, __file__, folder, "--time-onnxruntime", "--threads", options.threads, "--seconds",
                                        options.seconds], options.threads)))
        print(f"{name:<20}{min(ours):>10.2f}{min(theirs):>17.2f}{min(theirs) / min(ours):>8.2f}", flush=True)


if __name__ == "__main__":
    main()
