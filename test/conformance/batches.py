#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Batches of any size against TensorFlow: batches.py BIN [--time]

Models whose first dimension is not known run on 1, 7, 8, 64 and 1000 items, over bodies for 1 and 8 items, and must agree with TensorFlow.
With --time, for 64 items, the time that those bodies take is compared with that of a body for just 64. BIN is the folder of lathe. Exit status
77 where TensorFlow is not installed."""
import json
import pathlib
import subprocess
import sys
import tempfile

from oracle import convert_variables_to_constants_v2, np, tf

TOLERANCE = 2e-5  # of the largest value, as for networks
rng = np.random.default_rng(3)
layers = tf.keras.layers


def random_weights(model):
    """Values that all differ; variances are positive."""
    model.set_weights([np.abs(w) + 0.5 if "variance" in v.path else w for v, w in
                       ((v, rng.standard_normal(v.shape).astype("f") / np.sqrt(max(v.shape[0] if v.shape else 1, 1))) for v in model.weights)])
    return model


def convolutional():
    x = tf.keras.Input((32, 32, 3))
    y = layers.Conv2D(16, 3, strides=2, padding="same")(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = y + layers.DepthwiseConv2D(3, padding="same")(y)
    y = layers.AveragePooling2D(3, strides=1, padding="same")(y)
    y = layers.Dense(10)(layers.GlobalAveragePooling2D()(y))
    return random_weights(tf.keras.Model(x, layers.Softmax()(y)))


def recurrent():
    x = tf.keras.Input((12, 24))
    return random_weights(tf.keras.Model(x, layers.Dense(5)(layers.LSTM(32)(x))))


def attentive():
    x = tf.keras.Input((16, 32))
    y = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, 8)(x, x))
    return random_weights(tf.keras.Model(x, layers.Dense(32, activation="gelu")(y)))


def spread():
    """Rows that are joined with another dimension and taken apart again, sorted, summed up, and chosen by what is in them."""
    w = tf.constant(rng.standard_normal((8, 8)).astype("f"))

    def function(x):
        y = tf.reshape(tf.transpose(tf.reshape(x, [-1, 4, 8]), [1, 0, 2]), [-1, 8]) @ w
        y = tf.transpose(tf.reshape(y, [4, -1, 8]), [1, 0, 2])
        best = tf.gather(tf.sort(y, axis=1), tf.argmax(y, axis=1), batch_dims=1, axis=1)
        return tf.cumsum(best, axis=2) + tf.reduce_max(y, axis=1, keepdims=True), tf.reshape(y, [-1, 8])[:, ::2]
    return function


MODELS = {"convolutional": (convolutional, (32, 32, 3)), "recurrent": (recurrent, (12, 24)), "attentive": (attentive, (16, 32)), "spread": (spread, (32,))}


def freeze(make, shape, path):
    model = make()
    call = (lambda x: model(x, training=False)) if isinstance(model, tf.keras.Model) else model
    frozen = convert_variables_to_constants_v2(tf.function(call).get_concrete_function(tf.TensorSpec((None, *shape))))
    path.write_bytes(frozen.graph.as_graph_def().SerializeToString())
    return frozen


def largest_difference(lathe, graph, frozen, shape, items, folder):
    x = rng.standard_normal((items, *shape)).astype("f")
    np.save(folder / "x.npy", x)
    expected = frozen(tf.constant(x))
    fetches = []
    for i, tensor in enumerate(frozen.outputs):
        fetches += ["--fetch", f"{tensor.name}={folder / f'{i}.npy'}"]
    subprocess.run([lathe, "run", graph, "--specialize=N=1,8", "--feed", f"x={folder / 'x.npy'}", *fetches], check=True)
    worst = 0
    for i, value in enumerate(expected if isinstance(expected, (list, tuple)) else [expected]):
        got, value = np.load(folder / f"{i}.npy"), value.numpy()
        assert got.shape == value.shape, f"shape must be {value.shape}, but got {got.shape}"
        worst = max(worst, np.abs(got - value).max() / np.abs(value).max())
    return worst


def best_times(lathe, graph, rounds=5):
    """Milliseconds for 64 items, over bodies for 1 and 8, and over one for 64; alternately, best of all."""
    best = [1e9, 1e9]
    for _ in range(rounds):
        for i, sizes in enumerate(("1,8", "64")):
            done = subprocess.run([lathe, "bench", graph, f"--specialize=N={sizes}", "--batch=64", "--seconds=0.5", "--json"],
                                  check=True, stdout=subprocess.PIPE, text=True)
            best[i] = min(best[i], json.loads(done.stdout)["best_ms"])
    return best


def main():
    lathe, failures = pathlib.Path(sys.argv[1]) / "lathe", 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for model, (make, shape) in MODELS.items():
            graph = folder / f"{model}.pb"
            frozen = freeze(make, shape, graph)
            for items in (1, 7, 8, 64, 1000):
                worst = largest_difference(lathe, graph, frozen, shape, items, folder)
                print(f"{model:14} {items:5} items: largest difference {worst:.1e} of the largest value")
                failures += not worst <= TOLERANCE
            if "--time" in sys.argv:
                parts, whole = best_times(lathe, graph)
                print(f"{model:14}    64 items: {parts:.3f} ms in parts of 8, {whole:.3f} ms at once, ratio {parts / whole:.2f}")
    print(f"{failures} failures")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
