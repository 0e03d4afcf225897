#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the digit network and freezes it. Users of the example need none of this: digits.pb and the images are committed.

    python3 -m venv venv && venv/bin/pip install tensorflow-cpu scikit-learn && venv/bin/python train.py

Writes digits.pb (input x: float32 [1, 8, 8, 1] in 0..1, output probabilities: float32 [1, 10]) and, for each digit, a typical test image.
"""
import pathlib

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def main():
    home = pathlib.Path(__file__).resolve().parent
    tf.keras.utils.set_random_seed(7)
    # With these, training gives the same weights on every run of one machine.
    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    digits = load_digits()
    images = (digits.images / 16.0).astype("float32")[..., None]
    train_x, test_x, train_y, test_y = train_test_split(images, digits.target, test_size=0.2, random_state=7, stratify=digits.target)
    layers = tf.keras.layers
    model = tf.keras.Sequential([
        tf.keras.Input((8, 8, 1)),
        layers.Conv2D(12, 3, padding="same", use_bias=False), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(),
        layers.Conv2D(24, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dropout(0.3), layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train_x, train_y, batch_size=32, epochs=60, verbose=0)
    print(f"test accuracy {model.evaluate(test_x, test_y, verbose=0)[1]:.4f}")

    function = tf.function(lambda x: tf.identity(model(x, training=False), name="probabilities"))
    frozen = convert_variables_to_constants_v2(function.get_concrete_function(tf.TensorSpec([1, 8, 8, 1], tf.float32, name="x")))
    # Freezing wraps each result in a node "Identity"; without it the result keeps the name that it was given.
    graph = tf.compat.v1.graph_util.extract_sub_graph(frozen.graph.as_graph_def(), ["probabilities"])
    (home / "digits.pb").write_bytes(graph.SerializeToString(deterministic=True))

    (home / "images").mkdir(exist_ok=True)
    for digit, name in enumerate(NAMES):
        # A typical one: of median confidence.
        members = np.flatnonzero(test_y == digit)
        confidence = model.predict(test_x[members], verbose=0)[:, digit]
        pixels = np.rint(test_x[members[np.argsort(confidence)[len(members) // 2]], ..., 0] * 16).astype(int)
        rows = "\n".join(" ".join(f"{value:2d}" for value in row) for row in pixels)
        (home / "images" / f"{name}.pgm").write_text(f"P2\n8 8\n16\n{rows}\n")


if __name__ == "__main__":
    main()
