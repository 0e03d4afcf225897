#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Variables against TensorFlow: graphs of TensorFlow 1, with references and with handles, whose loop and branch write variables, and a
SavedModel of TensorFlow 2 with two signatures over one variable, run several times.

    test/conformance/state.py BIN

BIN is the folder of lathe. Status 77 where there is no TensorFlow."""
import pathlib
import subprocess
import sys
import tempfile

from oracle import np, tf

RUNS = 3


class Lathe:
    """A model whose variables are kept in a checkpoint from run to run."""

    def __init__(self, binary, model, folder):
        self.binary, self.model, self.folder, self.isNew = binary, model, folder, True

    def __call__(self, entry, feeds, fetches):
        words = ["--entry", entry, "--state=all", f"--save={self.folder}/kept"] + ([] if self.isNew else [f"--restore={self.folder}/kept"])
        for name, value in feeds.items():
            np.save(self.folder / f"{name}.npy", value)
            words += ["--feed", f"{name}={self.folder}/{name}.npy"]
        for name in fetches:
            words += ["--fetch", f"{name}={self.folder}/{name}.npy"]
        subprocess.run([self.binary, "run", self.model, *words], check=True, stdout=subprocess.DEVNULL)
        self.isNew = False
        return [np.load(self.folder / f"{name}.npy").tolist() for name in fetches]


def graph1(handles):
    """Sums and assignments in a loop and behind it in a branch, read in between."""
    tf1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.int32, [], name="x")
        v, w = (tf1.get_variable(name, [], tf.int32, tf1.constant_initializer(start), use_resource=handles) for name, start in (("v", 3), ("w", 5)))
        # The value that a reference has now, not the snapshot that Python's variable keeps.
        read = (lambda variable: variable.read_value()) if handles else (lambda variable: tf.raw_ops.Identity(input=variable._ref()))

        def body(i, s):
            with tf.control_dependencies([v.assign_add(i + 1, read_value=not handles), w.assign_add(x, read_value=not handles)]):
                return i + 1, s + read(v) * read(w)

        i, s = tf1.while_loop(lambda i, s: i < 4, body, [0, 0], parallel_iterations=1)
        with tf.control_dependencies([i]):
            c = tf1.cond(x > 2, lambda: tf.identity(tf1.assign(v, x * 10)), lambda: tf.identity(tf1.assign_sub(w, x)))
        with tf.control_dependencies([c]):
            tf.add(read(v), read(w) * 1000, name="y")
        tf.identity(s, name="s")
        tf1.group(tf1.global_variables_initializer(), name="start")
    return graph


def compare1(lathe, folder):
    for handles in (False, True):
        graph = graph1(handles)
        (folder / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
        for x in (1, 7):
            model = Lathe(lathe, folder / "graph.pb", folder)
            model("start::^start", {}, [])
            with tf.compat.v1.Session(graph=graph) as session:
                session.run("start")
                for run in range(RUNS):
                    expected = [value.tolist() for value in session.run(["y:0", "s:0"], {"x:0": x})]
                    got = model("f:x:y,s", {"x": np.int32(x)}, ["y", "s"])
                    assert got == expected, (handles, x, run, got, expected)


class Accumulator(tf.Module):

    def __init__(self):
        self.total = tf.Variable([1.0, 2.0])

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32, "x")])
    def add(self, x):
        before = tf.identity(self.total)
        for _ in tf.range(3):
            if x[0] > 0:
                self.total.assign_add(x)
            else:
                self.total.scatter_nd_sub([[1]], [x[1]])
        return {"before": before, "after": self.total * 2}

    @tf.function(input_signature=[])
    def get(self):
        return {"value": self.total + 0}


def compare2(lathe, folder):
    module = Accumulator()
    path = folder / "saved"
    tf.saved_model.save(module, str(path), signatures={"add": module.add, "get": module.get})
    model = Lathe(lathe, path, folder)
    for run in range(RUNS):
        x = np.array([run - 0.5, 3.25 - run], "float32")
        expected = module.add(tf.constant(x))
        assert model("add", {"x": x}, ["before", "after"]) == [expected["before"].numpy().tolist(), expected["after"].numpy().tolist()], run
        assert model("get", {}, ["value"]) == [module.get()["value"].numpy().tolist()], run


# Variables of a step of training, and its operands in order.
STEPS = {
    "GradientDescent": "var alpha=0.1 delta", "Momentum": "var accum lr=0.1 grad momentum=0.9", "KerasMomentum": "var accum lr=0.1 grad momentum=0.9",
    "Adam": "var m v beta1_power=0.9 beta2_power=0.99 lr=0.1 beta1=0.9 beta2=0.99 epsilon=0.01 grad",
    "AdamWithAmsgrad": "var m v vhat beta1_power=0.9 beta2_power=0.99 lr=0.1 beta1=0.9 beta2=0.99 epsilon=0.01 grad",
    "AdaMax": "var m v beta1_power=0.9 lr=0.1 beta1=0.9 beta2=0.99 epsilon=0.01 grad",
    "Adagrad": "var accum lr=0.1 grad", "AdagradV2": "var accum lr=0.1 epsilon=0.01 grad",
    "AdagradDA": "var gradient_accumulator gradient_squared_accumulator grad lr=0.1 l1=0.05 l2=0.02 global_step=3",
    "Adadelta": "var accum accum_update lr=0.5 rho=0.9 epsilon=0.01 grad", "RMSProp": "var ms mom lr=0.1 rho=0.9 momentum=0.8 epsilon=0.01 grad",
    "CenteredRMSProp": "var mg ms mom lr=0.1 rho=0.9 momentum=0.8 epsilon=4.0 grad",
    "Ftrl": "var accum linear grad lr=0.1 l1=0.05 l2=0.02 lr_power=-0.5", "FtrlV2": "var accum linear grad lr=0.1 l1=0.05 l2=0.02 l2_shrinkage=0.03 lr_power=-0.4",
    "AddSign": "var m lr=0.1 alpha=0.7 sign_decay=0.9 beta=0.8 grad", "PowerSign": "var m lr=0.1 logbase=0.7 sign_decay=0.9 beta=0.8 grad",
    "ProximalAdagrad": "var accum lr=0.1 l1=0.05 l2=0.02 grad", "ProximalGradientDescent": "var alpha=0.1 l1=0.05 l2=0.02 delta"}
WITH_NESTEROV, WITHOUT_SPARSE = ("Adam", "KerasMomentum", "Momentum"), ("Adam", "AdamWithAmsgrad", "AdaMax", "AddSign", "GradientDescent", "PowerSign")
START = {"var": [[1.0, -2, 3], [0.25, 0.5, -0.75], [4, 5, 6]], "m": [[0.1, -0.2, 0.3], [0.4, 0.05, -0.6], [0.7, -0.8, 0.9]]}


def graph3(op, sparse, handles, nesterov):
    """One step with x as the gradient, of all rows or of two; the operation's variables as it leaves them."""
    tf1, names = tf.compat.v1, [word.split("=") for word in STEPS[op].split()]
    raw = getattr(tf.raw_ops, ("Resource" if handles else "") + ("Sparse" if sparse else "") + "Apply" + op)
    with tf.Graph().as_default() as graph:
        x, arguments, variables = tf1.placeholder(tf.float32, [2, 3] if sparse else [3, 3], name="x"), {}, []
        for name, *value in names:
            if name in ("grad", "delta"):
                arguments["grad" if sparse else name] = x
                if sparse:
                    arguments["indices"] = tf.constant([2, 0])
            elif value:
                arguments[name] = tf.constant(int(value[0]), tf.int64) if name == "global_step" else tf.constant(float(value[0]))
            else:
                start = np.abs(START["m"]) + 0.01 * len(variables) if name not in START else START[name]
                variable = tf1.get_variable(name, initializer=np.array(start, "float32"), use_resource=handles)
                arguments[name] = variable.handle if handles else variable._ref()
                variables.append(variable)
        step = raw(**arguments, **({"use_nesterov": True} if nesterov else {}))
        with tf.control_dependencies([step]):
            for i, variable in enumerate(variables):
                tf.identity(variable.read_value() if handles else tf.raw_ops.Identity(input=variable._ref()), name=f"y{i}")
        tf1.group(tf1.global_variables_initializer(), name="start")
    return graph, [f"y{i}" for i in range(len(variables))]


def compare3(lathe, folder):
    for op in STEPS:
        for sparse, handles, nesterov in [(s, h, n) for s in (False, True) for h in (False, True) for n in (False, True)]:
            no_kernel = op in ("KerasMomentum", "AdamWithAmsgrad") and not handles
            if no_kernel or (nesterov and (op not in WITH_NESTEROV or sparse)) or (sparse and op in WITHOUT_SPARSE):
                continue
            graph, fetches = graph3(op, sparse, handles, nesterov)
            (folder / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
            model = Lathe(lathe, folder / "graph.pb", folder)
            model("start::^start", {}, [])
            with tf.compat.v1.Session(graph=graph) as session:
                session.run("start")
                for run in range(RUNS):
                    x = np.sin(np.arange(6 if sparse else 9, dtype="float32") * (run + 2)).reshape(-1, 3)
                    expected = session.run([name + ":0" for name in fetches], {"x:0": x})
                    got = model("f:x:" + ",".join(fetches), {"x": x}, fetches)
                    for name, value, wanted in zip(fetches, got, expected):
                        assert np.allclose(value, wanted, rtol=2e-6, atol=1e-7), (op, sparse, handles, nesterov, run, name, value, wanted.tolist())


def main():
    lathe = pathlib.Path(sys.argv[1]) / "lathe"
    with tempfile.TemporaryDirectory() as folder:
        compare2(lathe, pathlib.Path(folder))
    tf.compat.v1.disable_control_flow_v2()
    with tempfile.TemporaryDirectory() as folder:
        compare1(lathe, pathlib.Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        compare3(lathe, pathlib.Path(folder))
    print("variables: as in TensorFlow")


main()
