#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Writes resample_pillow.txt: Pillow's float resampling ("F" mode) of a pattern that the test makes too.

    python3 tests/image/make_cases.py > tests/image/resample_pillow.txt            (needs Pillow, NumPy)

A line per case: FILTER IN_W IN_H X Y W H OUT_W OUT_H CUT_X CUT_Y CUT_W CUT_H NUMBERS. The box X Y W H is
resized to OUT, of which the CUT is kept (all of it, but for the centre cuts)."""
import numpy as np
from PIL import Image

FILTERS = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
CASES = [  # in, box or None, out
    ((7, 5), None, (7, 5)), ((7, 5), None, (3, 2)), ((7, 5), None, (13, 9)), ((16, 9), None, (5, 11)),
    ((1, 1), None, (4, 3)), ((1, 50), None, (3, 4)), ((101, 3), None, (6, 3)), ((40, 31), None, (8, 8)),
    ((20, 10), (2.25, 1.5, 12.5, 7.25), (7, 5)), ((20, 10), (0, 0, 5, 5), (9, 9)),
    ((20, 10), (13, 4, 7, 6), (3, 3)), ((9, 9), (4.4, 4.4, 0.3, 0.3), (2, 2)), ((12, 12), (3, 2, 6, 6), (6, 6)),
]


def pattern(width, height):
    i = np.arange(width * height, dtype=np.uint64)
    noise = (i * 2654435761 + 12345) % 2**32 // 65536
    return (noise.astype(np.float64) / 65535).astype(np.float32).reshape(height, width)


def emit(name, size, box, out, cut):
    picture = Image.fromarray(pattern(*size))
    x, y, w, h = box or (0, 0, *size)
    result = np.asarray(picture.resize(out, FILTERS[name], box=(x, y, x + w, y + h)))
    kept = result[cut[1]:cut[1] + cut[3], cut[0]:cut[0] + cut[2]]
    print(name, *size, x, y, w, h, *out, *cut, *("%.8g" % v for v in kept.ravel()))


for name in FILTERS:
    for size, box, out in CASES:
        emit(name, size, box, out, (0, 0, *out))
    # 16 x 16 with CropFraction 0.875, as torchvision: short side to 18, long side truncated, centre cut
    if name != "nearest":
        emit(name, (37, 23), None, (28, 18), (6, 1, 16, 16))
        emit(name, (23, 40), None, (18, 31), (1, 8, 16, 16))  # 7.5 rounds to even
