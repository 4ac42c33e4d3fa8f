#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""memory.py BUILD FOLDER [NAME...]: the most memory (resident, whole process) on the nine networks of peers.py.

one shot: `human-eye explain --method saliency`, at most 1.25 times the model's file and 48 MiB. session: one that is
asked for one gradient after another; all: one that is asked for a gradient and everything else; each at most
3 times the file and 48 MiB."""
import os
import subprocess
import sys
import tempfile

import peer_torch

PICTURE = "tests/images/raccoon.png"
ALL = "logits,cam,grad-cam,gradient,guided-backprop"
RUNS = {"one shot": (1.25, lambda path, out: ["explain", PICTURE, "-o", out, "--model", path, "--class", "7",
                                             "--method", "saliency", "--force", "--quiet"]),
        "session": (3, lambda path, out: ["bench", path, "--what", "gradient", "--repeat", "3"]),
        "all": (3, lambda path, out: ["bench", path, "--repeat", "3", "--what", ALL])}
MORE = 48


def peak_mib(argv):
    """None: the command failed."""
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return None if status else usage.ru_maxrss / 1024


def measure(build, path, out, arguments):
    argv = arguments(path, out)
    peak = peak_mib([build + "/human-eye"] + argv)
    if peak is None:  # CAM does not fit every network
        peak = peak_mib([build + "/human-eye"] + [word.replace("cam,grad-cam", "grad-cam") for word in argv])
    if peak is None:
        sys.exit("memory: failed: " + " ".join(argv))
    return peak


def main():
    build, folder, names = sys.argv[1], sys.argv[2], sys.argv[3:] or peer_torch.NETWORKS
    n_over = 0
    print("%-20s %8s" % ("MiB: of its limit", "file")
          + "".join("%18s" % name for name in RUNS))
    with tempfile.TemporaryDirectory() as temporary:
        for name in names:
            path = peer_torch.file_of(name, folder)
            size = os.path.getsize(path) / 2**20
            cells = []
            for times, arguments in RUNS.values():
                peak, most = measure(build, path, temporary + "/out.png", arguments), times * size + MORE
                n_over += peak > most
                cells.append("%8.0f of %5.0f%s" % (peak, most, "!" if peak > most else " "))
            print("%-20s %8.0f" % (name, size) + "".join("%18s" % cell for cell in cells), flush=True)
    print("%d over their limits" % n_over)


main()
