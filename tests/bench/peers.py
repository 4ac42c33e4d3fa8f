#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""peers.py BUILD FOLDER [NAME...]: the engine beside its peers on nine networks, alternately in one run.

Forward beside ONNX Runtime and OpenVINO; saliency beside PyTorch and Captum; guided backpropagation beside
Captum; CAM and Grad-CAM beside pytorch-grad-cam's Grad-CAM; and the engine beside itself: what a method costs
in forward runs, two threads beside one. Two threads, 224 x 224, float32, random weights (FOLDER keeps the
files). ROUNDS rounds; in each every one answers a few times and gives its median; what is held against another of ours
is measured by one process that asks both in turn. A ratio is one of medians of rounds; of two of ours the median of
the rounds' own ratios is told too, which what the machine does between rounds does not reach. A peer that cannot be imported is
named and left out."""
import collections
import functools
import json
import math
import os
import statistics
import subprocess
import sys
import time

import peer_torch

THREADS, RUNS, OWN_RUNS = 2, 3, 7
ROUNDS = int(os.environ.get("ROUNDS", 15))
os.environ["OMP_NUM_THREADS"] = str(THREADS)

# Ours: what a process of `human-eye bench` is asked in turn, with how many threads and classes, and names of its rows.
OURS = [("logits,gradient", "2", 1, ("forward", "saliency")), ("guided-backprop", "2", 1, ("guided-backprop",)),
        ("grad-cam", "2", 1, ("grad-cam",)), ("logits,cam", "2", 1, ("forward beside cam", "cam")),
        ("logits,cam", "2", 5, ("forward beside 5 cams", "5 cams")),
        ("logits", "1,2", 1, ("forward, 1 thread", "forward beside 1 thread"))]
ONE_THREAD = ("logits", "1", 1, ("forward, 1 thread",))
# Ours, the peers whose best is compared, and the aims: geometric mean of how many times as fast, least.
FORWARD_AIM = 1.1 if "no_avx512" in os.environ.get("LD_PRELOAD", "") else 1.2
BESIDE = [("forward", ("ONNX Runtime", "OpenVINO"), FORWARD_AIM, 0.9),
          ("saliency", ("PyTorch saliency", "Captum saliency"), 2.5, 1.5),
          ("guided-backprop", ("Captum guided backprop",), 2.5, 1.5),
          ("grad-cam", ("pytorch-grad-cam",), 6, None), ("cam", ("pytorch-grad-cam",), 6, None)]
# What the machine gives two threads that have nothing in common; the time of each run.
BOTH = "two at once"
# One of ours, its time over another of ours, the aim, and the GFLOP under which a network does not count.
WITHIN = [("saliency", "forward", "at most", 2.1, 0), ("cam", "forward beside cam", "at most", 1.02, 0),
          ("5 cams", "forward beside 5 cams", "at most", 1.05, 0),
          ("forward, 1 thread", "forward beside 1 thread", "at least", 1.8, 1),
          ("forward, 1 thread", BOTH, None, None, 1)]


def median_ms(side, run):
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - start))
    return {side: statistics.median(times)}


def start(build, path, ours, repeat):
    whats, threads, classes, _ = ours
    return subprocess.Popen([build + "/human-eye", "bench", path, "--what", whats, "--threads", threads,
                             "--classes", str(classes), "--repeat", str(repeat), "--json"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def rows_of(process):
    out, _ = process.communicate()
    return json.loads(out) if process.returncode == 0 else []


def bench(build, path, ours, repeat):
    """Milliseconds by the rows' names; empty: it does not fit the network."""
    rows = rows_of(start(build, path, ours, repeat))
    return {name: row["median_ms"] for name, row in zip(ours[3], rows)}


def two_processes(build, path):
    """Milliseconds for each run of two processes that run forward at once on one thread each."""
    both = [start(build, path, ONE_THREAD, 3 * RUNS) for _ in range(THREADS)]
    return {BOTH: sum(rows_of(each)[0]["median_ms"] for each in both) / THREADS ** 2}


def ort_forward(path, x):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x}
    return lambda: session.run(None, feed)


def openvino_forward(path, x):
    import openvino
    core = openvino.Core()
    request = core.compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": THREADS,
                                               "INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    return lambda: request.infer([x])


def peers_of(name, path, x):
    def torch_side(make, *more):
        return lambda: make(*more, peer_torch.network(name, THREADS), x)
    return {"ONNX Runtime": lambda: ort_forward(path, x), "OpenVINO": lambda: openvino_forward(path, x),
            "PyTorch saliency": torch_side(peer_torch.saliency),
            "Captum saliency": torch_side(peer_torch.captum, "Saliency"),
            "Captum guided backprop": torch_side(peer_torch.captum, "GuidedBackprop"),
            "pytorch-grad-cam": torch_side(peer_torch.grad_cam, name)}


def sides_of(name, build, path):
    """What makes milliseconds of one round by side. CAM is left out where it does not fit the network."""
    import numpy
    x = numpy.random.default_rng(0).standard_normal((1, 3, 224, 224)).astype(numpy.float32)
    runs = [functools.partial(bench, build, path, ours, OWN_RUNS) for ours in OURS if bench(build, path, ours, 1)]
    runs.append(functools.partial(two_processes, build, path))
    for peer, make in peers_of(name, path, x).items():
        try:
            run = make()
        except ImportError as error:
            print("%s: left out (%s)" % (peer, error), file=sys.stderr)
            continue
        run()  # warm
        runs.append(functools.partial(median_ms, peer, run))
    return runs


def measure(name, build, folder):
    """Prints each side's median with its spread; returns the medians, the median ratio within rounds of two of ours, and the
    network's GFLOP."""
    path = peer_torch.file_of(name, folder)
    runs = sides_of(name, build, path)
    seen = collections.defaultdict(list)
    for _ in range(ROUNDS):
        for run in runs:
            for side, ms in run().items():
                seen[side].append(ms)
    within = {(side, other): statistics.median(a / b for a, b in zip(seen[side], seen[other]))
              for side, other, *_ in WITHIN if side in seen and other in seen}
    for side, values in seen.items():
        values.sort()
        print("%-20s %-23s %8.2f ms [%8.2f %8.2f]" % (
            name, side, statistics.median(values), values[ROUNDS // 10], values[-1 - ROUNDS // 10]),
              flush=True)
    forward = rows_of(start(build, path, ONE_THREAD, 1))[0]
    return ({side: statistics.median(values) for side, values in seen.items()}, within,
            forward["gflops"] * forward["median_ms"] / 1000)


def mean(ratios):
    return math.exp(statistics.mean(map(math.log, ratios.values())))


def tell(title, ratios, aim):
    if ratios:
        print("\n%s: %.2f (%s; %d networks, %.2f to %.2f)\n  %s" % (
            title, mean(ratios), aim, len(ratios), min(ratios.values()), max(ratios.values()),
            ", ".join("%s %.2f" % each for each in ratios.items())))


def report(medians, within, gflop):
    for side, peers, aim, least in BESIDE:
        best = {name: min((ms[peer] for peer in peers if peer in ms), default=None)
                for name, ms in medians.items()}
        tell("%s, times as fast as %s" % (side, " or ".join(peers)),
             {name: best[name] / ms[side] for name, ms in medians.items() if best[name] and side in ms},
             "aim %.1f" % aim + (", none below %.1f" % least if least else ""))
    for side, other, way, aim, least_gflop in WITHIN:
        names = [name for name, ms in medians.items() if side in ms and gflop[name] >= least_gflop]
        tell("%s, in times of %s" % (side, other),
             {name: medians[name][side] / medians[name][other] for name in names},
             "aim %s %.2f" % (way, aim) if way else "what this machine gives")
        tell("  within a round", {name: within[name][side, other] for name in names}, "the median of rounds")


def main():
    build, folder, names = sys.argv[1], sys.argv[2], sys.argv[3:] or peer_torch.NETWORKS
    medians, within, gflop = {}, {}, {}
    for name in names:
        medians[name], within[name], gflop[name] = measure(name, build, folder)
    report(medians, within, gflop)


main()
