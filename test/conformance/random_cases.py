#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares random numbers with TensorFlow's, bit by bit.

    random_cases.py FOLDER [--lathe=PATH] [--only=PREFIX] [--threads=N]

Makes a case a folder (NAME/case.json, model.pb, expected_N.npy: the layout that tools/conformance reads) in FOLDER from what TensorFlow
draws in its first run, then compiles and runs each. Prints for each case how many elements differ, and by how many units in the last
place at most. Exit status 1 if integers, uniform numbers or shuffles differ at all, or others by more than ULPS. Skips, loudly, with status
77, where TensorFlow is not there.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Where the C library is the one that TensorFlow uses, nothing differs; others may round single functions otherwise.
ULPS = 4

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="-1")
try:
    import tensorflow as tf
except ImportError:
    print("SKIPPED: TensorFlow is not there, so that nothing was compared")
    sys.exit(77)
raw, v1 = tf.raw_ops, tf.compat.v1

SEED = [[7, 11], [-1, 2**40 + 5], [0, 0]]
ALPHA = np.array([[0.3, 1.0, 2.5], [40.0, 0.2, 1e4]])
RATE = np.array([0.0, 0.4, 3.7, 9.99, 10.0, 55.5, 4321.0])
LOGITS = np.array([[0.1, -2.0, 1.5, 0.3], [-np.inf, 0.0, 0.2, -1.0], [5.0, 4.0, 3.0, np.nan]])


def cases():
    """Name, whether every bit counts, and a function that gives the tensor."""
    floats = [tf.float32, tf.float64, tf.float16, tf.bfloat16]
    for dtype in floats:
        for shape in ([5, 3], [1000], [0, 4], [2, 1, 8]):
            at = f"{dtype.name}_{'x'.join(map(str, shape))}"
            yield f"uniform/{at}", True, lambda dtype=dtype, shape=shape: raw.RandomUniform(shape=shape, dtype=dtype, seed=5, seed2=9)
            yield f"normal/{at}", False, lambda dtype=dtype, shape=shape: raw.RandomStandardNormal(shape=shape, dtype=dtype, seed=-5, seed2=2**33)
            yield f"truncated_normal/{at}", False, lambda dtype=dtype, shape=shape: raw.TruncatedNormal(shape=shape, dtype=dtype, seed=5, seed2=10)
        for number, seed in enumerate(SEED):
            at = f"{dtype.name}_{number}"
            yield f"stateless_uniform/{at}", True, lambda dtype=dtype, seed=seed: raw.StatelessRandomUniform(shape=[7, 3], seed=tf.constant(seed, tf.int64), dtype=dtype)
            yield f"stateless_normal/{at}", False, lambda dtype=dtype, seed=seed: raw.StatelessRandomNormal(shape=[7, 3], seed=tf.constant(seed, tf.int64), dtype=dtype)
            yield f"stateless_truncated_normal/{at}", False, lambda dtype=dtype, seed=seed: raw.StatelessTruncatedNormal(shape=[7, 3], seed=tf.constant(seed, tf.int64), dtype=dtype)
        yield f"v2_uniform/{dtype.name}", True, lambda dtype=dtype: tf.random.stateless_uniform([4, 5], [3, 4], dtype=dtype)
        yield f"v2_normal/{dtype.name}", False, lambda dtype=dtype: tf.random.stateless_normal([4, 5], [3, 4], dtype=dtype)
        yield f"v2_truncated_normal/{dtype.name}", False, lambda dtype=dtype: tf.random.stateless_truncated_normal([4, 5], [3, 4], dtype=dtype)
    for dtype in (tf.int32, tf.int64):
        for low, high in ((0, 10), (-7, 2**31 - 1), (-2**31, 2**31 - 1)):
            at = f"{dtype.name}_{low}_{high}"
            bounds = dict(minval=np.array(low, dtype.as_numpy_dtype), maxval=np.array(high, dtype.as_numpy_dtype))
            yield f"uniform_int/{at}", True, lambda bounds=bounds: raw.RandomUniformInt(shape=[3, 7], seed=1, seed2=2, **bounds)
            yield f"stateless_uniform_int/{at}", True, lambda bounds=bounds: raw.StatelessRandomUniformInt(shape=[3, 7], seed=[1, 2], **bounds)
            yield f"v2_uniform_int/{at}", True, lambda bounds=bounds, dtype=dtype: tf.random.stateless_uniform([3, 7], [1, 2], dtype=dtype, **bounds)
    for dtype in (tf.int32, tf.int64, tf.uint32, tf.uint64):
        yield f"full_int/{dtype.name}", True, lambda dtype=dtype: raw.StatelessRandomUniformFullInt(shape=[3, 7], seed=[5, -6], dtype=dtype)
        yield f"v2_full_int/{dtype.name}", True, lambda dtype=dtype: tf.random.stateless_uniform([3, 7], [5, -6], None, None, dtype)
    for rows in (1, 2, 5, 1000, 20000):
        yield f"shuffle/{rows}", True, lambda rows=rows: raw.RandomShuffle(value=tf.range(2.0 * rows), seed=3, seed2=4)
        yield f"shuffle/{rows}x2", True, lambda rows=rows: raw.RandomShuffle(value=tf.reshape(tf.range(2 * rows), [rows, 2]), seed=3, seed2=4)
    for dtype in (tf.float16, tf.float32, tf.float64):
        alpha, rate, logits = (x.astype(dtype.as_numpy_dtype) for x in (ALPHA, RATE, LOGITS))
        yield f"gamma/{dtype.name}", False, lambda alpha=alpha: raw.RandomGamma(shape=[100, 2], alpha=alpha, seed=8, seed2=9)
        yield f"stateless_gamma/{dtype.name}", False, lambda alpha=alpha: raw.StatelessRandomGammaV2(shape=[50, 2, 3], seed=[8, 9], alpha=alpha)
        yield f"v3_gamma/{dtype.name}", False, lambda alpha=alpha: tf.random.stateless_gamma([50, 2, 3], [8, 9], alpha, dtype=alpha.dtype)
        for result in (tf.float16, tf.float32, tf.float64, tf.int32, tf.int64):
            yield f"poisson/{dtype.name}_{result.name}", True, lambda rate=rate, result=result: raw.RandomPoissonV2(shape=[100], rate=rate, seed=8, seed2=7, dtype=result)
            yield f"stateless_poisson/{dtype.name}_{result.name}", True, lambda rate=rate, result=result: raw.StatelessRandomPoisson(shape=[100, 7], seed=[8, 9], lam=rate, dtype=result)
        for result in (tf.int32, tf.int64):
            yield f"multinomial/{dtype.name}_{result.name}", True, lambda logits=logits, result=result: raw.Multinomial(logits=logits, num_samples=50, seed=1, seed2=3, output_dtype=result)
            yield f"stateless_multinomial/{dtype.name}_{result.name}", True, lambda logits=logits, result=result: raw.StatelessMultinomial(logits=logits, num_samples=51, seed=[1, 3], output_dtype=result)
    for kind in (tf.int32, tf.int64):
        rate = np.array([3, 70], kind.as_numpy_dtype)
        yield f"poisson/{kind.name}", True, lambda rate=rate: raw.RandomPoissonV2(shape=[100], rate=rate, seed=8, seed2=7, dtype=tf.int64)
        yield f"seed/{kind.name}", True, lambda kind=kind: raw.StatelessRandomGetKeyCounter(seed=tf.constant([-3, 8], kind)).counter
        yield f"key/{kind.name}", True, lambda kind=kind: raw.StatelessRandomGetKeyCounterAlg(seed=tf.constant([-3, 8], kind)).key


def make(folder, make_tensor):
    """Writes the case of the tensor that `make_tensor` adds to a graph."""
    folder.mkdir(parents=True, exist_ok=True)
    with tf.Graph().as_default() as graph:
        result = v1.identity(make_tensor(), name="result")
        with v1.Session(graph=graph) as session:
            expected = session.run(result)
        (folder / "model.pb").write_bytes(graph.as_graph_def().SerializeToString())
    if result.dtype == tf.bfloat16:
        expected = expected.view(np.uint16)
    np.save(folder / "expected_0.npy", expected)
    outputs = [{"tensor": "result:0", "dtype": result.dtype.name, "file": "expected_0.npy"}]
    (folder / "case.json").write_text(json.dumps({"inputs": [], "outputs": outputs, "rtol": 0}, indent=1))


def distance(got, expected, dtype):
    """Units in the last place between floats; whether they differ for others."""
    bits = {"float64": np.int64, "float32": np.int32, "float16": np.int16, "bfloat16": np.int16}.get(dtype)
    if bits is None:
        return (got != expected).astype(np.int64)
    x, y = (a.view(bits).astype(np.int64) for a in (got, expected))
    ordered = [np.where(a < 0, np.iinfo(bits).min - a, a) for a in (x, y)]
    return np.where(x == y, 0, np.abs(ordered[0] - ordered[1]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--lathe", default=ROOT / "build" / "bin" / "lathe")
    parser.add_argument("--only", default="")
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    total = failed = equal = 0
    with tempfile.TemporaryDirectory() as work:
        for name, exact, make_tensor in cases():
            if not name.startswith(options.only):
                continue
            home, got = options.folder / name.replace("/", "."), pathlib.Path(work) / "got.npy"
            make(home, make_tensor)
            done = subprocess.run([options.lathe, "run", home / "model.pb", "--fetch", f"result:0={got}", "--threads", options.threads],
                                  capture_output=True, text=True)
            total += 1
            if done.returncode:
                failed += 1
                print(f"FAILED {name}: {done.stderr.strip()[:300]}")
                continue
            dtype = json.loads((home / "case.json").read_text())["outputs"][0]["dtype"]
            value, expected = np.load(got), np.load(home / "expected_0.npy")
            if value.shape != expected.shape or value.dtype != expected.dtype:
                failed += 1
                print(f"FAILED {name}: {value.dtype}{list(value.shape)} for {expected.dtype}{list(expected.shape)}")
                continue
            apart = distance(value, expected, dtype)
            worst = int(apart.max(initial=0))
            equal += worst == 0
            if worst > (0 if exact else ULPS):
                failed += 1
                print(f"FAILED {name}: {np.count_nonzero(apart)} of {apart.size} differ, at most {worst} ulp, first {value[apart > 0][:3]} for {expected[apart > 0][:3]}")
            elif worst:
                print(f"{name}: {np.count_nonzero(apart)} of {apart.size} differ, at most {worst} ulp")
    print(f"{total} cases, {equal} equal bit by bit, {failed} failed")
    return failed != 0 or total == 0


if __name__ == "__main__":
    sys.exit(main())
