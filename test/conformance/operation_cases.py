#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares single operations with TensorFlow: random numbers bit by bit, others within units in the last place, or of the largest.

    operation_cases.py FOLDER [--lathe=PATH] [--only=PREFIX] [--threads=N]

Makes a case a folder (NAME/case.json, model.pb, expected_0.npy: the layout that tools/conformance reads) in FOLDER from what TensorFlow
computes in its first run, then compiles and runs each: as it is, so that the compiler computes it, and with the tensors of numbers in it
fed, so that compiled code does. Prints for each case that differs how many elements do, and by how many units in the last place at most.
Exit status 1 if one differs by more than its bound. Skips, loudly, with status 77, where TensorFlow is not
there.
"""
import argparse
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

from oracle import np, tf
from operation_values import EXACT, ROUNDED, OfLargest, distinct, value_cases

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
raw, v1 = tf.raw_ops, tf.compat.v1
SOLVED = OfLargest(200)

SEED = [[7, 11], [-1, 2**40 + 5], [0, 0]]
ALPHA = np.array([[0.3, 1.0, 2.5], [40.0, 0.2, 1e4]])
RATE = np.array([0.0, 0.4, 3.7, 9.99, 10.0, 55.5, 4321.0])
LOGITS = np.array([[0.1, -2.0, 1.5, 0.3], [-np.inf, 0.0, 0.2, -1.0], [5.0, 4.0, 3.0, np.nan]])


def random_cases():
    """Name, by how many units in the last place elements may differ, and a function that gives the tensor."""
    floats = [tf.float32, tf.float64, tf.float16, tf.bfloat16]
    for dtype in floats:
        for shape in ([5, 3], [1000], [0, 4], [2, 1, 8]):
            at = f"{dtype.name}_{'x'.join(map(str, shape))}"
            yield f"uniform/{at}", EXACT, lambda dtype=dtype, shape=shape: raw.RandomUniform(shape=shape, dtype=dtype, seed=5, seed2=9)
            yield f"normal/{at}", ROUNDED, lambda dtype=dtype, shape=shape: raw.RandomStandardNormal(shape=shape, dtype=dtype, seed=-5, seed2=2**33)
            yield f"truncated_normal/{at}", ROUNDED, lambda dtype=dtype, shape=shape: raw.TruncatedNormal(shape=shape, dtype=dtype, seed=5, seed2=10)
        for number, seed in enumerate(SEED):
            at = f"{dtype.name}_{number}"
            yield f"stateless_uniform/{at}", EXACT, lambda dtype=dtype, seed=seed: raw.StatelessRandomUniform(shape=[7, 3], seed=tf.constant(seed, tf.int64), dtype=dtype)
            yield f"stateless_normal/{at}", ROUNDED, lambda dtype=dtype, seed=seed: raw.StatelessRandomNormal(shape=[7, 3], seed=tf.constant(seed, tf.int64), dtype=dtype)
            yield f"stateless_truncated_normal/{at}", ROUNDED, lambda dtype=dtype, seed=seed: raw.StatelessTruncatedNormal(shape=[7, 3], seed=tf.constant(seed, tf.int64), dtype=dtype)
        yield f"v2_uniform/{dtype.name}", EXACT, lambda dtype=dtype: tf.random.stateless_uniform([4, 5], [3, 4], dtype=dtype)
        yield f"v2_normal/{dtype.name}", ROUNDED, lambda dtype=dtype: tf.random.stateless_normal([4, 5], [3, 4], dtype=dtype)
        yield f"v2_truncated_normal/{dtype.name}", ROUNDED, lambda dtype=dtype: tf.random.stateless_truncated_normal([4, 5], [3, 4], dtype=dtype)
    for dtype in (tf.int32, tf.int64):
        for low, high in ((0, 10), (-7, 2**31 - 1), (-2**31, 2**31 - 1)):
            at = f"{dtype.name}_{low}_{high}"
            bounds = dict(minval=np.array(low, dtype.as_numpy_dtype), maxval=np.array(high, dtype.as_numpy_dtype))
            yield f"uniform_int/{at}", EXACT, lambda bounds=bounds: raw.RandomUniformInt(shape=[3, 7], seed=1, seed2=2, **bounds)
            yield f"stateless_uniform_int/{at}", EXACT, lambda bounds=bounds: raw.StatelessRandomUniformInt(shape=[3, 7], seed=[1, 2], **bounds)
            yield f"v2_uniform_int/{at}", EXACT, lambda bounds=bounds, dtype=dtype: tf.random.stateless_uniform([3, 7], [1, 2], dtype=dtype, **bounds)
    for dtype in (tf.int32, tf.int64, tf.uint32, tf.uint64):
        yield f"full_int/{dtype.name}", EXACT, lambda dtype=dtype: raw.StatelessRandomUniformFullInt(shape=[3, 7], seed=[5, -6], dtype=dtype)
        yield f"v2_full_int/{dtype.name}", EXACT, lambda dtype=dtype: tf.random.stateless_uniform([3, 7], [5, -6], None, None, dtype)
    for rows in (1, 2, 5, 1000, 20000):
        yield f"shuffle/{rows}", EXACT, lambda rows=rows: raw.RandomShuffle(value=tf.range(2.0 * rows), seed=3, seed2=4)
        yield f"shuffle/{rows}x2", EXACT, lambda rows=rows: raw.RandomShuffle(value=tf.reshape(tf.range(2 * rows), [rows, 2]), seed=3, seed2=4)
    for dtype in (tf.float16, tf.float32, tf.float64):
        alpha, rate, logits = (x.astype(dtype.as_numpy_dtype) for x in (ALPHA, RATE, LOGITS))
        yield f"gamma/{dtype.name}", ROUNDED, lambda alpha=alpha: raw.RandomGamma(shape=[100, 2], alpha=alpha, seed=8, seed2=9)
        yield f"stateless_gamma/{dtype.name}", ROUNDED, lambda alpha=alpha: raw.StatelessRandomGammaV2(shape=[50, 2, 3], seed=[8, 9], alpha=alpha)
        yield f"v3_gamma/{dtype.name}", ROUNDED, lambda alpha=alpha: tf.random.stateless_gamma([50, 2, 3], [8, 9], alpha, dtype=alpha.dtype)
        for result in (tf.float16, tf.float32, tf.float64, tf.int32, tf.int64):
            yield f"poisson/{dtype.name}_{result.name}", EXACT, lambda rate=rate, result=result: raw.RandomPoissonV2(shape=[100], rate=rate, seed=8, seed2=7, dtype=result)
            yield f"stateless_poisson/{dtype.name}_{result.name}", EXACT, lambda rate=rate, result=result: raw.StatelessRandomPoisson(shape=[100, 7], seed=[8, 9], lam=rate, dtype=result)
        for result in (tf.int32, tf.int64):
            yield f"multinomial/{dtype.name}_{result.name}", EXACT, lambda logits=logits, result=result: raw.Multinomial(logits=logits, num_samples=50, seed=1, seed2=3, output_dtype=result)
            yield f"stateless_multinomial/{dtype.name}_{result.name}", EXACT, lambda logits=logits, result=result: raw.StatelessMultinomial(logits=logits, num_samples=51, seed=[1, 3], output_dtype=result)
    for kind in (tf.int32, tf.int64):
        rate = np.array([3, 70], kind.as_numpy_dtype)
        yield f"poisson/{kind.name}", EXACT, lambda rate=rate: raw.RandomPoissonV2(shape=[100], rate=rate, seed=8, seed2=7, dtype=tf.int64)
        yield f"seed/{kind.name}", EXACT, lambda kind=kind: raw.StatelessRandomGetKeyCounter(seed=tf.constant([-3, 8], kind)).counter
        yield f"key/{kind.name}", EXACT, lambda kind=kind: raw.StatelessRandomGetKeyCounterAlg(seed=tf.constant([-3, 8], kind)).key


def other_cases():
    for dtype in (np.int32, np.int64, np.float32, np.float64):
        x = np.array([[-3, 0, 1], [5, 10, 99]], dtype)
        yield f"bucketize/{dtype.__name__}", EXACT, lambda x=x: raw.Bucketize(input=x, boundaries=[-3, 0.5, 5, 10.25])
        rows = np.sort(distinct(2, 9, dtype=np.float64) * 4, axis=1).astype(dtype)
        for side in (raw.LowerBound, raw.UpperBound):
            values = np.concatenate([rows[:, ::3], rows[:, :2] + dtype(1)], axis=1)
            yield f"{side.__name__}/{dtype.__name__}", EXACT, lambda side=side, rows=rows, values=values: side(sorted_inputs=rows, values=values, out_type=tf.int64)
    for axis in (1, -2):
        shapes = [np.array(s, np.int32) for s in ([2, 3, 4], [2, 5, 4], [2, 7, 4])]
        for output in range(3):
            yield f"concat_offset/{axis}_{output}", EXACT, lambda axis=axis, shapes=shapes, output=output: raw.ConcatOffset(concat_dim=axis, shape=shapes)[output]
    yield "data_format_dim_map/default", EXACT, lambda: raw.DataFormatDimMap(x=np.array([-4, 3, 1, -2], np.int32))
    yield "data_format_dim_map/volume", EXACT, lambda: raw.DataFormatDimMap(x=np.array([[0], [4], [2]], np.int64), src_format="NDHWC", dst_format="NCDHW")
    for rows in ([4], [4, 2], [2], [2, 2]):
        at = "x".join(map(str, rows))
        yield f"data_format_vec_permute/{at}", EXACT, lambda rows=rows: raw.DataFormatVecPermute(x=np.arange(np.prod(rows)).reshape(rows).astype(np.int32))
        yield f"data_format_vec_permute/back_{at}", EXACT, lambda rows=rows: raw.DataFormatVecPermute(x=np.arange(np.prod(rows)).reshape(rows).astype(np.int64), src_format="NCHW", dst_format="HWNC")
    yield "unravel_index/vector", EXACT, lambda: raw.UnravelIndex(indices=np.array([0, 7, 59], np.int32), dims=np.array([3, 4, 5], np.int32))
    yield "unravel_index/scalar", EXACT, lambda: raw.UnravelIndex(indices=np.int64(33), dims=np.array([3, 4, 5], np.int64))
    for op in (raw.InplaceAdd, raw.InplaceSub, raw.InplaceUpdate):
        yield f"{op.__name__}", EXACT, lambda op=op: op(x=tf.identity(distinct(4, 3)), i=np.array([2, 0], np.int32), v=distinct(2, 3) + 9)
    for dtype in (np.float32, np.float64):
        a = distinct(3, 5, 4, dtype=dtype)
        square = a[:, :4] + np.swapaxes(a[:, :4], 1, 2)
        yield f"svd/{dtype.__name__}", SOLVED, lambda a=a: raw.Svd(input=a, compute_uv=False).s
        yield f"self_adjoint_eig/{dtype.__name__}", SOLVED, lambda square=square: raw.SelfAdjointEigV2(input=square, compute_v=False).e
        yield f"self_adjoint_eig_vectors/{dtype.__name__}", SOLVED, lambda square=square: tf.abs(raw.SelfAdjointEigV2(input=square).v)
        for fast in (False, True):
            yield f"matrix_solve_ls/{dtype.__name__}_{fast}", OfLargest(1600), lambda a=a, fast=fast, dtype=dtype: raw.MatrixSolveLs(
                matrix=a, rhs=distinct(3, 5, 2, dtype=dtype) + dtype(1), l2_regularizer=np.float64(0.5), fast=fast)
    image = distinct(2, 5, 7, 3)
    yield "adjust_contrast", ROUNDED, lambda: raw.AdjustContrastv2(images=image, contrast_factor=np.float32(1.7))
    for dtype in (np.int32, np.int64):
        bounds = dict(starts=np.array([2, 5, 9], dtype), limits=np.array([5, 5, 2], dtype), deltas=np.array([1, 2, -3], dtype))
        yield f"ragged_range/{dtype.__name__}", EXACT, lambda bounds=bounds: raw.RaggedRange(**bounds).rt_dense_values
        yield f"ragged_range_splits/{dtype.__name__}", EXACT, lambda bounds=bounds: raw.RaggedRange(**bounds).rt_nested_splits
    yield "ragged_range/one_start", EXACT, lambda: raw.RaggedRange(starts=np.int32(1), limits=np.array([3, 6], np.int32), deltas=np.int32(2)).rt_dense_values
    yield "sparse_tensor_dense_add", EXACT, lambda: raw.SparseTensorDenseAdd(
        a_indices=np.array([[0, 1], [2, 0], [0, 1]], np.int64), a_values=np.array([1, 2, 4], np.float32), a_shape=np.array([3, 2], np.int64), b=distinct(3, 2))


def make(folder, make_tensors):
    """Writes the case of the tensors that `make_tensors` adds to a graph; returns the constants of it that can be fed."""
    folder.mkdir(parents=True, exist_ok=True)
    with tf.Graph().as_default() as graph:
        made = make_tensors()
        results = [v1.identity(tensor, name=f"result_{i}") for i, tensor in enumerate(made if isinstance(made, list) else [made])]
        with v1.Session(graph=graph) as session:
            values = session.run(results)
        definition = graph.as_graph_def()
    (folder / "model.pb").write_bytes(definition.SerializeToString())
    outputs = []
    for i, (result, value) in enumerate(zip(results, values)):
        np.save(folder / f"expected_{i}.npy", value.view(np.uint16) if result.dtype == tf.bfloat16 else value)
        outputs.append({"tensor": f"result_{i}:0", "dtype": result.dtype.name, "file": f"expected_{i}.npy"})
    (folder / "case.json").write_text(json.dumps({"inputs": [], "outputs": outputs, "rtol": 0}, indent=1))
    numbers = [node for node in definition.node if node.op == "Const" and tf.as_dtype(node.attr["dtype"].type) in FED]
    return {node.name: value for node in numbers if (value := tf.make_ndarray(node.attr["value"].tensor)).size > 2}


# Small tensors can be parameters that must be known when compiling.
FED = (tf.float32, tf.float64, tf.complex64, tf.complex128)


def distance(got, expected, dtype, ofLargest):
    """Units in the last place between floats, of the largest where they are made of many together; whether others differ."""
    if dtype.startswith("complex"):
        got, expected, dtype = got.view(got.real.dtype), expected.view(got.real.dtype), got.real.dtype.name
    bits = {"float64": np.int64, "float32": np.int32, "float16": np.int16, "bfloat16": np.int16}.get(dtype)
    if bits is None:
        return (got != expected).astype(np.int64)
    if ofLargest:
        same = (got == expected) | (np.isnan(got) & np.isnan(expected))
        largest = np.max(np.abs(expected), where=np.isfinite(expected), initial=0)
        with np.errstate(invalid="ignore", over="ignore"):
            units = np.abs(got - expected) / (np.finfo(dtype).eps * largest)
        return np.where(same, 0, np.ceil(np.nan_to_num(units, nan=1e18, posinf=1e18).clip(max=1e18))).astype(np.int64)
    x, y = (a.view(bits).astype(np.int64) for a in (got, expected))
    ordered = [np.where(a < 0, np.iinfo(bits).min - a, a) for a in (x, y)]
    isNan = (got != got) & (expected != expected) if dtype != "bfloat16" else x == y
    return np.where((x == y) | isNan, 0, np.abs(ordered[0] - ordered[1]))


def compare(name, home, got, bound):
    """Prints how the tensors in `got` differ from those expected; whether they may, and whether any does."""
    may, any_differs = True, False
    for output in json.loads((home / "case.json").read_text())["outputs"]:
        value, expected = np.load(got / output["file"]), np.load(home / output["file"])
        if value.shape != expected.shape or value.dtype != expected.dtype:
            print(f"FAILED {name}: {value.dtype}{list(value.shape)} for {expected.dtype}{list(expected.shape)}")
            return False, True
        value, expected = np.ascontiguousarray(value).reshape(-1), np.ascontiguousarray(expected).reshape(-1)
        apart = distance(value, expected, output["dtype"], isinstance(bound, OfLargest))
        worst = int(apart.max(initial=0))
        any_differs |= worst > 0
        if worst > bound:
            may = False
            if apart.size != value.size:
                value, expected = value.view(value.real.dtype), expected.view(value.real.dtype)
            print(f"FAILED {name}: {np.count_nonzero(apart)} of {apart.size} in {output['tensor']} differ, at most {worst} ulp, first {value[apart > 0][:3]} for {expected[apart > 0][:3]}")
        elif worst:
            print(f"{name}: {np.count_nonzero(apart)} of {apart.size} in {output['tensor']} differ, at most {worst} ulp")
    return may, any_differs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--lathe", default=ROOT / "build" / "bin" / "lathe")
    parser.add_argument("--only", default="")
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    total = failed = equal = 0
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for name, bound, make_tensors in itertools.chain(random_cases(), other_cases(), value_cases()):
            if not name.startswith(options.only):
                continue
            home = options.folder / name.replace("/", ".")
            fed = make(home, make_tensors)
            fetches = [word for output in json.loads((home / "case.json").read_text())["outputs"] for word in ("--fetch", f"{output['tensor']}={work / output['file']}")]
            feeds = []
            for i, (node, value) in enumerate(fed.items()):
                np.save(work / f"fed_{i}.npy", value)
                feeds += ["--feed", f"{node}:0={work / f'fed_{i}.npy'}"]
            for mode, words in (("", []), (" (fed)", feeds))[:2 if feeds else 1]:
                done = subprocess.run([options.lathe, "run", home / "model.pb", *words, *fetches, "--threads", options.threads], capture_output=True, text=True)
                total += 1
                if done.returncode:
                    failed += 1
                    print(f"FAILED {name}{mode}: {done.stderr.strip()[:300]}")
                    continue
                may, differs = compare(name + mode, home, work, bound)
                failed += not may
                equal += not differs
    print(f"{total} cases, {equal} equal bit by bit, {failed} failed")
    return failed != 0 or total == 0


if __name__ == "__main__":
    sys.exit(main())
