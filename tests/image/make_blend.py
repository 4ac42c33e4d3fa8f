#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Writes blend_gimp.txt: what GIMP itself makes of one layer over another, for every blend mode.

    python3 tests/image/make_blend.py > tests/image/blend_gimp.txt      (needs gimp-console 2.10, NumPy)

Lines: "top HEX", "bottom HEX": 8-bit R'G'B'A of 64 pixels; then "NICK OPACITY HEX": 16-bit R'G'B'A of the
merged layer, which GIMP made in a 16-bit image (values beyond 0..1 are clipped)."""
import os, struct, subprocess, sys, tempfile, zlib
import numpy as np

MODES = {"normal": 28, "multiply": 30, "screen": 31, "difference": 32, "addition": 33, "subtract": 34,
         "darken-only": 35, "lighten-only": 36, "dodge": 42, "burn": 43, "hardlight": 44, "softlight": 45,
         "grain-extract": 46, "grain-merge": 47, "overlay": 23}  # GimpLayerMode, not legacy
SIDE = 8


def write_png(path, pixels):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 6, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def read_png16(path):
    data, at, packed = open(path, "rb").read(), 8, b""
    while at < len(data):
        n, name = struct.unpack(">I4s", data[at:at + 8])
        if name == b"IHDR":
            assert struct.unpack(">IIBB", data[at + 8:at + 18]) == (SIDE, SIDE, 16, 6), "not 16-bit RGBA"
        if name == b"IDAT":
            packed += data[at + 8:at + 8 + n]
        at += n + 12
    raw, size, out = zlib.decompress(packed), SIDE * 8, []
    above = [0] * size
    for y in range(SIDE):
        kind, line = raw[y * (size + 1)], list(raw[y * (size + 1) + 1:(y + 1) * (size + 1)])
        for i in range(size):
            a, b, c = (line[i - 8] if i >= 8 else 0), above[i], (above[i - 8] if i >= 8 else 0)
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[i] = (line[i] + [0, a, b, (a + b) // 2, paeth][kind]) & 255
        out += line
        above = line
    return bytes(out)


def pixels(seed):
    rng = np.random.default_rng(seed)
    p = rng.integers(0, 256, (SIDE, SIDE, 4), dtype=np.uint8)
    p[:4, :, 3] = 255                 # half of it opaque
    p[0, :4, :3] = [[0] * 3, [255] * 3, [128] * 3, [1] * 3]
    return p


def main():
    top, bottom = pixels(1), pixels(2)
    top[4, :4, 3] = 0
    bottom[5, :4, 3] = 0
    top[6, 0, 3] = bottom[6, 0, 3] = 0
    bottom[1, :4, :3] = [[0] * 3, [255] * 3, [0] * 3, [255] * 3]
    top[1, :4, :3] = [[0] * 3, [255] * 3, [255] * 3, [0] * 3]
    with tempfile.TemporaryDirectory() as folder:
        write_png(f"{folder}/top.png", top)
        write_png(f"{folder}/bottom.png", bottom)
        script = """(define (one mode opacity out)
          (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "%s/bottom.png" "")))
                 (dummy (gimp-image-convert-precision image 250))
                 (layer (car (gimp-file-load-layer RUN-NONINTERACTIVE image "%s/top.png"))))
            (gimp-image-insert-layer image layer 0 0)
            (gimp-layer-set-mode layer mode)
            (gimp-layer-set-opacity layer opacity)
            (let ((merged (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE))))
              (file-png-save2 RUN-NONINTERACTIVE image merged out out 0 9 0 0 0 0 0 0 1))
            (gimp-image-delete image)))""" % (folder, folder)
        cases = [(nick, opacity) for nick in sorted(MODES) for opacity in (100, 60)]
        for nick, opacity in cases:
            script += f'(one {MODES[nick]} {opacity} "{folder}/{nick}-{opacity}.png")'
        subprocess.run(["gimp-console", "-nsidf", "-b", script, "-b", "(gimp-quit 1)"], check=True,
                       stdout=sys.stderr, stderr=sys.stderr, env=dict(os.environ, GIMP2_DIRECTORY=folder))
        print("top", top.tobytes().hex())
        print("bottom", bottom.tobytes().hex())
        for nick, opacity in cases:
            print(nick, opacity, read_png16(f"{folder}/{nick}-{opacity}.png").hex())


main()
