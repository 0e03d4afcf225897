#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints against TensorFlow, both ways: it writes tensors of all element types, whole and in parts; copy-checkpoint reads and
writes them; it reads them again, and finds the same bytes. Then the runtime's store: TensorFlow reads what it saves, and it restores
what TensorFlow wrote.

    test/conformance/checkpoints.py BIN [PREFIX...]

BIN is the folder of copy-checkpoint and lathe. Further checkpoints are copied and compared likewise. Status 77 where there is no TensorFlow."""
import pathlib
import subprocess
import sys
import tempfile

from oracle import np, tf

TYPES = ["float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool", "complex64",
         "complex128", "float8_e5m2", "float8_e4m3fn"]


def write(prefix, folder):
    """Three shards; each has a third of a tensor in parts."""
    random = np.random.default_rng(1)
    names, specs, tensors = [], [], []

    def save(shard):
        tf.raw_ops.SaveV2(prefix=str(folder / shard), tensor_names=names, shape_and_slices=specs, tensors=tensors)
        for items in (names, specs, tensors):
            items.clear()
        return str(folder / shard)

    def add(name, tensor, spec=""):
        names.append(name)
        specs.append(spec)
        tensors.append(tensor)

    for name in TYPES:
        dtype = tf.as_dtype(name)
        bits = random.integers(0, 2 if name == "bool" else 256, 3 * 5 * dtype.size, dtype=np.uint8).tobytes()
        add(f"all/{name}", tf.constant(np.frombuffer(bits, dtype.as_numpy_dtype).reshape(3, 5)))
    add("scalar", tf.constant(7, tf.int64))
    add("empty", tf.zeros([0, 3]))
    add("strings", tf.constant([["one", ""], ["\0\xff", "long" * 1000]]))
    whole = random.normal(size=(700, 6, 3)).astype("float32")
    shards = []
    for first, count in ((0, 300), (300, 100), (400, 300)):
        for column in range(0, 6, 2):
            add("parts", tf.constant(whole[first:first + count, column:column + 2]), f"700 6 3 {first},{count}:{column},2:-")
        shards.append(save(f"shard_{first}"))
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=shards, destination_prefix=str(prefix))


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and (a.tolist() == b.tolist() if a.dtype == object else a.tobytes() == b.tobytes())


def store(lathe, folder):
    """Variables of all types: an entry assigns constants, which are saved; another fetches what was restored."""
    random = np.random.default_rng(2)
    types = [tf.as_dtype(name) for name in TYPES if not name.startswith("float8")]
    values = lambda: {dtype.name: np.frombuffer(random.integers(0, 2 if dtype == tf.bool else 256, 15 * dtype.size, dtype=np.uint8).tobytes(),
                                                dtype.as_numpy_dtype).reshape(3, 5) for dtype in types}
    before, after = values(), values()
    with tf.Graph().as_default() as graph:
        assigns = []
        for dtype in types:
            handle = tf.raw_ops.VarHandleOp(dtype=dtype, shape=[3, 5], shared_name=f"v/{dtype.name}")
            tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype, name=f"read_{dtype.name}")
            assigns.append(tf.raw_ops.AssignVariableOp(resource=handle, value=tf.constant(before[dtype.name])))
        tf.group(*assigns, name="init")
    (folder / "store.pb").write_bytes(graph.as_graph_def().SerializeToString())
    run = lambda *words: subprocess.run([lathe, "run", folder / "store.pb", *words], check=True, stdout=subprocess.DEVNULL)
    for _ in range(3):
        run("--entry", "init::^init", f"--save={folder}/saved")
        reader = tf.train.load_checkpoint(f"{folder}/saved")
        assert set(reader.get_variable_to_shape_map()) == {f"v/{dtype.name}" for dtype in types}
        for name, value in before.items():
            assert same(np.asarray(reader.get_tensor(f"v/{name}")), value), name
    tf.raw_ops.SaveV2(prefix=f"{folder}/given", tensor_names=[f"v/{name}" for name in after], shape_and_slices=[""] * len(after),
                      tensors=[tf.constant(value) for value in after.values()])
    fetches = [word for name in after for word in ("--fetch", f"read_{name}={folder}/{name}.npy")]
    run("--entry", "get::" + ",".join(f"read_{name}" for name in after), "--state=all", f"--restore={folder}/given", *fetches)
    for name, value in after.items():
        assert np.load(folder / f"{name}.npy").tobytes() == value.tobytes(), name
    print(f"store: {len(types)} types saved and restored")


def main():
    copy = pathlib.Path(sys.argv[1]) / "copy-checkpoint"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write(folder / "made", folder)
        for prefix in [folder / "made", *sys.argv[2:]]:
            subprocess.run([copy, prefix, folder / "copy"], check=True)
            before, after = (tf.train.load_checkpoint(str(p)) for p in (prefix, folder / "copy"))
            keys = before.get_variable_to_shape_map().keys()
            assert keys == after.get_variable_to_shape_map().keys(), prefix
            for key in keys:
                assert same(*(np.asarray(reader.get_tensor(key)) for reader in (before, after))), (prefix, key)
            print(f"{prefix}: {len(keys)} tensors, equal")
        store(pathlib.Path(sys.argv[1]) / "lathe", folder)


main()
