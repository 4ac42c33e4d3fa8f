# SPDX-License-Identifier: LGPL-3.0-or-later
"""What `human-eye explain` does, with pytorch-grad-cam: a network explained by Grad-CAM on a picture, blended, as PNG.

run_grad_cam.py PICTURE.png OUT.png (weights are random: none is read from a file, which spares it that time)"""
import sys

import numpy
import timm
import torch
from PIL import Image
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.image import show_cam_on_image

picture = Image.open(sys.argv[1]).convert("RGB")
pixels = numpy.asarray(picture.resize((224, 224), Image.BICUBIC), numpy.float32)
x = torch.from_numpy(((pixels - 127) / 128).transpose(2, 0, 1)[None])
model = timm.create_model("efficientnet_lite0").eval()
with GradCAM(model=model, target_layers=[model.bn2]) as cam:
    seen = cam(input_tensor=x, targets=None)[0]
seen = numpy.asarray(Image.fromarray(seen).resize(picture.size, Image.BICUBIC))
shown = show_cam_on_image(numpy.asarray(picture, numpy.float32) / 255, seen.clip(0, 1), use_rgb=True)
Image.fromarray(shown).save(sys.argv[2])
