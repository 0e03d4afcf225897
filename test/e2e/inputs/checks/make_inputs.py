# SPDX-License-Identifier: Apache-2.0
"""Inputs of checks.test, in the working directory."""
import numpy as np

for name, value in (("good", [1.5, 2.5, 4.0]), ("low", [0.5, 2.5, 4.0]), ("bad", [1.5, 0.0, 4.0])):
    np.save(name, np.float32(value))
for name, value in (("three", 3), ("six", 6), ("zero", 0)):
    np.save(name, np.int32(value))
np.save("inside", np.int32([[0, 4], [2, 1]]))
np.save("outside", np.int32([[0, 4], [2, 7]]))
np.save("yes", np.bool_(True))
np.save("no", np.bool_(False))
