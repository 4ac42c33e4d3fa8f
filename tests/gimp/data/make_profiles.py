# SPDX-License-Identifier: LGPL-3.0-or-later
# Writes wide.icc (primaries far outside sRGB, gamma 2.2) and grey.icc (gamma 1.8): ICC version 2, the least
# that a reader needs. Run in this folder; both files are committed.
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


COMMON = [(b'cprt', text('CC0')), (b'wtpt', xyz(0.9642, 1.0, 0.8249))]
# Adobe RGB (1998)'s primaries, adapted to D50.
WIDE = [(b'desc', desc('wide')), (b'rXYZ', xyz(0.60974, 0.31111, 0.01947)),
        (b'gXYZ', xyz(0.20528, 0.62567, 0.06087)), (b'bXYZ', xyz(0.14919, 0.06322, 0.74457))]
WIDE += [(name, gamma(2.2)) for name in (b'rTRC', b'gTRC', b'bTRC')]
GREY = [(b'desc', desc('grey')), (b'kTRC', gamma(1.8))]

open('wide.icc', 'wb').write(profile(b'RGB ', WIDE + COMMON))
open('grey.icc', 'wb').write(profile(b'GRAY', GREY + COMMON))
