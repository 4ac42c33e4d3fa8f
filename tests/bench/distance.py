#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""distance.py BUILD FOLDER [NAME...]: how far the fast kernels' gradients are from double, beside the plain kernels'.

The nine networks of peers.py (EfficientNet-Lite0 is the embedded model), each asked about pieces of the project's photographs:
relative L2 distance of a class's gradient to --precision double. Where a number passes a ReLU at nearly zero the gate of one
precision is open and that of another shut, so that single distances jump between 1e-6 and 1e-2: over the pictures their root
mean square and their median are told, and the ratio of the former (aim: at most 3). Twelve pieces; 48 of the networks that are
small enough for that, as one piece may outweigh eleven."""
import os
import subprocess
import sys

import numpy
from PIL import Image

import peer_torch

PICTURES = ["chelsea", "coffee", "rocket", "raccoon"]
CLASS = "281"
AIM = 3
SMALL = ["efficientnet-lite0", "squeezenet1_1", "mobilenet_v2"]


def tensor(picture):
    numbers = numpy.asarray(picture.resize((224, 224)), dtype=numpy.float32) / 255
    return ((numbers - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).transpose(2, 0, 1)


def pieces():
    for name in PICTURES:
        whole = Image.open(f"tests/images/{name}.png").convert("RGB")
        width, height = whole.size
        side = min(width, height)
        yield tensor(whole)
        yield tensor(whole.crop((0, 0, side, side)))
        corner = whole.crop((width - side, height - side, width, height))
        yield tensor(corner.transpose(Image.FLIP_LEFT_RIGHT))


def more_pieces():
    """A ninth of each photograph, nine times."""
    for name in PICTURES:
        whole = Image.open(f"tests/images/{name}.png").convert("RGB")
        width, height = whole.size[0] // 3, whole.size[1] // 3
        for i in range(9):
            left, top = i % 3 * width, i // 3 * height
            yield tensor(whole.crop((left, top, left + width, top + height)))


def gradients(build, model, pictures, folder, arguments):
    out = os.path.join(folder, "distance.npy")
    line = [build + "/human-eye", "evaluate", model, pictures, out, "--what", "gradient", "--target", CLASS, "--force", "--quiet"]
    subprocess.run(line + arguments, check=True)
    return numpy.load(out).astype(numpy.float64)


def distances(got, expected):
    return numpy.array([numpy.linalg.norm(g - e) / numpy.linalg.norm(e) for g, e in zip(got, expected)])


def main():
    build, folder, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    pictures, more = (os.path.join(folder, "pictures%s.npy" % which) for which in ("", "-more"))
    few = list(pieces())
    numpy.save(pictures, numpy.stack(few).astype(numpy.float32))
    numpy.save(more, numpy.stack(few + list(more_pieces())).astype(numpy.float32))
    above = 0
    print(f"{'relative L2':20} {'plain: rms':>12} {'median':>9} {'fast: rms':>12} {'median':>9} {'ratio':>7}")
    for name in names or peer_torch.NETWORKS:
        model = peer_torch.file_of(name, folder)
        asked = more if name in SMALL else pictures
        expected = gradients(build, model, asked, folder, ["--precision", "double"])
        plain = distances(gradients(build, model, asked, folder, ["--kernels", "plain"]), expected)
        fast = distances(gradients(build, model, asked, folder, []), expected)
        rms = [numpy.sqrt((d ** 2).mean()) for d in (plain, fast)]
        above += rms[1] > AIM * rms[0]
        print(f"{name:20} {rms[0]:12.1e} {numpy.median(plain):9.1e} {rms[1]:12.1e} {numpy.median(fast):9.1e} "
              f"{rms[1] / rms[0]:7.2f}", flush=True)
    print(f"{above} above {AIM}")


main()
