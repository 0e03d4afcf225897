# SPDX-License-Identifier: Apache-2.0
"""Third-party graphs with values that TensorFlow computed: how they lie on disk, and how close a result must be."""
import gzip
import io
import json

import numpy as np


def read_csv(path, dtype, shape):
    words = path.read_text().split()
    if dtype == "bool":
        values = np.array([word in ("True", "1.00000000", "1", "1.0") for word in words], dtype=bool)
    elif "int" in dtype:
        values = np.array([int(w) if "." not in w and "e" not in w else int(float(w)) for w in words], dtype=dtype)
    else:
        values = np.array([float(word) for word in words]).astype("float32" if dtype == "bfloat16" else dtype)
    return values.reshape(shape)


def read_npy(path):
    data = path.read_bytes()
    return np.load(io.BytesIO(gzip.decompress(data) if path.suffix == ".gz" else data), allow_pickle=False)


class Case:
    """A graph with inputs, expected outputs and a rule for how close they must be."""

    def __init__(self, name, graph, inputs, outputs, constants, ops, close):
        self.name, self.graph, self.inputs, self.outputs = name, graph, inputs, outputs
        self.constants, self.ops, self.close = constants, ops, close
        self.family = name.split("/")[0]


def suite_tolerance(name):
    def close(got, expected, dtype):
        if "float" not in dtype and "complex" not in dtype:
            if name.startswith("bitcast/") and name.endswith("_to_int64"):  # printed through a double
                return np.abs(got.astype("float64") - expected.astype("float64")) <= 2.0**-52 * np.abs(expected.astype("float64"))
            return got == expected
        x, y = got.astype("float64"), expected.astype("float64")
        largest = np.max(np.abs(y[np.isfinite(y)]), initial=0)
        with np.errstate(invalid="ignore"):
            bound = {"float32": 1e-5 + 1e-4 * np.abs(y) + 1e-6 * largest, "float64": 1e-8 + 1e-7 * np.abs(y)}.get(dtype, 5e-3 * (1 + np.abs(y)))
            return (np.abs(x - y) <= bound) | (x == y) | (np.isnan(x) & np.isnan(y))
    return close


def any_value(got, expected, dtype):
    """Values drawn at random: only type and shape can be compared."""
    return np.ones(got.shape, dtype=bool)


def network_tolerance(case):
    # What make_models.py writes states no tolerance: 2e-5 of the largest value.
    relative = case.get("rtol", 0)
    absolute = 1e-4 if "rtol" in case else 2e-5

    def close(got, expected, dtype):
        if "float" not in dtype:
            return got == expected
        return np.abs(got - expected) <= absolute * np.max(np.abs(expected), initial=0) + relative * np.abs(expected)
    return close


def indexed_cases(folder):
    for line in (folder / "index.jsonl").read_text().splitlines():
        row = json.loads(line)
        files = folder / "cases" / row["name"]
        load = lambda entries: [(e["tensor"], e["dtype"], lambda e=e, files=files: read_csv(files / e["file"], e["dtype"], e["shape"])) for e in entries]
        yield Case(row["name"], files / "frozen_model.pb", load(row["inputs"]), load(row["outputs"]), row["const_inputs"], row["ops"],
                   any_value if "random" in row["flags"] else suite_tolerance(row["name"]))


def network_cases(folder):
    for description in sorted(folder.glob("*/case.json")):
        case = json.loads(description.read_text())
        home = description.parent
        if "savedmodel" in case:
            graph = folder / case["savedmodel"]
        else:
            graph = next(home / name for name in ("frozen.pb", "model.pb") if (home / name).exists())
        load = lambda entries: [(e["tensor"], e["dtype"], lambda e=e, home=home: read_npy(home / e["file"])) for e in entries]
        yield Case(home.name.removesuffix(".golden"), graph, load(case["inputs"]), load(case["outputs"]), [], list(case.get("ops", {})), network_tolerance(case))
