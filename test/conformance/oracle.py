# SPDX-License-Identifier: Apache-2.0
"""TensorFlow as the oracle: `from oracle import np, tf` ends a script loudly, with status 77, where it is not installed."""
import os
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="-1")
try:
    import numpy as np
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
except ImportError:
    print("SKIPPED: TensorFlow is not there, so that nothing was compared")
    sys.exit(77)
