# SPDX-License-Identifier: LGPL-3.0-or-later
"""One network: exports it, asks the engine and PyTorch the same, prints one line of JSON for each exporter.

logits   the float32 file, single precision; max |a - b| / max |b| against PyTorch's float32;
         "logits 64" the same against PyTorch's float64, "torch 64" PyTorch's own float32 against that
map      height and width of Grad-CAM on the layer that the engine chooses
double   a float64 file whose weights are the float32 numbers of the first, so that PyTorch's float64 works
         on the file's own weights (an exporter that cannot write one folds norms, if any, in float32: then the
         float32 file computed in double); the gradient of the best class; max |a - b| / max |b|
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
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

import nets

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.backends.mha.set_fastpath_enabled(False)  # the older exporter does not know the fused node
TO_FLOAT = torch.Tensor.float
# Networks that say x.float() on their way (timm's EfficientViT) would leave float64 there.
torch.Tensor.float = lambda x, **more: x if x.dtype == torch.float64 else TO_FLOAT(x, **more)


def picture(side):
    """Structure of every size: plain noise would average out on the way, and batch norms would then blow up
    what is left of it, rounding errors with it."""
    x = torch.zeros(1, 3, side, side)
    for n in (2, 4, 8, 16, 32):
        x += torch.nn.functional.interpolate(torch.randn(1, 3, n, n), size=(side, side), mode="bicubic")
    return x + 0.3 * torch.randn_like(x)


def randomise(model, x):
    """Numbers under which every part of the network matters: makers start scales at 0 or 1e-6, biases
    and shifts at 0; batch norms then see eight pictures, so that nothing explodes."""
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
        model(torch.cat([x] + [picture(x.shape[-1]) for _ in range(7)]))
        # Networks of full batch norms are chaotic: each takes away what its inputs have in common and blows up
        # the rest, rounding errors with it. A part of the mean is left in.
        for m in norms:
            m.running_var.add_((0.75 * m.running_mean) ** 2)
            m.running_mean.mul_(0.25)
            m.running_var.clamp_(min=0.1 * float(m.running_var.mean()) + 1e-4)
    model.eval()


class EngineError(Exception):
    pass


def reason(error):
    """The line that tells: the first of the cause, but the engine's is the last."""
    lines = str(error.__cause__ or error).strip().splitlines() or [type(error).__name__]
    return lines[-1 if isinstance(error, EngineError) else 0][:400]


def check(network, exporter, folder, result):
    result |= network.about
    file, file64, x_npy, out = (os.path.join(folder, f) for f in ("net.onnx", "net64.onnx", "x.npy", "out.npy"))
    np.save(x_npy, network.x.numpy())
    target = ["--target", str(network.target)]

    def ask(path, what, *more):
        return engine([path, x_npy, out, "--force", "--what", what, *more], out)

    export_somehow(network.model, network.x, file, exporter, result)
    logits = ask(file, "logits").reshape(-1)
    result |= {"logits": largest(logits, network.logits), "logits 64": largest(logits, network.exact)}
    if "map" in network.checks:
        m = ask(file, "grad-cam", *target)
        result["map"] = "x".join(str(n) for n in m.shape[-2:]) + ("" if m.any() else " flat")
    if "single" in network.checks:
        result["single"] = l2(ask(file, "gradient", *target), network.gradient)
    if "double" in network.checks:
        try:
            export_somehow(network.double, network.x.double(), file64, exporter, result)
        except Exception as error:
            result["note"] = f"no float64 file ({reason(error)}): the float32 file in double"
            file64 = file
        g = ask(file64, "gradient", *target, "--precision", "double")
        result["double"] = largest(g, network.gradient)


def export(model, x, path, exporter, opset=17):
    with torch.no_grad():
        sink = io.StringIO()
        stdout, sys.stdout = sys.stdout, sink
        try:
            if exporter == "new":
                torch.onnx.export(model, (x,), path, dynamo=True, external_data=False, verbose=False)
            else:
                torch.onnx.export(model, (x,), path, dynamo=False, opset_version=opset)
        finally:
            sys.stdout = stdout


def export_somehow(model, x, path, exporter, result):
    """Exporters refuse some networks as they stand: those they are given with timm's attention spelt out instead of
    PyTorch's fused one, and the older exporter by a later opset."""
    try:
        export(model, x, path, exporter)
        return
    except Exception as error:
        fused = [m for m in model.modules() if getattr(m, "fused_attn", False)]
        if exporter == "new" and not fused:
            raise
        how = ["attention spelt out"] * bool(fused) + ["opset 18"] * (exporter == "old")
        result["note"] = f"{', '.join(how)}, since: {reason(error)}"
    for m in fused:
        m.fused_attn = False
    try:
        export(model, x, path, exporter, opset=18)
    finally:
        for m in fused:
            m.fused_attn = True


def engine(args, out):
    done = subprocess.run([os.environ["HUMAN_EYE"], "evaluate", *args, "--quiet"], capture_output=True, text=True)
    if done.returncode:
        raise EngineError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}")
    return np.load(out)


def in_nhwc(model):
    for p in model.parameters():
        if p.dim() == 4:
            p.data = p.data.contiguous(memory_format=torch.channels_last)
    return model


def gradient(model, x, target):
    x = x.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    model(x)[0, target].backward()
    return x.grad.detach().double().numpy()


class Contiguous(TorchDispatchMode):
    """Backward kernels get contiguous tensors: on the CPU some go wrong with others."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if "backward" in func.__name__:
            args = tree_map(lambda t: t.contiguous() if isinstance(t, torch.Tensor) else t, args)
        return func(*args, **(kwargs or {}))


def exact_gradient(double, x, target, result):
    """PyTorch's float64 gradient. Where its usual one differs (timm's LeViT, XCiT, iFormer, LambdaResNet), central
    differences along their difference tell which of them is the slope of the network."""
    with Contiguous():
        g = gradient(double, x, target)
    usual = gradient(double, x, target)
    apart = usual - g
    length = np.linalg.norm(apart)
    if length <= 1e-8 * np.linalg.norm(g):
        return g
    step = torch.tensor(1e-6 * apart / length)
    with torch.no_grad():
        slope = float((double(x + step) - double(x - step))[0, target]) / 2e-6
    good, bad = (abs(slope - float((h * apart).sum()) / length) / length for h in (g, usual))
    result["note"] = f"PyTorch's own gradient is no slope: by central differences off by {bad:.0e} of its difference to" \
                     f" the one by contiguous tensors, that by {good:.0e}"
    return g if good < bad else usual


def largest(a, b):
    return float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30))


def l2(a, b):
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-30))


class Network:
    """A network with its picture, and what PyTorch says of them: asked once, for all exporters."""

    def __init__(self, name, side, checks):
        self.side = nets.side_of(name, side)
        self.checks = checks
        torch.manual_seed(0)
        self.model = nets.make(name, self.side).eval()
        self.x = picture(self.side)
        randomise(self.model, self.x)
        for p in self.model.parameters():
            p.requires_grad_(False)
        self.double = copy.deepcopy(self.model).double()
        with torch.no_grad():
            self.logits = self.model(self.x).numpy()[0]
            self.exact = self.double(self.x.double()).numpy()[0]
        self.target = int(self.logits.argmax())
        self.about = {"side": self.side, "torch 64": largest(self.logits, self.exact)}
        if "double" in checks or "single" in checks:
            self.ask_gradients()

    def ask_gradients(self):
        last = in_nhwc(copy.deepcopy(self.model))
        self.gradient = exact_gradient(self.double, self.x.double(), self.target, self.about)
        if "single" in self.checks:
            mine = gradient(self.model, self.x, self.target)
            theirs = gradient(last, self.x.to(memory_format=torch.channels_last), self.target)
            self.about |= {"torch nchw": l2(mine, self.gradient), "torch nhwc": l2(theirs, self.gradient)}


def main():
    name, side, exporters, checks, folder = sys.argv[1:]
    network = None
    for exporter in exporters.split(","):
        result = {"net": name, "exporter": exporter, "family": nets.family_of(name)}
        try:
            network = network or Network(name, int(side) or None, checks.split(","))
            check(network, exporter, folder, result)
        except Exception as error:  # whatever it is, it is this row's answer
            result["error"] = reason(error)
        print(json.dumps(result), flush=True)


main()
