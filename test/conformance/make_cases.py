#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes cases for tools/conformance with TensorFlow: make_cases.py FOLDER [--compare], where the
latter also runs tools/conformance on them and fails where a case does.

Each case is FOLDER/NAME with model.pb, its inputs and the values that TensorFlow computes: control flow of both generations,
lists, and results whose size depends on values. Every element of the inputs differs. Exit status 77 where TensorFlow is not installed."""
import json
import pathlib
import subprocess
import sys

from oracle import convert_variables_to_constants_v2, np, tf

CASES, CASES_V1 = {}, {}
rng = np.random.default_rng(7)


def distinct(*shape, scale=1.0):
    """Floats that all differ, in no order."""
    count = int(np.prod(shape))
    return ((rng.permutation(count) - count / 2.3) * scale / max(count, 1)).astype(np.float32).reshape(shape)


def case(*inputs):
    """Registers a function of tensors like `inputs`."""
    def register(function):
        CASES[function.__name__] = function, inputs
        return function
    return register


def case_v1(*inputs):
    """The same, built with the control flow of TensorFlow 1."""
    def register(function):
        CASES_V1[function.__name__ + "_tf1"] = function, inputs
        return function
    return register


# Loops and branches.

@case(np.int32(27))
def collatz(n):
    return tf.while_loop(lambda v, i: v != 1, lambda v, i: (tf.where(v % 2 == 0, v // 2, 3 * v + 1), i + 1), [n, 0])


@case(distinct(4, 3), np.int32(5))
def powers(x, n):
    return tf.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, v * x + 0.5), [0, x])[1]


@case(np.int32(0), np.int32(1))
def swapping(a, b):
    return tf.while_loop(lambda i, x, y: i < 11, lambda i, x, y: (i + 1, y, x + y), [0, a, b])


@case(distinct(5), np.int32(3))
def nested_loops(x, n):
    def outer(i, total):
        inner = tf.while_loop(lambda j, t: j <= i, lambda j, t: (j + 1, t + x * tf.cast(j, tf.float32)), [0, total])[1]
        return i + 1, tf.cond(i % 2 == 0, lambda: inner * 0.5, lambda: inner - x)
    return tf.while_loop(lambda i, total: i < n, outer, [0, x])[1]


@case(distinct(6), np.int32(2))
def switch_case(x, which):
    return tf.switch_case(which, [lambda: x + 1, lambda: x * 2, lambda: tf.exp(x), lambda: -x])


@case(distinct(6), np.int32(9))
def switch_case_default(x, which):
    return tf.switch_case(which, [lambda: x + 1, lambda: x * 2, lambda: tf.exp(x)])


@case(distinct(8, 4))
def written_list(x):
    array = tf.TensorArray(tf.float32, 8, element_shape=[4])
    array = tf.while_loop(lambda i, a: i < 8, lambda i, a: (i + 1, a.write(7 - i, tf.sin(x[i]))), [0, array])[1]
    return array.stack()


@case(distinct(8, 4))
def scanned(x):
    return tf.scan(lambda carried, row: carried * 0.9 + row, x)


@case(distinct(8, 4))
def mapped(x):
    return tf.map_fn(lambda row: (tf.reduce_sum(row), row[::-1]), x, fn_output_signature=(tf.float32, tf.float32))


tf.keras.utils.set_random_seed(3)
RECURRENT = [tf.keras.layers.LSTM(7, return_sequences=True), tf.keras.layers.GRU(6, return_sequences=True), tf.keras.layers.SimpleRNN(4)]


@case(distinct(3, 9, 5))
def recurrent(x):
    for layer in RECURRENT:
        x = layer(x)
    return x


recurrent(tf.zeros([3, 9, 5]))  # The layers make their variables.


# Gradients of loops: lists, and in TensorFlow 1 stacks, that the forward loop pushes to and the backward loop pops from.

@case_v1(distinct(4), distinct(4) + 0.3)
@case(distinct(4), distinct(4) + 0.3)
def gradient_of_loop(x, w):
    y = tf.while_loop(lambda i, v: i < 6, lambda i, v: (i + 1, tf.sin(v * w) + 0.1 * v), [0, x])[1]
    return tf.gradients(tf.reduce_sum(y * y), [x, w])


@case_v1(distinct(3), distinct(3) + 0.2)
@case(distinct(3), distinct(3) + 0.2)
def gradient_of_two_loops(x, w):
    def outer(i, v):
        return i + 1, tf.while_loop(lambda j, u: j < 4, lambda j, u: (j + 1, tf.tanh(u * w) + 0.2 * u), [0, v])[1] * w
    y = tf.while_loop(lambda i, v: i < 3, outer, [0, x])[1]
    return tf.gradients(tf.reduce_sum(y), [x, w])


@case_v1(distinct(5), np.int32(4))
@case(distinct(5), np.int32(4))
def gradient_of_some_rounds(x, n):
    y = tf.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, tf.sin(v) * v + 0.5), (0, x), maximum_iterations=9)[1]
    return tf.gradients(tf.reduce_sum(y), [x]) + [y]


@case_v1(distinct(4), distinct(4) + 0.4)
@case(distinct(4), distinct(4) + 0.4)
def gradient_of_loop_with_branch(x, w):
    def body(i, v):
        return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: tf.sin(v) * w, lambda: v * v * w)
    y = tf.while_loop(lambda i, v: i < 5, body, [0, x])[1]
    return tf.gradients(tf.reduce_sum(y), [x, w])


@case_v1(distinct(6, 3))
@case(distinct(6, 3))
def gradient_of_scan(x):
    y = tf.scan(lambda carried, row: tf.tanh(carried * 0.7 + row), x)
    return tf.gradients(tf.reduce_sum(y * y), [x])


@case(distinct(5, 2))
def pushed(x):
    handle = tf.raw_ops.EmptyTensorList(element_shape=tf.constant([2]), max_num_elements=-1, element_dtype=tf.float32)
    handle = tf.while_loop(lambda i, h: i < 5, lambda i, h: (i + 1, tf.raw_ops.TensorListPushBack(input_handle=h, tensor=x[i] * 2)), [0, handle])[1]
    def body(total, h):
        h, row = tf.raw_ops.TensorListPopBack(input_handle=h, element_shape=tf.constant([2]), element_dtype=tf.float32)
        return total * 0.5 + row, h
    return tf.while_loop(lambda t, h: tf.raw_ops.TensorListLength(input_handle=h) > 2, body, [tf.zeros(2), handle])[0]


# Sizes that depend on values.

@case(distinct(4, 5))
def where(x):
    return tf.where(x > 0.1)


@case(distinct(9, 3), distinct(9))
def masked(x, y):
    return tf.boolean_mask(x, y > 0)


@case(distinct(9, 3), distinct(9))
def masked_arithmetic(x, y):
    rows = tf.boolean_mask(x, y > -0.2)
    return tf.nn.relu(rows * 2 + 1) - tf.constant([0.5, 0.25, 0.125])


@case(distinct(9, 3), distinct(9))
def masked_reductions(x, y):
    rows = tf.boolean_mask(x, y > 0)
    return (tf.reduce_sum(rows, 0), tf.reduce_mean(rows), tf.reduce_max(rows, 0), tf.reduce_min(rows, 1), tf.reduce_prod(rows, 0),
            tf.reduce_any(rows > 0.3, 0), tf.shape(rows), tf.size(rows))


@case(distinct(9, 3), distinct(9))
def masked_nothing(x, y):
    rows = tf.boolean_mask(x, y > 100)
    return rows, tf.reduce_sum(rows, 0), tf.shape(rows)


@case(distinct(9, 3), distinct(9), distinct(3, 4))
def masked_product(x, y, w):
    return tf.matmul(tf.boolean_mask(x, y > 0), w) + 1


@case(distinct(6, 2), distinct(5, 2))
def joined(x, y):
    a, b = tf.boolean_mask(x, x[:, 0] > 0), tf.boolean_mask(y, y[:, 1] < 0)
    return tf.concat([a, y, b], 0), tf.concat([a, a * 2], 1)


@case(distinct(6, 4))
def reshaped(x):
    rows = tf.boolean_mask(x, x[:, 0] > 0)
    return tf.reshape(rows, [-1, 2]), tf.reshape(rows, [-1]), tf.expand_dims(rows, 1), tf.transpose(tf.reshape(rows, [-1, 2, 2]), [0, 2, 1])


@case(rng.integers(0, 6, 17).astype(np.int32))
def unique(x):
    return tuple(tf.unique_with_counts(x)) + tuple(tf.unique(x))


@case(rng.permutation(12).astype(np.int32), np.array([3, 7, 1, 30, 9], np.int32))
def set_difference(x, y):
    return tuple(tf.raw_ops.ListDiff(x=x, y=y))


@case(distinct(8, 2), np.array([0, 2, 1, 2, 0, 0, 1, 2], np.int32))
def partitions(x, which):
    return tuple(tf.dynamic_partition(x, which, 4))


@case(distinct(8, 2), np.array([0, 2, 1, 2, 0, 0, 1, 2], np.int32))
def stitched(x, which):
    places = tf.dynamic_partition(tf.range(8), which, 3)
    parts = tf.dynamic_partition(x, which, 3)
    return tf.dynamic_stitch(places, [part * (k + 1) for k, part in enumerate(parts)])


def boxes(count):
    corners = np.random.default_rng(count).uniform(0, 1, [count, 2, 2]).astype(np.float32)
    sizes = np.random.default_rng(count + 1).uniform(0.2, 0.5, [count, 2]).astype(np.float32)
    return np.concatenate([corners[:, 0] * 0.6, corners[:, 0] * 0.6 + sizes], 1)


@case(boxes(40), distinct(40))
def suppressed(b, s):
    return tf.image.non_max_suppression(b, s, 12, iou_threshold=0.3, score_threshold=-0.2)


@case(boxes(40), distinct(40))
def suppressed_padded(b, s):
    return tuple(tf.image.non_max_suppression_padded(b, s, 30, iou_threshold=0.4, score_threshold=0.0, pad_to_max_output_size=True))


@case(boxes(40), distinct(40) + 0.6)
def suppressed_softly(b, s):
    return tuple(tf.image.non_max_suppression_with_scores(b, s, 15, iou_threshold=1.0, score_threshold=0.1, soft_nms_sigma=0.5))


@case(boxes(20), distinct(20))
def chosen_boxes(b, s):
    places = tf.image.non_max_suppression(b, s, 8, iou_threshold=0.3)
    return tf.gather(b, places), tf.gather(s, places) * 2


# Rows of which only some are meant, through branches and loops.

@case(distinct(9, 3), distinct(9), np.int32(1))
def masked_branch(x, y, n):
    return tf.cond(n > 0, lambda: tf.boolean_mask(x, y > 0), lambda: x)


@case(distinct(9, 3), distinct(9), np.int32(3))
def masked_loop(x, y, n):
    rows = tf.boolean_mask(x, y > 0)
    return tf.while_loop(lambda i, r: i < n, lambda i, r: (i + 1, tf.sin(r) * 2), [0, rows],
                         shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 3])])[1]


@case(rng.permutation(15).astype(np.float32), np.int32(4))
def sieved(x, n):
    return tf.while_loop(lambda i, r: i < n, lambda i, r: (i + 1, tf.gather_nd(r, tf.where(r > tf.cast(i, tf.float32) * 2))), [0, x],
                         shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])])[1]


def write_case(home, graph, inputs, outputs, values, results):
    """One case: the tensors that are fed and fetched, and what they are."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "model.pb").write_bytes(graph.SerializeToString())
    description = {"name": home.name, "inputs": [], "outputs": []}
    for kind, tensors, arrays in (("inputs", inputs, values), ("outputs", outputs, results)):
        for i, (tensor, value) in enumerate(zip(tensors, arrays)):
            file = f"{kind[:-1]}_{i}.npy"
            np.save(home / file, value)
            description[kind].append({"tensor": tensor.name, "dtype": np.asarray(value).dtype.name, "shape": list(np.shape(value)), "file": file})
    (home / "case.json").write_text(json.dumps(description, indent=1))


def write_v1(name, folder):
    function, values = CASES_V1[name]
    v1 = tf.compat.v1
    v1.disable_control_flow_v2()
    with tf.Graph().as_default(), v1.Session() as session:
        inputs = [v1.placeholder(np.asarray(value).dtype, np.shape(value)) for value in values]
        outputs = [tf.identity(output) for output in function(*inputs)]
        results = session.run(outputs, dict(zip(inputs, values)))
        write_case(folder / name, session.graph.as_graph_def(), inputs, outputs, values, results)
    v1.enable_control_flow_v2()


def write(name, folder):
    function, inputs = CASES[name]
    specs = [tf.TensorSpec(np.shape(value), np.asarray(value).dtype) for value in inputs]
    concrete = tf.function(function).get_concrete_function(*specs)
    for lowered in (False, True):
        frozen = convert_variables_to_constants_v2(concrete, lower_control_flow=lowered)
        control = any(node.op in ("While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase", "Merge")
                      for node in frozen.graph.as_graph_def().node)
        if lowered and not control:
            continue
        results = frozen(*[tf.constant(value) for value in inputs])
        results = [np.asarray(r) for r in (results if isinstance(results, (list, tuple)) else [results])]
        write_case(folder / (name + ("_v1" if lowered else "")), frozen.graph.as_graph_def(), frozen.inputs, frozen.outputs, inputs, results)


if __name__ == "__main__":
    for name in CASES:
        write(name, pathlib.Path(sys.argv[1]))
    for name in CASES_V1:
        write_v1(name, pathlib.Path(sys.argv[1]))
    print(f"{len(CASES) + len(CASES_V1)} functions written")
    if "--compare" in sys.argv:
        tool = pathlib.Path(__file__).resolve().parents[2] / "tools" / "conformance"
        done = subprocess.run([sys.executable, tool, sys.argv[1], "--same-bytes=2"], stdout=subprocess.PIPE, text=True)
        print(done.stdout, end="")
        sys.exit(done.returncode or ", 0 failed" not in done.stdout)
