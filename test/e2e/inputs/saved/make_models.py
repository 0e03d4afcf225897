#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the SavedModels and checkpoints beside it, with TensorFlow, and what they compute: inputs and outputs as .npy.

    python3 test/e2e/inputs/saved/make_models.py

- v1/: TensorFlow 1, references (VariableV2), a partitioned variable, two signatures, tags 'serve' and 'train,gpu', a string variable
- v1_resource/: TensorFlow 1, VarHandleOp, with a counter that is written; a checkpoint and .meta file beside it
- v2/: a tf.Module, its signature calls a function on the handles of variables
- keras/: a small Keras network with an embedding, batch normalisation and a convolution"""
import os
import pathlib
import shutil

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

HERE = pathlib.Path(__file__).resolve().parent
v1 = tf.compat.v1


def values(*shape):
    """All different, exact in few digits."""
    count = int(np.prod(shape))
    return (np.arange(count, dtype=np.float32).reshape(shape) * 37 % 101 - 50) / 64 if count > 1 else np.float32(3.0)


def save_arrays(home, **arrays):
    for name, array in arrays.items():
        np.save(home / f"{name}.npy", array)


def make_v1(home):
    builder = v1.saved_model.Builder(str(home))
    for tags, scale in ((["serve"], 1), (["train", "gpu"], 2)):
        graph = tf.Graph()
        with graph.as_default(), v1.Session() as session:
            v1.disable_resource_variables()
            x = v1.placeholder(tf.float32, [None, 3], "x")
            rows = lambda shape, dtype, partition_info: tf.constant(values(5, 4)[partition_info.var_offset[0]:][:shape[0]])
            kernel = v1.get_variable("kernel", [5, 4], initializer=rows,
                                     partitioner=v1.fixed_size_partitioner(2), use_resource=False)
            bias = v1.get_variable("bias", initializer=scale * values(4), use_resource=False)
            v1.get_variable("words", initializer=tf.constant(["one", "two"]), use_resource=False)
            widened = tf.pad(x, [[0, 0], [1, 1]])
            y = tf.identity(tf.matmul(widened, tf.convert_to_tensor(kernel)) + bias, "y")
            z = tf.reduce_sum(y, 1, name="z")
            counter = v1.get_variable("counter", initializer=1.0, use_resource=False)
            with tf.control_dependencies([v1.assign_add(counter, 1.0)]):
                tf.identity(z, "counted")
            session.run(v1.global_variables_initializer())
            signature = lambda ins, outs: v1.saved_model.build_signature_def(
                {k: v1.saved_model.build_tensor_info(v) for k, v in ins.items()},
                {k: v1.saved_model.build_tensor_info(v) for k, v in outs.items()}, "tensorflow/serving/predict")
            signatures = {"serving_default": signature({"images": x}, {"scores": y, "total": z}), "total_only": signature({"images": x}, {"total": z})}
            if scale == 1:
                builder.add_meta_graph_and_variables(session, tags, signatures)
                feed = values(2, 3)
                scores, total = session.run([y, z], {x: feed})
            else:
                builder.add_meta_graph(tags, signatures)
    builder.save()
    save_arrays(home, images=feed, scores=scores, total=total)


def make_v1_resource(home):
    home.mkdir()
    graph = tf.Graph()
    with graph.as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [2, 3], "x")
        kernel = v1.get_variable("layer/kernel", initializer=values(3, 4), use_resource=True)
        y = tf.matmul(x, kernel, name="y")
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(home / "model"), global_step=7, write_state=False)
        # A graph that does not say how its variable is restored.
        tf.io.write_graph(v1.graph_util.extract_sub_graph(graph.as_graph_def(), ["y"]), str(home), "graph.pbtxt")
        feed = values(2, 3)
        save_arrays(home, x=feed, y=session.run(y, {x: feed}))


class Scaler(tf.Module):
    def __init__(self):
        super().__init__()
        self.kernel = tf.Variable(values(3, 4), name="kernel")
        self.table = tf.Variable(values(6, 4), name="table")

    @tf.function(input_signature=[tf.TensorSpec([2, 3], tf.float32, "x"), tf.TensorSpec([2], tf.int32, "rows")])
    def __call__(self, x, rows):
        return {"y": x @ self.kernel + tf.gather(self.table, rows), "size": tf.shape(self.table)}


def make_v2(home):
    model = Scaler()
    tf.saved_model.save(model, str(home), signatures=model.__call__)
    x, rows = values(2, 3), np.array([4, 1], np.int32)
    results = model(tf.constant(x), tf.constant(rows))
    save_arrays(home, x=x, rows=rows, y=results["y"].numpy(), size=results["size"].numpy())


def make_keras(home):
    tf.keras.utils.set_random_seed(1)
    inputs = tf.keras.Input([8, 8, 3], batch_size=2, name="image")
    h = tf.keras.layers.Conv2D(4, 3, activation="relu")(inputs)
    h = tf.keras.layers.BatchNormalization()(h)
    h = tf.keras.layers.GlobalAveragePooling2D()(h)
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(3, activation="softmax", name="probabilities")(h))
    for number, weight in enumerate(model.weights):
        weight.assign(np.abs(values(*weight.shape)) + 0.1 * number)
    model.export(str(home), verbose=False)
    image = values(2, 8, 8, 3)
    save_arrays(home, image=image, probabilities=model(image).numpy())


for name, make in (("v1", make_v1), ("v1_resource", make_v1_resource), ("v2", make_v2), ("keras", make_keras)):
    shutil.rmtree(HERE / name, ignore_errors=True)
    make(HERE / name)
for path in HERE.rglob("fingerprint.pb"):
    path.unlink()
# Small files: without the definitions of operations, devices, and where in Python each node comes from.
for path in HERE.rglob("saved_model.pb"):
    model = SavedModel.FromString(path.read_bytes())
    for graph in model.meta_graphs:
        graph.meta_info_def.ClearField("stripped_op_list")
        for node in [n for body in (graph.graph_def, *graph.graph_def.library.function) for n in getattr(body, "node", None) or body.node_def]:
            node.ClearField("experimental_debug_info")
            node.ClearField("device")
    path.write_bytes(model.SerializeToString(deterministic=True))
