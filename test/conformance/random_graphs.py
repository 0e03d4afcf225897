#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares compiled code with the reference interpreter on random valid graphs: random_graphs.py BIN [--count=300] [--first=0].

Graph number N comes from seed N alone, so a failure repeats with --first=N --count=1. Every element of every feed is different.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

FLOAT, DOUBLE, INT32, BOOL = "DT_FLOAT", "DT_DOUBLE", "DT_INT32", "DT_BOOL"
NUMPY = {FLOAT: np.float32, DOUBLE: np.float64, INT32: np.int32, BOOL: np.bool_}
RAW = {"f32": np.float32, "f64": np.float64, "i32": np.int32, "i1": np.bool_}


class Graph:
    """A GraphDef in text form and the shapes of its values."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.text, self.values, self.feeds, self.count = [], [], {}, 0

    def node(self, op, inputs, attributes, dtype, shape, name=None):
        name = name or f"n{self.count}_{op}"
        self.count += 1
        attributes = " ".join(f'attr {{ key: "{key}" value {{ {value} }} }}' for key, value in attributes.items())
        inputs = " ".join(f'input: "{i}"' for i in inputs)
        self.text.append(f'node {{ name: "{name}" op: "{op}" {inputs} {attributes} }}')
        return name, dtype, tuple(int(size) for size in shape)

    def constant(self, values, dtype=INT32):
        values = np.asarray(values, NUMPY[dtype])
        dims = " ".join(f"dim {{ size: {size} }}" for size in values.shape)
        field = {INT32: "int_val", FLOAT: "float_val", DOUBLE: "double_val"}[dtype]
        content = " ".join(f"{field}: {value!r}" for value in values.ravel().tolist())
        return self.node("Const", [], {"dtype": f"type: {dtype}", "value": f"tensor {{ dtype: {dtype} tensor_shape {{ {dims} }} {content} }}"},
                         dtype, values.shape)[0]

    def distinct(self, shape, dtype):
        size = int(np.prod(shape))
        values = self.rng.permutation(size) - size // 2
        return (values if dtype == INT32 else (values + 0.25) / max(size / 2, 1)).astype(NUMPY[dtype]).reshape(shape)

    def feed(self):
        rank = self.rng.integers(0, 5)
        shape = tuple(int(s) for s in self.rng.choice([1, 2, 3, 4, 5, 7, 17], rank))
        dtype = [FLOAT, FLOAT, FLOAT, DOUBLE, INT32][self.rng.integers(5)]
        dims = " ".join(f"dim {{ size: {size} }}" for size in shape)
        value = self.node("Placeholder", [], {"dtype": f"type: {dtype}", "shape": f"shape {{ {dims} }}"}, dtype, shape)
        self.feeds[value[0]] = self.distinct(shape, dtype)
        self.values.append(value)

    def pick(self, fits=lambda value: True):
        candidates = [value for value in self.values if fits(value)]
        return candidates[self.rng.integers(len(candidates))] if candidates else None

    # Each of these appends one op, or nothing where no value fits.
    def unary(self):
        name, dtype, shape = self.pick()
        ops = ["Abs", "Neg", "Square", "Sign"] if dtype == INT32 else ["Abs", "Neg", "Tanh", "Sigmoid", "Floor", "Relu", "Sin", "Sign", "Softplus"]
        op = ops[self.rng.integers(len(ops))]
        if dtype == INT32 and op == "Square":
            name = self.node("Mod", [name, self.constant(11)], {"T": f"type: {dtype}"}, dtype, shape)[0]
        if op == "Relu" and dtype == INT32:
            op = "Abs"
        self.values.append(self.node(op, [name], {"T": f"type: {dtype}"}, dtype, shape))

    def binary(self):
        x = self.pick()
        y = self.pick(lambda value: value[1] == x[1] and broadcasts(x[2], value[2]))
        shape = np.broadcast_shapes(x[2], y[2])
        if np.prod(shape) > 20000:
            return
        ops = ["AddV2", "Sub", "Maximum", "Minimum"] + ([] if x[1] == INT32 else ["Mul", "SquaredDifference"])
        op = ops[self.rng.integers(len(ops))]
        value = self.node(op, [x[0], y[0]], {"T": f"type: {x[1]}"}, x[1], shape)
        if x[1] != INT32 and op in ("Mul", "SquaredDifference"):  # keeps values small
            value = self.node("Tanh", [value[0]], {"T": f"type: {x[1]}"}, x[1], shape)
        self.values.append(value)

    def select(self):
        x = self.pick()
        y = self.pick(lambda value: value[1:] == x[1:])
        test = self.node("Less", [x[0], y[0]], {"T": f"type: {x[1]}"}, BOOL, x[2])
        self.values.append(self.node("SelectV2", [test[0], y[0], x[0]], {"T": f"type: {x[1]}"}, x[1], x[2]))

    def reduce(self):
        x = self.pick(lambda value: len(value[2]) > 0)
        if not x:
            return
        rank = len(x[2])
        axes = sorted(self.rng.choice(rank, self.rng.integers(1, rank + 1), replace=False).tolist())
        keep = bool(self.rng.integers(2))
        op = ["Sum", "Max", "Min", "Mean"][self.rng.integers(4 if x[1] != INT32 else 3)]
        shape = [1 if d in axes else s for d, s in enumerate(x[2]) if keep or d not in axes]
        self.values.append(self.node(op, [x[0], self.constant(axes)], {"T": f"type: {x[1]}", "Tidx": f"type: {INT32}", "keep_dims": f"b: {str(keep).lower()}"},
                                     x[1], shape))

    def softmax(self):
        x = self.pick(lambda value: len(value[2]) > 0 and value[1] != INT32)
        if x:
            op = ["Softmax", "LogSoftmax"][self.rng.integers(2)]
            self.values.append(self.node(op, [x[0]], {"T": f"type: {x[1]}"}, x[1], x[2]))

    def transpose(self):
        x = self.pick()
        order = self.rng.permutation(len(x[2]))
        self.values.append(self.node("Transpose", [x[0], self.constant(order)], {"T": f"type: {x[1]}", "Tperm": f"type: {INT32}"}, x[1], [x[2][d] for d in order]))

    def reshape(self):
        x = self.pick()
        size = int(np.prod(x[2]))
        divisor = next((d for d in self.rng.permutation([1, 2, 3, 4, 5, 7]) if size % d == 0), 1)
        shape = [size // divisor, divisor]
        self.values.append(self.node("Reshape", [x[0], self.constant(shape)], {"T": f"type: {x[1]}", "Tshape": f"type: {INT32}"}, x[1], shape))

    def concat(self):
        x = self.pick(lambda value: len(value[2]) > 0)
        if not x:
            return
        axis = int(self.rng.integers(len(x[2])))
        y = self.pick(lambda v: v[1] == x[1] and len(v[2]) == len(x[2]) and all(a == b for d, (a, b) in enumerate(zip(v[2], x[2])) if d != axis))
        shape = [s + (y[2][d] if d == axis else 0) for d, s in enumerate(x[2])]
        self.values.append(self.node("ConcatV2", [x[0], y[0], self.constant(axis)], {"T": f"type: {x[1]}", "N": "i: 2", "Tidx": f"type: {INT32}"}, x[1], shape))

    def slice(self):
        x = self.pick()
        begin = [int(self.rng.integers(s)) for s in x[2]]
        size = [int(self.rng.integers(1, s - b + 1)) for s, b in zip(x[2], begin)]
        self.values.append(self.node("Slice", [x[0], self.constant(begin), self.constant(size)], {"T": f"type: {x[1]}", "Index": f"type: {INT32}"}, x[1], size))

    def pad(self):
        x = self.pick(lambda value: np.prod(value[2]) < 2000)
        if x and x[2]:
            widths = self.rng.integers(0, 3, (len(x[2]), 2))
            self.values.append(self.node("Pad", [x[0], self.constant(widths)], {"T": f"type: {x[1]}", "Tpaddings": f"type: {INT32}"}, x[1],
                                         [s + w.sum() for s, w in zip(x[2], widths)]))

    def reverse(self):
        x = self.pick(lambda value: len(value[2]) > 0)
        if x:
            axis = [int(self.rng.integers(len(x[2])))]
            self.values.append(self.node("ReverseV2", [x[0], self.constant(axis)], {"T": f"type: {x[1]}", "Tidx": f"type: {INT32}"}, x[1], x[2]))

    def cumsum(self):
        x = self.pick(lambda value: len(value[2]) > 0)
        if x:
            flags = {key: f"b: {str(bool(self.rng.integers(2))).lower()}" for key in ("exclusive", "reverse")}
            axis = self.constant(int(self.rng.integers(len(x[2]))))
            self.values.append(self.node("Cumsum", [x[0], axis], {"T": f"type: {x[1]}", "Tidx": f"type: {INT32}", **flags}, x[1], x[2]))

    def gather(self):
        x = self.pick(lambda value: len(value[2]) > 0)
        if x:
            axis = int(self.rng.integers(len(x[2])))
            indices = self.rng.integers(0, x[2][axis], self.rng.integers(1, 6))
            self.values.append(self.node("GatherV2", [x[0], self.constant(indices), self.constant(axis)],
                                         {"Tparams": f"type: {x[1]}", "Tindices": f"type: {INT32}", "Taxis": f"type: {INT32}"}, x[1],
                                         [*x[2][:axis], len(indices), *x[2][axis + 1:]]))

    def matmul(self):
        x = self.pick(lambda value: len(value[2]) == 2 and value[1] != INT32)
        if not x:
            return
        columns = int(self.rng.choice([1, 3, 8, 16, 33]))
        weights = self.constant(self.distinct((x[2][1], columns), x[1]), x[1])
        self.values.append(self.node("MatMul", [x[0], weights], {"T": f"type: {x[1]}"}, x[1], (x[2][0], columns)))

    def convolution(self):
        x = self.pick(lambda value: len(value[2]) == 4 and value[1] == FLOAT and min(value[2][1:3]) >= 2)
        if not x:
            return
        kernel, filters, stride = int(self.rng.integers(1, 4)), int(self.rng.choice([1, 4, 18])), int(self.rng.integers(1, 3))
        weights = self.constant(self.distinct((kernel, kernel, x[2][3], filters), FLOAT), FLOAT)
        rows, columns = -(-x[2][1] // stride), -(-x[2][2] // stride)
        value = self.node("Conv2D", [x[0], weights], {"T": f"type: {FLOAT}", "strides": f"list {{ i: 1 i: {stride} i: {stride} i: 1 }}", "padding": 's: "SAME"'},
                          FLOAT, (x[2][0], rows, columns, filters))
        bias = self.constant(self.distinct((filters,), FLOAT), FLOAT)
        value = self.node("BiasAdd", [value[0], bias], {"T": f"type: {FLOAT}"}, FLOAT, value[2])
        self.values.append(self.node("Relu", [value[0]], {"T": f"type: {FLOAT}"}, FLOAT, value[2]))

    def pool(self):
        x = self.pick(lambda value: len(value[2]) == 4 and value[1] == FLOAT)
        if x:
            op = ["MaxPool", "AvgPool"][self.rng.integers(2)]
            shape = (x[2][0], -(-x[2][1] // 2), -(-x[2][2] // 2), x[2][3])
            sizes = {"ksize": "list { i: 1 i: 3 i: 2 i: 1 }", "strides": "list { i: 1 i: 2 i: 2 i: 1 }", "padding": 's: "SAME"'}
            self.values.append(self.node(op, [x[0]], {"T": f"type: {FLOAT}", **sizes}, FLOAT, shape))

    def cast(self):
        name, dtype, shape = self.pick()
        target = [t for t in (FLOAT, DOUBLE, INT32) if t != dtype][self.rng.integers(2)]
        self.values.append(self.node("Cast", [name], {"SrcT": f"type: {dtype}", "DstT": f"type: {target}"}, target, shape))

    def build(self):
        for _ in range(self.rng.integers(1, 4)):
            self.feed()
        steps = [self.unary, self.unary, self.binary, self.binary, self.binary, self.select, self.reduce, self.reduce, self.softmax, self.transpose, self.reshape,
                 self.concat, self.slice, self.pad, self.reverse, self.cumsum, self.gather, self.matmul, self.matmul, self.convolution, self.convolution,
                 self.pool, self.cast]
        for _ in range(self.rng.integers(5, 40)):
            steps[self.rng.integers(len(steps))]()
        made = [value for value in self.values if value[0] not in self.feeds]
        read = "\n".join(self.text)
        return [value for value in made if f'input: "{value[0]}"' not in read] or made[-1:] or [self.values[0]]


def broadcasts(x, y):
    try:
        np.broadcast_shapes(x, y)
        return True
    except ValueError:
        return False


def check(seed, binaries):
    graph = Graph(seed)
    results = graph.build()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / "graph.pbtxt").write_text("\n".join(graph.text))
        arguments, feeds = [], []
        for number, (name, values) in enumerate(graph.feeds.items()):
            np.save(work / f"in{number}.npy", values)
            values.tofile(work / f"in{number}.raw")
            arguments += ["--feed", f"{name}={work}/in{number}.npy"]
            feeds.append({"tensor": name, "file": f"{work}/in{number}.raw", "shape": list(values.shape)})
        for number, (name, _, _) in enumerate(results):
            arguments += ["--fetch", f"{name}={work}/out{number}.npy"]
        done = subprocess.run([binaries / "lathe", "run", work / "graph.pbtxt", "--threads", "2", "--jobs", "1", *arguments], capture_output=True, text=True, timeout=120)
        if done.returncode:
            return f"lathe run: status {done.returncode}: {done.stderr.strip()[-300:]}"
        request = {"graph": f"{work}/graph.pbtxt", "fetches": [name for name, _, _ in results], "feeds": feeds, "out": f"{work}/ref"}
        oracle = subprocess.run([binaries / "evaluate-graph"], input=json.dumps(request) + "\n", capture_output=True, text=True, timeout=120)
        answer = json.loads(oracle.stdout) if oracle.returncode == 0 else {"failed": oracle.stderr}
        if "failed" in answer:
            return f"interpreter: {answer}"
        for number, (name, dtype, shape) in enumerate(results):
            got = np.load(work / f"out{number}.npy")
            expected = np.fromfile(work / f"ref.{number}", NUMPY[dtype]).reshape(shape)
            if got.shape != expected.shape or got.dtype != expected.dtype:
                return f"{name}: {got.dtype}{list(got.shape)}, expected {expected.dtype}{list(expected.shape)}"
            if dtype == INT32:
                wrong = got != expected
            else:
                # A double may have been a float on its way.
                step = 2e-5 if any(value[1] == FLOAT for value in graph.values) else 1e-12
                largest = np.max(np.abs(expected[np.isfinite(expected)]), initial=0)
                wrong = ~(np.isclose(got, expected, rtol=step, atol=step * largest, equal_nan=True))
            if np.any(wrong):
                place = tuple(np.argwhere(wrong)[0])
                return f"{name} differs in {np.count_nonzero(wrong)} of {wrong.size}: {got[place]} for {expected[place]}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.count)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = list(pool.map(lambda seed: check(seed, options.binaries), seeds))
    for seed, problem in zip(seeds, problems):
        if problem:
            print(f"seed {seed}: {problem}")
    failed = sum(problem is not None for problem in problems)
    print(f"{len(problems) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
