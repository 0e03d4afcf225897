#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what runs refuse with TensorFlow: refused.py FOLDER --lathe=PATH.

Each case is one operation with operands that TensorFlow takes and with some that it refuses, all of them fed. `lathe run` must give
the same numbers, or fail with a text that names the node. Exit status 77 where TensorFlow is not installed."""
import pathlib
import subprocess
import sys

from oracle import np, tf

raw, v1 = tf.raw_ops, tf.compat.v1
X = (np.arange(10, dtype=np.float32) * 1.5 - 4).reshape(5, 2)


def ints(*values):
    return np.array(values, np.int32)


# Name: what makes the node of operands, and operands; those of one case have the same shapes.
CASES = {
    "gather": (lambda i: raw.Gather(params=X, indices=i, name="node"), [ints(0, 4)], [ints(0, 5)], [ints(-1, 2)]),
    "gather_axis": (lambda i: raw.GatherV2(params=X, indices=i, axis=1, name="node"), [ints(0, 1)], [ints(1, 2)]),
    "gather_batch": (lambda i: raw.GatherV2(params=X, indices=i, axis=1, batch_dims=1, name="node"), [ints(0, 1, 1, 0, 1).reshape(5, 1)],
                     [ints(0, 1, 2, 0, 1).reshape(5, 1)]),
    "gather_nd": (lambda i: raw.GatherNd(params=X, indices=i, name="node"), [ints(4, 1, 0, 0).reshape(2, 2)], [ints(4, 2, 0, 0).reshape(2, 2)]),
    "gather_nd_ignored": (lambda i: raw.GatherNd(params=X, indices=i, bad_indices_policy="IGNORE", name="node"), [ints(4, 1).reshape(1, 2)]),
    "scatter_nd": (lambda i: raw.ScatterNd(indices=i, updates=X[:2], shape=ints(4, 2), name="node"), [ints(3, 1).reshape(2, 1)],
                   [ints(3, 4).reshape(2, 1)]),
    "tensor_scatter": (lambda i: raw.TensorScatterAdd(tensor=X, indices=i, updates=X[:2], name="node"), [ints(3, 3).reshape(2, 1)],
                       [ints(3, -1).reshape(2, 1)]),
    "segments": (lambda s: raw.UnsortedSegmentSum(data=X, segment_ids=s, num_segments=3, name="node"), [ints(0, 2, -1, 1, 0)], [ints(0, 3, 1, 1, 0)]),
    "sparse_segments": (lambda i: raw.SparseSegmentSumWithNumSegments(data=X, indices=i, segment_ids=ints(0, 1), num_segments=2, name="node"),
                        [ints(4, 0)], [ints(5, 0)]),
    "slice": (lambda b: raw.Slice(input=X, begin=b, size=ints(2, 1), name="node"), [ints(3, 1)], [ints(4, 0)], [ints(-1, 0)]),
    "strided_slice": (lambda k: raw.StridedSlice(input=X, begin=k, end=k + 1, strides=ints(1), shrink_axis_mask=1, name="node"), [ints(4)],
                      [ints(-5)], [ints(5)], [ints(-6)]),
    "labels": (lambda i: raw.SparseSoftmaxCrossEntropyWithLogits(features=X, labels=i, name="node")[0], [ints(0, 1, 1, 0, 1)], [ints(0, 1, 2, 0, 1)]),
    "one_hot": (lambda i: raw.OneHot(indices=i, depth=3, on_value=2.0, off_value=0.5, name="node"), [ints(0, 7)]),
    "partitions": (lambda i: tf.reduce_sum(raw.DynamicPartition(data=X, partitions=i, num_partitions=2, name="node")[1]), [ints(0, 1, 1, 0, 1)],
                   [ints(0, 2, 1, 0, 1)]),
    "reverse": (lambda n: raw.ReverseSequence(input=X, seq_lengths=n, seq_dim=1, batch_dim=0, name="node"), [ints(0, 1, 2, 1, 0)],
                [ints(0, 1, 3, 1, 0)], [ints(0, 1, -2, 1, 0)]),
    "bincount": (lambda i: raw.Bincount(arr=i, size=3, weights=np.zeros(0, np.float32), name="node"), [ints(0, 7)], [ints(0, -1)]),
    "permutation": (lambda i: raw.InvertPermutation(x=i, name="node"), [ints(2, 0, 1)], [ints(2, 0, 2)], [ints(0, 3, 1)]),
    "unravel": (lambda i: raw.UnravelIndex(indices=i, dims=ints(3, 4), name="node"), [ints(11)], [ints(12)]),
    "crop": (lambda i: raw.CropAndResize(image=X.reshape(1, 5, 2, 1), boxes=np.float32([[0, 0, 1, 1]]), box_ind=i, crop_size=ints(2, 2), name="node"),
             [ints(0)], [ints(1)]),
    "divide": (lambda d: raw.FloorDiv(x=ints(7, -8), y=d, name="node"), [ints(2, 3)], [ints(2, 0)]),
    "modulus": (lambda d: raw.FloorMod(x=ints(7, -8), y=d, name="node"), [ints(2, 3)], [ints(0, 3)]),
    "power": (lambda e: raw.Pow(x=ints(2, 3), y=e, name="node"), [ints(3, 0)], [ints(3, -1)]),
    "random": (lambda n: tf.reduce_min(raw.StatelessRandomUniformInt(shape=ints(9), seed=ints(1, 2), minval=ints(2).reshape(()), maxval=n, name="node")),
               [ints(7).reshape(())], [ints(2).reshape(())]),
    "finite": (lambda x: raw.CheckNumerics(tensor=x, message="why", name="node"), [X], [np.where(X == X[2, 1], np.float32(np.nan), X)],
               [np.where(X == X[0, 0], np.float32(-np.inf), X)]),
    "inverse": (lambda m: raw.MatrixInverse(input=m, name="node"), [np.float32([[1, 2], [3, 5]])], [np.float32([[1, 2], [2, 4]])]),
    "system": (lambda m: raw.MatrixSolve(matrix=m, rhs=X[:2], name="node"), [np.float32([[1, 2], [3, 5]])], [np.float32([[1, 2], [2, 4]])]),
}


def check(name, folder, lathe):
    """What is wrong, or nothing."""
    make, *runs = CASES[name]
    with tf.Graph().as_default() as graph, v1.Session() as session:
        operand = v1.placeholder(runs[0][0].dtype, runs[0][0].shape, name="operand")
        result = tf.identity(make(operand), name="result")
        (folder / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
        for (value,) in runs:
            np.save(folder / "operand.npy", value)
            try:
                expected = session.run(result, {operand: value})
            except tf.errors.OpError:
                expected = None
            done = subprocess.run([lathe, "run", folder / "graph.pb", f"--feed=operand={folder}/operand.npy", f"--fetch=result={folder}/result.npy"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if done.returncode < 0 or (expected is not None and done.returncode):
                return f"{value.tolist()} gives {expected}, but the run fails: {done.stderr}"
            if expected is None and (done.returncode != 1 or "node 'node'" not in done.stderr):
                return f"{value.tolist()} is refused, but the run gives {np.load(folder / 'result.npy') if done.returncode == 0 else done.stderr}"
            if expected is not None and not np.allclose(np.load(folder / "result.npy"), expected, rtol=1e-5, atol=1e-5):
                return f"{value.tolist()} gives {expected}, but got {np.load(folder / 'result.npy')}"
    return ""


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    problems = {name: check(name, folder, sys.argv[2].removeprefix("--lathe=")) for name in CASES}
    failed = {name: problem for name, problem in problems.items() if problem}
    for name, problem in failed.items():
        print(f"FAILED {name}: {problem}")
    print(f"{len(problems) - len(failed)} passed, {len(failed)} failed")
    sys.exit(bool(failed))
