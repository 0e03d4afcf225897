# SPDX-License-Identifier: Apache-2.0
"""Inputs of control.test, in the working directory. Elements differ."""
import numpy as np

rng = np.random.default_rng(5)
for name, value in (("n", 27), ("three", 3), ("zero", 0), ("a", 3), ("b", 5)):
    np.save(name, np.int32(value))
np.save("x", rng.normal(size=5).astype("f"))
np.save("rows", rng.normal(size=(8, 4)).astype("f"))
np.save("wide", rng.normal(size=(9, 3)).astype("f"))
np.save("mask", rng.normal(size=9).astype("f"))
low = rng.uniform(0, 0.6, (40, 2))
np.save("boxes", np.concatenate([low, low + rng.uniform(0.2, 0.5, (40, 2))], 1).astype("f"))
np.save("scores", ((rng.permutation(40) - 17.3) / 40).astype("f"))
