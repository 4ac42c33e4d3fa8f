# SPDX-License-Identifier: LGPL-3.0-or-later
# Writes wide.icc (primaries far outside sRGB, gamma 2.2), linear.icc (the same primaries, gamma 1), table.icc
# (wide.icc as tables, which is no space of babl's) and grey.icc (gamma 1.8): ICC version 2, the least that
# a reader needs. Run in this folder; the files are committed.
import itertools
import struct


def s15(value):
    return struct.pack('>i', round(value * 65536))


def xyz(*values):
    return b'XYZ ' + bytes(4) + b''.join(map(s15, values))


def gamma(value):
    return b'curv' + bytes(4) + struct.pack('>IH', 1, round(value * 256)) + bytes(2)


def desc(text):
    data = text.encode() + b'\0'
    return b'desc' + bytes(4) + struct.pack('>I', len(data)) + data + bytes(4 + 4 + 2 + 1 + 67)


def text(words):
    return b'text' + bytes(4) + words.encode() + b'\0'


def profile(space, tags):
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack('>I', len(tags)), b''
    for name, data in tags:
        data += bytes(-len(data) % 4)
        table += name + struct.pack('>II', offset + len(body), len(data))
        body += data
    header = struct.pack('>I4sI4s4s4s', offset + len(body), bytes(4), 0x02100000, b'mntr', space, b'XYZ ')
    header += struct.pack('>6H', 2026, 1, 1, 0, 0, 0) + b'acsp' + bytes(28)
    header += s15(0.9642) + s15(1.0) + s15(0.8249)
    return header.ljust(128, b'\0') + table + body


def lut16(matrix, curve, grid):
    """A matrix (for XYZ), a curve for each channel, a grid of 2 x 2 x 2 colours, nothing after it."""
    data = b'mft2' + bytes(4) + bytes([3, 3, 2, 0]) + b''.join(map(s15, matrix))
    values = curve * 3 + grid + [0, 65535] * 3
    return data + struct.pack('>HH', len(curve), 2) + struct.pack('>%dH' % len(values), *values)


def inverse(m):
    (a, b, c), (d, e, f), (g, h, i) = m
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return [x / det for x in (e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g,
                              c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d)]


def powers(exponent, n):
    return [round(65535 * (i / (n - 1)) ** exponent) for i in range(n)]


COMMON = [(b'cprt', text('CC0')), (b'wtpt', xyz(0.9642, 1.0, 0.8249))]
# Adobe RGB (1998)'s primaries, adapted to D50.
PRIMARIES = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
COLORANTS = [(name, xyz(*colour)) for name, colour in zip((b'rXYZ', b'gXYZ', b'bXYZ'), PRIMARIES)]


def matrix_profile(name, exponent):
    curves = [(tag, gamma(exponent)) for tag in (b'rTRC', b'gTRC', b'bTRC')]
    return profile(b'RGB ', [(b'desc', desc(name))] + COLORANTS + curves + COMMON)


# XYZ of 1 is 32768; the corners of the cube are sums of the primaries, so what lies between is exact.
UNIT = 32768
IDENTITY = (1, 0, 0, 0, 1, 0, 0, 0, 1)
CUBE = list(itertools.product((0, 1), repeat=3))
TO_XYZ = [round(UNIT * sum(on * primary[k] for on, primary in zip(corner, PRIMARIES)))
          for corner in CUBE for k in range(3)]
FROM_XYZ = [65535 / UNIT * value for value in inverse(tuple(zip(*PRIMARIES)))]
TABLE = [(b'desc', desc('table')), (b'A2B0', lut16(IDENTITY, powers(2.2, 1024), TO_XYZ)),
         (b'B2A0', lut16(FROM_XYZ, powers(1 / 2.2, 4096), [65535 * on for corner in CUBE for on in corner]))]
GREY = [(b'desc', desc('grey')), (b'kTRC', gamma(1.8))]

open('wide.icc', 'wb').write(matrix_profile('wide', 2.2))
open('linear.icc', 'wb').write(matrix_profile('linear', 1))
open('table.icc', 'wb').write(profile(b'RGB ', TABLE + COMMON))
open('grey.icc', 'wb').write(profile(b'GRAY', GREY + COMMON))
