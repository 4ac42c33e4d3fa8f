#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""peers.py BUILD FOLDER [NAME...]: the engine beside its peers on nine networks, alternately in one run.

Forward beside ONNX Runtime and OpenVINO, saliency (the gradient of one class) beside PyTorch, two threads,
224 x 224, float32, random weights (FOLDER keeps the files). ROUNDS rounds; in each every one runs the
network a few times and gives its median. A ratio is the peer's median of rounds over ours: above 1, ours is
faster. A peer that cannot be imported is named and left out."""
import json
import math
import os
import statistics
import subprocess
import sys
import time

THREADS, ROUNDS, RUNS = 2, 15, 3
os.environ["OMP_NUM_THREADS"] = str(THREADS)
NETWORKS = ["efficientnet-lite0", "alexnet", "squeezenet1_1", "resnet18", "resnet50", "densenet121",
            "vgg16", "mobilenet_v2", "googlenet"]
LITE0 = "models/efficientnet-lite0/efficientnet-lite0.onnx"


def median_ms(run):
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def ours(build, path, what):
    def once():
        out = subprocess.run([build + "/human-eye", "bench", path, "--what", what, "--threads", str(THREADS),
                              "--repeat", str(RUNS), "--json"], check=True, capture_output=True)
        return json.loads(out.stdout)[0]["median_ms"]
    return once


def torch_model(name):
    import torch
    import torchvision
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    more = {"aux_logits": False, "init_weights": True} if name == "googlenet" else {}
    return getattr(torchvision.models, name)(weights=None, **more).eval()


def file_of(name, folder):
    if name == "efficientnet-lite0":
        return LITE0
    path = os.path.join(folder, name + ".onnx")
    if not os.path.exists(path):
        import torch
        torch.onnx.export(torch_model(name), torch.zeros(1, 3, 224, 224), path, dynamo=False,
                          input_names=["x"], output_names=["y"])
    return path


def ort_forward(path, x):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x}
    return lambda: median_ms(lambda: session.run(None, feed))


def openvino_forward(path, x):
    import openvino
    core = openvino.Core()
    request = core.compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": THREADS,
                                               "INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    return lambda: median_ms(lambda: request.infer([x]))


def torch_saliency(name, x):
    import torch
    model = torch_model(name)
    for weight in model.parameters():
        weight.requires_grad_(False)

    def run():
        picture = torch.from_numpy(x).requires_grad_(True)
        model(picture)[0, 7].backward()
    return lambda: median_ms(run)


def measure(name, build, folder):
    import numpy
    x = numpy.random.default_rng(0).standard_normal((1, 3, 224, 224)).astype(numpy.float32)
    path = file_of(name, folder)
    sides = {"forward": ours(build, path, "logits"), "saliency": ours(build, path, "gradient")}
    peers = {"ONNX Runtime": ("forward", lambda: ort_forward(path, x)),
             "OpenVINO": ("forward", lambda: openvino_forward(path, x))}
    if name != "efficientnet-lite0":
        peers["PyTorch"] = ("saliency", lambda: torch_saliency(name, x))
    what = dict.fromkeys(sides)
    for peer, (side, make) in peers.items():
        try:
            sides[peer] = make()
            what[peer] = side
        except ImportError as error:
            print("%s: left out (%s)" % (peer, error), file=sys.stderr)
    seen = {side: [] for side in sides}
    for side in sides:
        sides[side]()  # warm
    for _ in range(ROUNDS):
        for side, run in sides.items():
            seen[side].append(run())
    return {side: (sorted(values), what[side]) for side, values in seen.items()}


def main():
    build, folder, names = sys.argv[1], sys.argv[2], sys.argv[3:] or NETWORKS
    os.makedirs(folder, exist_ok=True)
    ratios = {}
    for name in names:
        sides = measure(name, build, folder)
        for side, (values, what) in sides.items():
            line = "%-20s %-13s %8.2f ms [%8.2f %8.2f]" % (
                name, side, values[ROUNDS // 2], values[ROUNDS // 10], values[-1 - ROUNDS // 10])
            if what:
                ratio = values[ROUNDS // 2] / sides[what][0][ROUNDS // 2]
                ratios.setdefault((what, side), []).append(ratio)
                line += "   %.2f of our speed in %s" % (1 / ratio, what)
            print(line, flush=True)
    for (what, side), values in ratios.items():
        print("%s: %.2f times as fast as %s (geometric mean of %d networks, least %.2f)" % (
            what, math.exp(statistics.mean(map(math.log, values))), side, len(values), min(values)))


main()
