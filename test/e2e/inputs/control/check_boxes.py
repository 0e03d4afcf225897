# SPDX-License-Identifier: Apache-2.0
"""What suppressed.pbtxt chooses: at most 12 boxes of a score above -0.2, none overlapping a better one by more than 0.3."""
import numpy as np

boxes, scores, left, chosen = np.load("boxes.npy"), np.load("scores.npy"), [], []
for place in sorted(range(len(scores)), key=lambda i: -scores[i]):
    low, high = np.maximum(boxes[place, :2], boxes[chosen, :2]), np.minimum(boxes[place, 2:], boxes[chosen, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=1)
    area = lambda b: np.prod(b[..., 2:] - b[..., :2], axis=-1)
    if scores[place] > -0.2 and len(chosen) < 12 and not np.any(common / (area(boxes[place]) + area(boxes[chosen]) - common) > 0.3):
        chosen.append(place)
found = np.load("chosen.npy")
assert found.dtype == np.int32 and list(found) == chosen and len(chosen) > 4, (found, chosen)
