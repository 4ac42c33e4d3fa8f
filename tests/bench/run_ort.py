# SPDX-License-Identifier: LGPL-3.0-or-later
"""The bare minimum in Python: import ONNX Runtime, run a network forward once on a picture.

run_ort.py MODEL.onnx PICTURE.png"""
import sys

import numpy
import onnxruntime
from PIL import Image

model, picture = sys.argv[1:]
pixels = Image.open(picture).convert("RGB").resize((224, 224), Image.BICUBIC)
x = (numpy.asarray(pixels, numpy.float32).transpose(2, 0, 1)[None] - 127) / 128
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
scores = session.run(None, {session.get_inputs()[0].name: x})[0]
print(int(scores.argmax()))
