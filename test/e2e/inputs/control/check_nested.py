# SPDX-License-Identifier: Apache-2.0
"""What nested_loops.pbtxt computes, said in numpy."""
import numpy as np

x = np.load("x.npy")
total = x
for i in range(3):
    for j in range(i + 1):
        total = total + x * np.float32(j)
    total = total * np.float32(0.5) if i % 2 == 0 else total - x
assert np.allclose(np.load("nested.npy"), total, rtol=1e-6), (np.load("nested.npy"), total)
assert np.array_equal(np.load("none.npy"), x)
