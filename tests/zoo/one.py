# SPDX-License-Identifier: LGPL-3.0-or-later
"""One network, one exporter: exports it, asks the engine and PyTorch the same, prints one line of JSON.

logits   the float32 file, single precision; max |a - b| / max |b| against PyTorch's float32;
         "torch logits" is PyTorch's float32 against its own float64
map      height and width of Grad-CAM on the layer that the engine chooses
double   a float64 file whose weights are the float32 numbers of the first, so that PyTorch's float64 works
         on the file's own weights; the gradient of the best class; max |a - b| / max |b|
single   the float32 file's gradient against PyTorch's float64: relative L2; beside it PyTorch's own float32
         with both memory formats (rounding flips gates: correct programs scatter)"""
import copy
import io
import json
import logging
import os
import subprocess
import sys
import warnings

import numpy as np
import torch

import nets

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


def picture(side):
    """Structure of every size: plain noise would average out on the way, and batch norms would then blow up
    what is left of it, rounding errors with it."""
    x = torch.zeros(1, 3, side, side)
    for n in (2, 4, 8, 16, 32):
        x += torch.nn.functional.interpolate(torch.randn(1, 3, n, n), size=(side, side), mode="bicubic")
    return x + 0.3 * torch.randn_like(x)


def randomise(model, x):
    """Numbers under which every part of the network matters: makers start scales at 0 or 1e-6, biases
    and shifts at 0; batch norms then see one picture, so that nothing explodes."""
    torch.manual_seed(1)
    with torch.no_grad():
        for name, p in model.named_parameters():
            leaf = name.rsplit(".", 1)[-1]
            if p.numel() < 2 or not bool((p == p.flatten()[0]).all()):
                continue
            if "bias" in leaf or leaf == "beta":
                p.normal_(0, 0.05)
            elif p.dim() > 1 and p.squeeze().dim() > 1:
                p.normal_(0, 0.02)
            elif float(p.flatten()[0]) < 0.5:
                p.uniform_(0.1, 0.4)
            else:
                p.uniform_(0.5, 1.5)
        norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
        for m in norms:
            m.train()
            m.momentum = 1.0
        model(torch.cat([x, picture(x.shape[-1])]))
        # Networks of full batch norms are chaotic: each takes away what its inputs have in common and blows up
        # the rest, rounding errors with it. A part of the mean is left in.
        for m in norms:
            m.running_var.add_((0.75 * m.running_mean) ** 2)
            m.running_mean.mul_(0.25)
            m.running_var.clamp_(min=0.1 * float(m.running_var.mean()) + 1e-4)
    model.eval()


def export(model, x, path, exporter):
    with torch.no_grad():
        sink = io.StringIO()
        stdout, sys.stdout = sys.stdout, sink
        try:
            if exporter == "new":
                torch.onnx.export(model, (x,), path, dynamo=True, external_data=False, verbose=False)
            else:
                torch.onnx.export(model, (x,), path, dynamo=False, opset_version=17)
        finally:
            sys.stdout = stdout


def engine(args, out):
    done = subprocess.run([os.environ["HUMAN_EYE"], "evaluate", *args, "--quiet"], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}")
    return np.load(out)


def gradient(model, x, target):
    x = x.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    model(x)[0, target].backward()
    return x.grad.detach().double().numpy()


def differs_from_itself(model, x, target, g):
    """Whether the gradient G is not the slope of the network: central differences along G's own direction."""
    v = torch.tensor(g / max(np.linalg.norm(g), 1e-30))
    with torch.no_grad():
        slope = float((model(x + 1e-6 * v) - model(x - 1e-6 * v))[0, target]) / 2e-6
    return abs(slope - np.linalg.norm(g)) > 1e-2 * np.linalg.norm(g)


def exact_gradient(double, last, x, target, result):
    """PyTorch's float64 gradient. Its CPU backward of Hardswish is wrong for gradients that are not contiguous
    (timm's LeViT): then the other memory format is asked."""
    g = gradient(double, x, target)
    if not differs_from_itself(double, x, target, g):
        return g
    result["note"] = "PyTorch's NCHW gradient is not the slope of its own network; NHWC taken"
    return gradient(last, x.to(memory_format=torch.channels_last), target)


def largest(a, b):
    return float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30))


def l2(a, b):
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-30))


def check(name, side, exporter, checks, folder, result):
    side = nets.side_of(name, side)
    torch.manual_seed(0)
    torch.backends.mha.set_fastpath_enabled(False)  # the old exporter does not know the fused node
    model = nets.make(name, side).eval()
    x = picture(side)
    randomise(model, x)
    for p in model.parameters():
        p.requires_grad_(False)
    file, file64, x_npy, out = (os.path.join(folder, f) for f in ("net.onnx", "net64.onnx", "x.npy", "out.npy"))
    np.save(x_npy, x.numpy())
    with torch.no_grad():
        logits = model(x).numpy()
    target = int(logits[0].argmax())
    export(model, x, file, exporter)
    result["side"] = side
    with torch.no_grad():
        result["torch logits"] = largest(copy.deepcopy(model).double()(x.double()).numpy()[0], logits[0])
    result["logits"] = largest(engine([file, x_npy, out, "--force", "--what", "logits"], out).reshape(-1), logits[0])
    if "map" in checks:
        m = engine([file, x_npy, out, "--force", "--what", "grad-cam", "--target", str(target)], out)
        result["map"] = "x".join(str(n) for n in m.shape[-2:]) + ("" if m.any() else " flat")
    if "double" not in checks and "single" not in checks:
        return
    double = copy.deepcopy(model).double()
    last = copy.deepcopy(model).to(memory_format=torch.channels_last)
    last64 = copy.deepcopy(last).double()
    exact = exact_gradient(double, last64, x.double(), target, result)
    ask = ["--force", "--what", "gradient", "--target", str(target)]
    if "single" in checks:
        result["single"] = l2(engine([file, x_npy, out, *ask], out), exact)
        result["torch nchw"] = l2(gradient(model, x, target), exact)
        result["torch nhwc"] = l2(gradient(last, x.to(memory_format=torch.channels_last), target), exact)
    if "double" in checks:
        os.remove(file)
        export(double, x.double(), file64, exporter)
        result["double"] = largest(engine([file64, x_npy, out, *ask, "--precision", "double"], out), exact)


def main():
    name, side, exporter, checks, folder = sys.argv[1:]
    result = {"net": name, "exporter": exporter}
    try:
        check(name, int(side) or None, exporter, checks.split(","), folder, result)
    except Exception as error:  # whatever it is, it is this row's answer
        lines = str(error).strip().splitlines() or [type(error).__name__]
        result["error"] = f"{lines[-1] if isinstance(error, RuntimeError) else lines[0]}"[:400]
    print(json.dumps(result))


main()
