# SPDX-License-Identifier: Apache-2.0
"""Compares arrays: GOT.npy EXPECTED.npy, any number of pairs. Equal in type and shape; numbers to 1e-6 of the largest."""
import sys

import numpy as np

for got, expected in zip(sys.argv[1::2], sys.argv[2::2]):
    a, b = np.load(got), np.load(expected)
    assert a.dtype == b.dtype and a.shape == b.shape, (got, a.dtype, a.shape, b.dtype, b.shape)
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-6 * np.max(np.abs(b)) if b.dtype.kind == "f" else 0, err_msg=got)
