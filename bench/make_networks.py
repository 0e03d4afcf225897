#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes networks to measure: bench/make_networks.py OUT [NAME...]

OUT/NAME/ gets model.pb (frozen, float32, batch 1), model.onnx (the same network), case.json, the input and what TensorFlow computes from it:
the layout that tools/conformance and bench/against_onnxruntime.py read. The architectures are those of tf.keras.applications and three of our
own; weights are random, scaled so that activations keep their size. Needs the PyPI packages tensorflow and tf2onnx.
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import numpy as np
import tensorflow as tf
import tf2onnx
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

layers, applications = tf.keras.layers, tf.keras.applications
rng = np.random.default_rng(11)


def vision_transformer(depth=12, width=384, heads=6):
    image = tf.keras.Input((224, 224, 3))
    x = layers.Reshape((196, width))(layers.Conv2D(width, 16, strides=16)(image))
    x = layers.Add()([x, layers.Embedding(196, width)(tf.range(196)[None])])
    for _ in range(depth):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        x = layers.Add()([x, layers.MultiHeadAttention(heads, width // heads)(y, y)])
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        x = layers.Add()([x, layers.Dense(width)(layers.Dense(4 * width, activation="gelu")(y))])
    return tf.keras.Model(image, layers.Dense(1000)(layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))))


def gated_recurrent():
    x = tf.keras.Input((64, 512))
    return tf.keras.Model(x, layers.GRU(512)(x))


def u_net(widths=(32, 64, 128, 256)):
    def block(x, width):
        for _ in range(2):
            x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(width, 3, padding="same", use_bias=False)(x)))
        return x
    image = x = tf.keras.Input((256, 256, 3))
    kept = []
    for width in widths[:-1]:
        kept.append(block(x, width))
        x = layers.MaxPooling2D()(kept[-1])
    x = block(x, widths[-1])
    for width, skip in zip(widths[-2::-1], kept[::-1]):
        x = block(layers.Concatenate()([layers.Conv2DTranspose(width, 2, strides=2)(x), skip]), width)
    return tf.keras.Model(image, layers.Conv2D(2, 1)(x))


NETWORKS = {
    "densenet121": lambda: applications.DenseNet121(weights=None),
    "efficientnet_b0": lambda: applications.EfficientNetB0(weights=None),
    "gru_t64_h512": gated_recurrent,
    "nasnet_mobile": lambda: applications.NASNetMobile(weights=None),
    "unet_256": u_net,
    "vgg16": lambda: applications.VGG16(weights=None),
    "vit_s16": vision_transformer,
    "xception": lambda: applications.Xception(weights=None),
}


def randomise(model):
    """Weights by their number of inputs; normalisations that are not the identity."""
    def values(variable):
        name, shape = variable.path, variable.shape
        if name.endswith("variance"):
            return rng.uniform(0.6, 1.5, shape)
        if name.endswith("gamma"):
            return rng.uniform(0.7, 1.2, shape)
        if name.endswith(("mean", "beta", "bias")):
            return rng.normal(0, 0.1, shape)
        if name.endswith("count"):
            return np.zeros(shape)
        inputs = np.prod(shape[:2]) if "depthwise" in name else np.prod(shape[:-1])
        return rng.normal(0, np.sqrt(1.6 / max(inputs, 1)), shape)
    for variable in model.weights:
        variable.assign(values(variable).astype(variable.dtype))


def write(name, folder):
    tf.keras.backend.clear_session()
    model = NETWORKS[name]()
    randomise(model)
    shape = (1, *model.inputs[0].shape[1:])
    value = rng.normal(0, 1, shape).astype("f")
    function = tf.function(lambda x: model(x, training=False)).get_concrete_function(tf.TensorSpec(shape, tf.float32, name="input"))
    frozen = convert_variables_to_constants_v2(function)
    result = frozen(tf.constant(value))
    result = (result[0] if isinstance(result, (list, tuple)) else result).numpy()
    folder.mkdir(parents=True, exist_ok=True)
    graph = frozen.graph.as_graph_def()
    (folder / "model.pb").write_bytes(graph.SerializeToString())
    case = {"name": name}
    for kind, tensor, array in (("inputs", frozen.inputs[0], value), ("outputs", frozen.outputs[0], result)):
        np.save(folder / f"{kind}.npy", array)
        case[kind] = [{"tensor": tensor.name, "dtype": "float32", "shape": list(array.shape), "file": f"{kind}.npy"}]
    (folder / "case.json").write_text(json.dumps(case, indent=1))
    tf2onnx.convert.from_graph_def(graph, input_names=[frozen.inputs[0].name], output_names=[frozen.outputs[0].name], opset=17,
                                   output_path=str(folder / "model.onnx"))
    print(f"{name}: {sum(np.prod(w.shape) for w in model.weights) / 1e6:.1f} M weights", flush=True)


if __name__ == "__main__":
    for name in sys.argv[2:] or NETWORKS:
        write(name, pathlib.Path(sys.argv[1]) / name)
