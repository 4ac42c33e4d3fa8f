#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes cases.txt: operators with inputs and the outputs that ONNX's own reference gives.

    pip install onnx onnxruntime && python3 make_cases.py > cases.txt

Each line of LINES is `OPSET NAME attributes : inputs -> outputs` in the words of tests/support/op_check.h.
The expected values come from ONNX Runtime, or, where it lacks that opset, from onnx's ReferenceEvaluator, or
from a NumPy function that stands behind the line after `##`. Where the first two both answer, they must agree."""
import re
import sys
import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
import onnxruntime

TYPES = {"f": (np.float32, TensorProto.FLOAT), "l": (np.int64, TensorProto.INT64),
         "i": (np.int32, TensorProto.INT32), "u": (np.uint8, TensorProto.UINT8),
         "h": (np.int8, TensorProto.INT8), "b": (np.bool_, TensorProto.BOOL)}
onnxruntime.set_default_logger_severity(4)


def read_attr(text):
    name, value = text.split("=", 1)
    if value.startswith("["):
        numbers = [v for v in value[1:-1].split(",") if v]
        return name, [float(v) if re.search(r"[.e]", v) else int(v) for v in numbers]
    if value.startswith("t("):
        letter, number = value[2:-1].split(",")
        array = np.array([float(number)]).astype(TYPES[letter][0])
        return name, onnx.numpy_helper.from_array(array)
    if re.match(r"-?\d", value):
        return name, float(value) if re.search(r"[.e]", value) else int(value)
    return name, value


def make_input(text, rng):
    letter, shape, flags, values = re.match(r"(\w)\[([\d,]*)\]([!+]*)(?:\{(.*)\})?$", text).groups()
    shape = [int(d) for d in shape.split(",") if d]
    if values is not None:
        numbers = np.array([float(v) for v in values.split(",") if v])
        if letter == "l":  # doubles do not hold the largest
            numbers = np.array([int(v) for v in values.split(",") if v], dtype=np.int64)
        return letter, flags, numbers.astype(TYPES[letter][0]).reshape(shape)
    array = np.round(rng.normal(size=shape) * 1.5, 3)
    if "+" in flags:
        array = np.abs(array) + 0.125
    return letter, flags.replace("+", ""), array.astype(np.float32)


def number(v):
    if isinstance(v, (np.floating, float)):
        return "%.8g" % v
    return str(int(v))


def spell(letter, flags, array):
    dims = ",".join(str(d) for d in array.shape)
    return "%s[%s]%s{%s}" % (letter, dims, flags, ",".join(number(v) for v in array.ravel()))


def letter_of(array):
    for letter, (dtype, _) in TYPES.items():
        if array.dtype == dtype:
            return letter
    raise ValueError(array.dtype)


def answers(opset, name, attrs, inputs, n_out):
    """Outputs by ONNX Runtime and by the reference; None where one does not answer."""
    names = ["x%d" % i if a is not None else "" for i, a in enumerate(inputs)]
    outs = ["y%d" % o for o in range(n_out)]
    node = helper.make_node(name, names, outs, **attrs)
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info(n, TYPES[letter_of(a)][1], a.shape)
                      for n, a in zip(names, inputs) if a is not None],
        [onnx.ValueInfoProto(name=o) for o in outs])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    feed = {n: a for n, a in zip(names, inputs) if a is not None}
    results = []
    for run in (lambda: onnxruntime.InferenceSession(model.SerializeToString(),
                                                     providers=["CPUExecutionProvider"]).run(None, feed),
                lambda: ReferenceEvaluator(model).run(None, feed)):
        try:
            results.append([np.asarray(a) for a in run()])
        except Exception:  # each refuses in its own way
            results.append(None)
    return results


def same(a, b):
    return all(x.shape == y.shape and np.allclose(x, y, 1e-4, 1e-5, equal_nan=True)
               for x, y in zip(a, b))


def case(line, rng):
    line, _, numpy_text = line.partition("##")
    head, tail = line.split(" : ")
    opset, name, *attr_texts = head.split()
    in_texts, out_texts = [part.split() for part in tail.split("->")]
    inputs = [None if t == "_" else make_input(t, rng) for t in in_texts]
    arrays = [i and i[2] if i is None else i[2] for i in inputs]
    if numpy_text.strip():
        result = [np.asarray(eval(numpy_text, dict(zip("abcde", arrays), np=np)))]
    else:
        attrs = dict(read_attr(t) for t in attr_texts)
        ort, reference = answers(int(opset), name, attrs, arrays, len(out_texts))
        result = ort or reference
        if result is None:
            raise SystemExit("nobody answers: " + line)
        if ort and reference and not same(ort, reference):
            print("differ: " + line, file=sys.stderr)
    result = [r.astype(np.float32) if r.dtype == np.float64 else r for r in result]
    ins = " ".join("_" if i is None else spell(*i) for i in inputs)
    outs = " ".join(spell(letter_of(r), "", r) for r in result)
    return "%s %s : %s -> %s" % (opset, " ".join([name] + attr_texts), ins, outs)


LINES = """
13 Abs : f[2,3] -> ?
13 Abs : l[3]{-4,0,7} -> ?
7 Acos : f[4]{-1,-0.3,0.4,1} -> ?
22 Acos : f[3]{-0.5,0.1,0.9} -> ?
9 Acosh : f[3]{1,1.5,20} -> ?
22 Acosh : f[2]{1.25,4} -> ?
14 Add : f[2,3,4] f[3,1] -> ?
14 Add : f[2,3] f[] -> ?
14 Add : l[2,2]{1,2,-3,4} l[2]{10,-20} -> ?
7 Add : i[3]{1,2,3} i[1]{7} -> ?
6 Add broadcast=1 axis=1 : f[2,3,4] f[3] -> ? ## a + b[:, None]
6 Add : f[2,3] f[2,3] -> ? ## a + b
7 And : b[2,2]{1,0,1,0} b[2]{1,0} -> ?
13 ArgMax axis=1 : f[2,5,3] -> ?
13 ArgMax axis=-1 keepdims=0 : f[2,4]{1,3,3,2,5,5,0,5} -> ?
13 ArgMax axis=1 select_last_index=1 : f[2,4]{1,3,3,2,5,5,0,5} -> ?
13 ArgMax : f[3] -> ?
13 ArgMin axis=1 : f[2,5,3] -> ?
13 ArgMin axis=-1 keepdims=0 select_last_index=1 : f[2,4]{1,3,1,2,5,0,0,5} -> ?
7 Asin : f[4]{-1,-0.3,0.4,1} -> ?
22 Asin : f[3]{-0.5,0.1,0.9} -> ?
9 Asinh : f[2,3] -> ?
22 Asinh : f[2,2] -> ?
7 Atan : f[2,3] -> ?
22 Atan : f[2,3] -> ?
9 Atanh : f[3]{-0.9,0.1,0.5} -> ?
22 Atanh : f[2]{-0.5,0.25} -> ?
11 AveragePool kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] : f[1,2,5,6] -> ?
11 AveragePool kernel_shape=[3,3] strides=[2,2] pads=[1,0,1,2] count_include_pad=1 : f[1,2,5,6] -> ?
19 AveragePool kernel_shape=[3,3] strides=[2,2] ceil_mode=1 : f[1,1,6,8] -> ?
19 AveragePool kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] ceil_mode=1 count_include_pad=1 : f[1,1,6,8] -> ?
19 AveragePool kernel_shape=[2,2] strides=[3,3] pads=[1,1,1,1] ceil_mode=1 : f[1,1,5,7] -> ?
19 AveragePool kernel_shape=[3,3] strides=[3,3] pads=[1,1,1,1] ceil_mode=1 count_include_pad=1 : f[1,1,6,4] -> ?
19 AveragePool kernel_shape=[2,3] dilations=[2,2] pads=[1,2,0,2] : f[1,2,6,7] -> ?
11 AveragePool kernel_shape=[3,3] auto_pad=SAME_UPPER strides=[2,2] : f[1,1,6,5] -> ?
11 AveragePool kernel_shape=[4] strides=[3] auto_pad=SAME_LOWER : f[1,2,10] -> ?
11 AveragePool kernel_shape=[5,1,1] pads=[2,0,0,2,0,0] count_include_pad=1 : f[1,1,6,2,2] -> ?
7 AveragePool kernel_shape=[2,2] auto_pad=VALID : f[1,1,3,5] -> ?
22 AveragePool kernel_shape=[3,3] strides=[2,2] pads=[1,0,1,1] ceil_mode=1 count_include_pad=1 : f[1,2,6,5] -> ?
15 BatchNormalization epsilon=0.01 : f[2,3,2,2] f[3]! f[3]! f[3]! f[3]+! -> ?
15 BatchNormalization epsilon=0.01 momentum=0.8 training_mode=1 : f[2,3,2,3]! f[3]! f[3]! f[3]! f[3]+! -> ? ? ?
9 BatchNormalization : f[2,3] f[3]! f[3]! f[3]! f[3]+! -> ? ## (a - d) / np.sqrt(e + 1e-5) * b + c
11 BitShift direction=LEFT : u[3]{16,4,255} u[3]{1,2,9} -> ?
11 BitShift direction=RIGHT : u[3]{16,4,255} u[1]{3} -> ?
13 Cast to=7 : f[6]{-1.7,-0.2,0,0.9,2.5,1e3} -> ?
13 Cast to=6 : l[3]{-5,3,100000} -> ?
13 Cast to=9 : f[4]{-1.5,0,0.1,7} -> ?
13 Cast to=1 : l[3]{-5,3,100} -> ?
13 Cast to=1 : b[2]{1,0} -> ?
13 Cast to=2 : f[3]{0,3.9,254.2} -> ?
5 Cast to=INT64 : f[3]{0,3.9,-254.2} -> ? ## np.trunc(a).astype(np.int64)
19 Cast to=7 : f[3]{-1.7,0,2.5} -> ?
21 Cast to=9 : f[3]{0,-0.5,nan} -> ?
19 CastLike : f[3]{0,3.9,-254.2} l[1]!{1} -> ?
21 CastLike : l[3]{0,3,-254} f[1]!{1} -> ?
13 Ceil : f[5]{-1.5,-0.2,0,0.2,1.5} -> ?
12 Celu alpha=0.7 : f[2,4] -> ?
13 Clip : f[2,4] f[]!{-0.5} f[]!{0.75} -> ?
13 Clip : f[2,4] _ f[]!{0.25} -> ?
13 Clip : f[4] f[]!{0} -> ?
13 Clip : f[4] f[]!{1} f[]!{-1} -> ?
6 Clip min=0.0 max=0.6 : f[2,4] -> ?
6 Clip : f[2,4] -> ?
12 Clip : l[4]{-3,0,5,9} l[]!{-1} l[]!{6} -> ?
18 Col2Im : f[1,4,6] l[2]!{3,4} l[2]!{2,2} -> ?
18 Col2Im strides=[2,1] pads=[1,0,1,2] dilations=[1,2] : f[2,12,15] l[2]!{5,5} l[2]!{3,2} -> ?
18 Col2Im strides=[2] pads=[1,1] : f[1,6,4] l[1]!{7} l[1]!{3} -> ? ## np.stack([np.array([sum(a[0, 3 * c + k, o] for k in range(3) for o in range(4) if 2 * o + k - 1 == p) for p in range(7)]) for c in range(2)])[None]
13 Concat axis=1 : f[2,1,2] f[2,3,2] -> ?
13 Concat axis=-1 : l[2]{1,2} l[3]{3,4,5} -> ?
4 Concat axis=0 : f[1,2] f[3,2] -> ?
1 Concat : f[2,1] f[2,3] -> ? ## np.concatenate([a, b], 1)
9 ConstantOfShape : l[2]!{2,3} -> ?
9 ConstantOfShape value=t(l,-7) : l[1]!{3} -> ?
9 ConstantOfShape value=t(f,1.5) : l[0]!{} -> ?
9 ConstantOfShape value=t(b,1) : l[2]!{2,0} -> ?
20 ConstantOfShape value=t(f,-2.5) : l[2]!{1,3} -> ?
21 ConstantOfShape : l[1]!{4} -> ?
11 Conv pads=[1,1,1,1] : f[1,2,4,5] f[3,2,3,3]! f[3]! -> ?
11 Conv strides=[2,2] pads=[0,1,2,1] : f[2,2,5,4] f[3,2,3,3]! -> ?
11 Conv kernel_shape=[3,2] dilations=[2,1] group=2 auto_pad=SAME_UPPER strides=[1,3] : f[1,4,7,8] f[4,2,3,2]! f[4]! -> ?
11 Conv group=3 pads=[2,2,2,2] strides=[2,1] : f[1,3,5,4] f[3,1,5,5]! -> ?
11 Conv auto_pad=SAME_LOWER strides=[2,2] : f[1,1,5,5] f[2,1,4,4]! -> ?
11 Conv auto_pad=VALID : f[1,2,3,3] f[3,2,1,1]! f[3]! -> ?
11 Conv pads=[2,1] strides=[2] : f[2,3,7] f[2,3,4]! f[2]! -> ?
11 Conv pads=[1,1,1,1,0,1] strides=[1,2,1] : f[1,2,3,5,4] f[3,2,2,3,2]! f[3]! -> ?
22 Conv group=2 strides=[2,1] pads=[1,0,0,2] dilations=[1,2] : f[2,4,5,6] f[6,2,3,2]! f[6]! -> ?
11 ConvTranspose strides=[2,2] pads=[1,0,1,1] : f[1,2,3,3] f[2,2,3,3]! f[2]! -> ?
11 ConvTranspose auto_pad=SAME_UPPER strides=[2,3] : f[1,1,3,3] f[1,2,3,4]! -> ?
22 ConvTranspose group=2 strides=[2,3] pads=[1,1,0,0] output_padding=[1,0] : f[1,4,2,3] f[4,1,3,2]! f[2]! -> ?
7 Cos : f[2,3] -> ?
22 Cos : f[3] -> ?
9 Cosh : f[2,3] -> ?
22 Cosh : f[3] -> ?
14 CumSum : f[2,4] l[]!{1} -> ?
14 CumSum exclusive=1 : f[2,4] l[]!{0} -> ?
14 CumSum reverse=1 : i[2,3]{1,2,3,4,5,6} i[]!{-1} -> ?
13 DepthToSpace blocksize=2 : f[1,8,2,3] -> ?
13 DepthToSpace blocksize=2 mode=CRD : f[1,8,2,3] -> ?
13 DequantizeLinear : u[4]{0,3,128,255} f[]!{2} u[]!{128} -> ?
13 DequantizeLinear axis=0 : h[2,3]{0,3,-128,127,5,6} f[2]!{2,0.5} h[2]!{1,-2} -> ?
21 DequantizeLinear axis=-1 : h[2,3]{0,3,-128,127,5,6} f[3]!{2,0.5,1} -> ?
10 DequantizeLinear : i[3]{-100000,5,7} f[]!{0.001} -> ?
19 DequantizeLinear : u[3]{0,128,255} f[]!{0.5} u[]!{128} -> ?
21 DequantizeLinear block_size=2 : h[2,4]{1,-2,3,4,5,-6,127,-128} f[2,2]!{2,0.5,1,3} h[2,2]!{1,-2,0,3} -> ?
21 DequantizeLinear axis=0 block_size=2 : u[3,2]{1,2,3,4,5,255} f[2,2]!{2,0.5,1,3} -> ? ## a * np.repeat(b, 2, 0)[:3]
21 DequantizeLinear axis=-2 block_size=3 : u[1,5,2]{9,8,7,6,5,4,3,2,1,0} f[1,2,2]!{1,2,3,0.25} u[1,2,2]!{1,2,3,4} -> ? ## (a - np.repeat(c.astype(float), 3, 1)[:, :5]) * np.repeat(b, 3, 1)[:, :5]
14 Div : f[2,3] f[3] -> ?
14 Div : l[4]{7,-7,7,-7} l[4]{2,2,-2,-2} -> ?
13 Dropout : f[2,3] -> ?
13 Dropout : f[2,3] f[]!{0.4} -> ? ?
6 Dropout is_test=1 ratio=0.3 : f[2,3] -> ? ## a
22 Dropout : f[2,3] f[]!{0.4} -> ? ?
12 Einsum equation=bhid,bhjd->bhij : f[1,2,3,4] f[1,2,2,4] -> ?
12 Einsum equation=bhij,bhjd->bihd : f[1,2,3,2] f[1,2,2,3] -> ?
12 Einsum equation=bhwc,hkc->bhwk : f[1,2,3,2] f[2,3,2] -> ?
12 Einsum equation=...ij,...jk->...ik : f[2,1,2,2] f[3,2,2] -> ?
12 Einsum equation=ij,jk : f[2,3] f[3,2] -> ?
12 Einsum equation=bchw,bc->bchw : f[2,3,2,2] f[2,3] -> ?
12 Einsum equation=bij,bj->b : f[2,3,4] f[2,4] -> ?
12 Einsum equation=i,i : f[5] f[5] -> ?
12 Einsum equation=iij,jk->ik : f[3,3,2] f[2,4] -> ?
12 Einsum equation=...ii->...i : f[2,3,3] -> ?
12 Einsum equation=cab : f[2,3,2] -> ?
12 Einsum equation=ijk->j : f[2,3,2] -> ?
12 Einsum equation=bi,ij,bj->b : f[2,3] f[3,4] f[2,4] -> ?
12 Einsum equation=bi,oij,bj->bo : f[2,3] f[2,3,4] f[2,4] -> ?
12 Einsum equation=ij,jk,kl : f[2,3] f[3,4] f[4,2] -> ?
12 Einsum equation=...i,i,...i->... : f[2,2,3] f[3] f[2,3] -> ?
12 Einsum equation=iij,j,i->j : f[3,3,2] f[2] f[3] -> ?
12 Einsum equation=a,b,c->cab : f[2] f[3] f[2] -> ?
12 Einsum equation=ab,bc,cd,de->ae : f[2,3] f[3,2] f[2,4] f[4,3] -> ?
22 Einsum equation=bi,ij,bj->b : f[2,3] f[3,4] f[2,4] -> ?
6 Elu alpha=1.3 : f[2,4] -> ?
22 Elu alpha=0.7 : f[2,4] -> ?
13 Equal : l[2,2]{1,2,3,4} l[2]{1,4} -> ?
13 Equal : f[3]{1,2,3} f[3]{1,2.5,3} -> ?
13 Equal : b[2]{1,0} b[2]{1,1} -> ?
19 Equal : f[2,2]{1,2,3,4} f[2]{1,4} -> ?
13 Erf : f[2,4] -> ?
13 Exp : f[2,4] -> ?
13 Expand : f[3,1] l[3]!{2,1,4} -> ?
13 Expand : l[1,2]{5,6} l[2]!{3,2} -> ?
9 EyeLike k=1 : f[3,4] -> ?
22 EyeLike k=-1 dtype=7 : f[3,2] -> ?
13 Flatten : f[2,3,2] -> ?
13 Flatten axis=-1 : f[2,3,2] -> ?
9 Flatten axis=0 : f[2,3] -> ?
21 Flatten axis=2 : f[2,3,2,2] -> ?
13 Floor : f[5]{-1.5,-0.2,0,0.2,1.5} -> ?
13 Gather axis=1 : f[2,4,2] l[2,2]{3,0,-1,1} -> ?
13 Gather : l[4]{2,3,5,7} i[]{2} -> ?
11 Gather axis=-2 : f[2,3] l[1]{-1} -> ?
13 GatherElements axis=1 : f[2,3] l[2,2]{0,-1,2,2} -> ?
13 GatherND : f[2,3,4] l[2,2]{0,1,1,-1} -> ?
13 GatherND batch_dims=1 : f[2,3,2] l[2,1]{1,2} -> ?
13 GatherND : l[2,2]{1,2,3,4} l[2,2]{0,1,1,-1} -> ?
20 Gelu : f[2,4] -> ?
20 Gelu approximate=tanh : f[2,4] -> ?
13 Gemm : f[2,3] f[3,4] f[4] -> ?
13 Gemm transA=1 transB=1 alpha=0.5 beta=-1.5 : f[3,2] f[4,3] f[2,1] -> ?
11 Gemm transB=1 : f[1,5] f[3,5] -> ?
6 Gemm broadcast=1 : f[2,3] f[3,4] f[4] -> ? ## a @ b + c
13 GlobalAveragePool : f[2,3,3,4] -> ?
13 GlobalAveragePool : f[1,2,5] -> ?
22 GlobalAveragePool : f[2,3,2,5] -> ?
2 GlobalLpPool : f[2,3,3,4] -> ?
22 GlobalLpPool p=3 : f[1,2,5] -> ? ## (np.abs(a) ** 3).sum(2, keepdims=True) ** (1 / 3)
13 GlobalMaxPool : f[2,3,3,4] -> ?
22 GlobalMaxPool : f[1,2,4,3] -> ?
13 Greater : f[2,2]{1,2,3,4} f[1]{2} -> ?
16 GreaterOrEqual : l[3]{1,2,3} l[1]{2} -> ?
18 GroupNormalization num_groups=2 : f[2,4,3] f[2]! f[2]! -> ? ## ((a.reshape(2, 2, 6) - a.reshape(2, 2, 6).mean(2, keepdims=True)) / np.sqrt(a.reshape(2, 2, 6).var(2, keepdims=True) + 1e-5) * b[:, None] + c[:, None]).reshape(2, 4, 3)
21 GroupNormalization num_groups=2 epsilon=0.01 : f[2,4,3] f[4]! f[4]! -> ?
6 HardSigmoid : f[2,4] -> ?
6 HardSigmoid alpha=-0.6 beta=0.3 : f[2,4] -> ?
22 HardSigmoid alpha=0.3 : f[2,4] -> ?
14 HardSwish : f[7]{-4,-3,-1.5,0,1.5,3,4} -> ?
22 HardSwish : f[5]{-4,-1,0,2,5} -> ?
13 Hardmax : f[2,4]{1,3,3,2,5,5,0,5} -> ?
11 Hardmax axis=1 : f[2,2,2]{1,3,3,2,5,5,0,7} -> ?
14 Identity : l[2]{4,5} -> ?
19 Identity : f[2,2] -> ?
21 Identity : b[2]{1,0} -> ?
6 InstanceNormalization : f[2,3,2,3] f[3]! f[3]! -> ?
22 InstanceNormalization epsilon=0.1 : f[1,2,5] f[2]! f[2]! -> ?
20 IsInf : f[4]{nan,-inf,inf,-1} -> ?
10 IsInf detect_negative=0 : f[4]{nan,-inf,inf,-1} -> ?
10 IsInf detect_positive=0 : f[4]{nan,-inf,inf,-1} -> ?
20 IsNaN : f[4]{nan,0,inf,-1} -> ?
11 LpPool kernel_shape=[2,3] strides=[2,1] pads=[1,0,1,1] : f[1,2,5,6] -> ?
11 LpPool kernel_shape=[3] strides=[2] auto_pad=SAME_LOWER p=1 : f[1,2,8] -> ?
18 LpPool kernel_shape=[3,2] dilations=[1,2] strides=[2,2] p=3 : f[1,1,5,7] -> ?
22 LpPool kernel_shape=[2,2] p=1 : f[1,1,3,3] -> ?
22 LpPool kernel_shape=[3,3] strides=[2,2] dilations=[1,2] ceil_mode=1 : f[1,1,6,8] -> ?
13 LRN size=3 alpha=0.3 beta=0.6 bias=1.5 : f[1,5,2,3] -> ?
13 LRN size=4 alpha=0.5 : f[1,6,2,2] -> ? ## a / (1 + 0.125 * sum(np.pad(a * a, ((0, 0), (1, 2), (0, 0), (0, 0)))[:, k:k + 6] for k in range(4))) ** 0.75
17 LayerNormalization : f[2,3,5] f[5]! f[5]! -> ?
17 LayerNormalization axis=1 epsilon=0.1 : f[2,3,2] f[3,2]! -> ? _ ?
16 LeakyRelu alpha=0.2 : f[2,4] -> ?
6 LeakyRelu : f[2,4] -> ?
13 Less : l[2,2]{1,2,3,4} l[1]{3} -> ?
16 LessOrEqual : f[3]{1,2,3} f[1]{2} -> ?
13 Log : f[2,4]+ -> ?
13 LogSoftmax : f[2,5] -> ?
11 LogSoftmax axis=1 : f[2,2,3] -> ?
1 LpNormalization axis=1 : f[2,3,2] -> ?
22 LpNormalization p=1 : f[2,3] -> ?
13 MatMul : f[2,3] f[3,4] -> ?
13 MatMul : f[2,1,2,3] f[2,3,4] -> ?
13 MatMul : f[3] f[3,4] -> ?
13 MatMul : f[2,3] f[3] -> ?
13 MatMul : f[3] f[2,3,2] -> ?
13 MatMul : f[3] f[3] -> ?
13 MatMul : f[2,2,3] f[3] -> ?
13 Max : f[2,3] f[3] f[1] -> ?
13 Max : l[3]{1,5,3} l[1]{2} -> ?
13 Max : f[4]{nan,1,2,nan} f[4]{1,nan,3,0} -> ?
12 MaxPool kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] : f[1,2,5,6] -> ?
12 MaxPool kernel_shape=[2,3] strides=[2,2] ceil_mode=1 : f[1,2,7,6] -> ?
12 MaxPool kernel_shape=[3,3] strides=[3,3] pads=[1,1,1,1] ceil_mode=1 : f[1,1,6,4] -> ?
12 MaxPool kernel_shape=[2,2] strides=[3,3] ceil_mode=1 : f[1,1,5,6] -> ?
12 MaxPool kernel_shape=[3,2] dilations=[2,3] pads=[1,2,2,1] : f[1,1,7,8] -> ?
12 MaxPool kernel_shape=[3] strides=[3] auto_pad=SAME_UPPER : f[1,2,10] -> ?
12 MaxPool kernel_shape=[3] strides=[2] auto_pad=SAME_LOWER : f[1,2,9] -> ?
12 MaxPool kernel_shape=[2,2,2] strides=[1,2,1] : f[1,1,3,4,3] -> ?
1 MaxPool kernel_shape=[2,2] strides=[2,2] : f[1,1,4,4] -> ?
12 MaxPool kernel_shape=[3,2] strides=[2,2] pads=[1,0,1,1] : f[1,2,5,6] -> ? ?
12 MaxPool kernel_shape=[2,2] pads=[1,0,0,1] : h[1,1,3,3]{-128,-128,5,-7,-3,-128,-128,-128,9} -> ? ?
12 MaxPool kernel_shape=[2,2] strides=[2,2] : u[1,2,2,4]{0,255,7,0,128,127,0,0,1,2,3,4,5,6,7,8} -> ?
22 MaxPool kernel_shape=[2] dilations=[2] : u[1,1,6]{200,0,100,255,3,4} -> ?
12 MaxPool kernel_shape=[2,2] storage_order=1 : f[1,2,4,6] -> ? ?
22 MaxPool kernel_shape=[3,2] strides=[2,1] dilations=[1,2] pads=[1,0,0,1] ceil_mode=1 : f[1,2,6,5] -> ? ?
13 Mean : f[2,3] f[3] f[2,1] -> ?
13 Min : f[2,3] f[2,1] -> ?
13 Min : i[3]{1,5,3} i[1]{2} -> ?
18 Mish : f[2,4] -> ?
22 Mish : f[2,4] -> ?
10 Mod : l[4]{7,-7,7,-7} l[4]{3,3,-3,-3} -> ?
13 Mod fmod=1 : i[4]{7,-7,7,-7} i[4]{3,3,-3,-3} -> ?
13 Mod fmod=1 : f[4]{7.5,-7.5,7.5,-7.5} f[4]{3,3,-3,-3} -> ?
14 Mul : f[2,3,2,2] f[2,3,1,1] -> ?
14 Mul : l[3]{1,2,3} l[]{-4} -> ?
6 Mul broadcast=1 axis=0 : f[2,3] f[2] -> ? ## a * b[:, None]
13 Neg : f[4] -> ?
13 Neg : l[2]{4,-5} -> ?
13 NonZero : f[2,3]!{0,1,0,2,0,-3} -> ?
13 NonZero : b[3]!{1,0,1} -> ?
1 Not : b[3]{1,0,1} -> ?
11 OneHot : l[3]{0,2,-1} l[]!{3} f[2]!{-1,5} -> ?
11 OneHot axis=0 : l[2,2]{0,3,-3,1} l[1]!{3} l[2]!{0,1} -> ?
7 Or : b[2,2]{1,0,1,0} b[2]{1,0} -> ?
16 PRelu : f[2,3,2] f[3,1] -> ?
9 PRelu : f[2,3] f[1] -> ?
6 PRelu : f[2,3,4] f[3] -> ? ## np.where(a > 0, a, a * b[:, None])
13 Pad : f[2,3] l[4]!{0,1,2,-1} f[]!{0.5} -> ? ## np.pad(a[:, :-1], ((0, 2), (1, 0)), constant_values=0.5)
13 Pad mode=reflect : f[1,1,3,4] l[8]!{0,0,2,1,0,0,1,3} -> ?
13 Pad mode=edge : f[1,1,3,3] l[8]!{0,0,1,2,0,0,2,0} -> ?
18 Pad : l[2,2]{1,2,3,4} l[2]!{1,1} l[]!{9} l[1]!{-1} -> ?
19 Pad mode=wrap : f[2,3] l[4]!{1,2,0,1} -> ?
2 Pad pads=[0,1,0,2] value=1.25 : f[2,2] -> ?
1 Pad paddings=[0,1,0,2] : f[2,2] -> ? ## np.pad(a, ((0, 0), (1, 2)))
21 Pad mode=edge : f[1,2,3] l[2]!{2,-1} _ l[1]!{2} -> ? ## np.pad(a[:, :, :-1], ((0, 0), (0, 0), (2, 0)), mode="edge")
15 Pow : f[2,3]+ f[3] -> ?
15 Pow : f[2,3] f[]!{2} -> ?
15 Pow : f[2,3] l[]!{3} -> ?
15 Pow : f[2,3] i[2,1]{2,3} -> ?
15 Pow : l[2,3]{1,2,3,-4,5,6} f[3]{2,3.5,0.5} -> ?
15 Pow : i[3]{2,3,-2} l[1]{5} -> ?
15 Pow : l[3]{2,3,-2} l[3]{5,0,3} -> ?
13 QuantizeLinear : f[6]{0,2,3,1000,-254,-1000} f[]!{2} u[]!{128} -> ?
13 QuantizeLinear axis=1 : f[1,3,2] f[3]!{0.02,0.05,0.1} u[3]!{84,24,196} -> ?
10 QuantizeLinear : f[5]{0.5,1.5,2.5,-0.5,300} f[]!{1} h[]!{0} -> ?
21 QuantizeLinear : f[5]{0.5,1.5,2.5,-0.5,300} f[]!{1} h[]!{-3} -> ?
19 QuantizeLinear saturate=0 : f[4]{0.5,1.5,-3,300} f[]!{1} u[]!{2} -> ?
21 QuantizeLinear block_size=2 : f[2,4]{1,-2,3,4,300,-6,0.5,1.5} f[2,2]!{2,0.5,1,3} h[2,2]!{1,-2,0,3} -> ?
21 QuantizeLinear axis=0 block_size=2 : f[4,2]{1,2,3,4,5,255,700,-3} f[2,2]!{2,0.5,1,3} -> ?
21 QuantizeLinear axis=1 block_size=3 : f[1,4,1]{1,2,3,4} f[1,2,1]!{0.5,0.25} u[1,2,1]!{3,4} -> ? ## np.array([[[5], [7], [9], [20]]], dtype=np.uint8)
11 Range : l[]!{3} l[]!{20} l[]!{4} -> ?
11 Range : f[]!{1} f[]!{-1} f[]!{-0.3} -> ?
11 Range : i[]!{3} i[]!{3} i[]!{1} -> ?
13 Reciprocal : f[4]+ -> ?
13 ReduceL1 axes=[1] : f[2,3,2] -> ?
18 ReduceL1 keepdims=0 : l[2,3]{-1,2,3,4,-5,6} l[1]!{1} -> ?
18 ReduceL2 keepdims=0 : f[2,3,2] l[2]!{0,-1} -> ?
18 ReduceLogSum : f[2,3,2]+ l[1]!{1} -> ?
18 ReduceLogSumExp : f[2,2]{1000,1001,-1000,-999} l[1]!{1} -> ? ## np.array([[1001 + np.log1p(np.exp(-1.))], [-999 + np.log1p(np.exp(-1.))]])
11 ReduceLogSumExp keepdims=0 : f[2,3,2] -> ?
13 ReduceMax axes=[1] : f[2,3,2] -> ?
18 ReduceMax keepdims=0 : f[2,3,2] l[2]!{0,-1} -> ?
13 ReduceMax axes=[0] : l[3,2]{1,9,4,2,3,3} -> ?
20 ReduceMax keepdims=0 : b[2,3]{1,0,0,0,0,0} l[1]!{1} -> ?
13 ReduceMean axes=[2,3] keepdims=0 : f[2,3,2,2] -> ?
18 ReduceMean : f[2,3,2] l[1]!{-2} -> ?
18 ReduceMean : f[2,3] -> ?
18 ReduceMean noop_with_empty_axes=1 : f[2,3] -> ?
13 ReduceMin axes=[1] : f[2,3,2] -> ?
18 ReduceMin : i[2,3]{-1,2,3,4,-5,6} l[1]!{1} -> ?
20 ReduceMin : f[2,3] l[1]!{0} -> ?
20 ReduceMin : b[2,2]{1,0,1,1} l[1]!{1} -> ?
13 ReduceProd axes=[1] : f[2,3,2] -> ?
18 ReduceProd keepdims=0 : l[3]{2,3,4} -> ?
13 ReduceSum : f[2,3] l[1]!{0} -> ?
13 ReduceSum keepdims=0 : l[2,2]{1,2,3,4} l[1]!{1} -> ?
11 ReduceSum axes=[0,2] keepdims=0 : f[2,3,2] -> ?
13 ReduceSumSquare axes=[-1] : f[2,3,2] -> ?
18 ReduceSumSquare : i[2,3]{-1,2,3,4,-5,6} l[1]!{1} -> ?
14 Relu : f[4]{-1,-0,0,2} -> ?
13 Relu : f[3]{nan,-1,1} -> ?
14 Reshape : f[2,3,4] l[3]!{4,0,-1} -> ?
14 Reshape allowzero=1 : f[0,3] l[2]!{3,0} -> ?
13 Reshape : l[1]{3} l[0]!{} -> ?
5 Reshape : f[2,3] l[1]!{-1} -> ?
19 Reshape : f[2,3,2] l[2]!{0,-1} -> ?
21 Reshape : f[2,3,2] l[3]!{-1,0,1} -> ?
10 Resize : f[1,1,3,4] f[4]!{1,1,2,1.5} -> ?
13 Resize mode=linear : f[1,1,2,3] _ f[4]!{1,1,2,2} -> ?
18 Resize mode=cubic axes=[2,3] : f[1,1,4,3] _ _ l[2]!{3,5} -> ?
19 Resize mode=linear coordinate_transformation_mode=half_pixel_symmetric : f[1,1,2,4] _ f[4]!{1,1,2.3,1.5} -> ?
18 Resize mode=linear axes=[2,3] keep_aspect_ratio_policy=not_larger : f[1,1,4,6] _ _ l[2]!{8,6} -> ?
18 Resize axes=[2,3] keep_aspect_ratio_policy=not_smaller : f[1,1,4,6] _ _ l[2]!{8,6} -> ?
18 Resize mode=linear antialias=1 axes=[2,3] : f[1,1,7,9] _ _ l[2]!{3,4} -> ?
18 Resize mode=cubic antialias=1 : f[1,1,8,8] _ f[4]!{1,1,0.6,0.5} -> ?
19 Resize mode=linear antialias=1 exclude_outside=1 : f[1,2,7,5] _ f[4]!{1,1,0.4,2.0} -> ?
19 Resize mode=cubic antialias=1 cubic_coeff_a=-0.5 exclude_outside=1 axes=[3,2] : f[1,1,6,7] _ _ l[2]!{3,4} -> ?
18 Resize axes=[-1] : f[1,1,2,6] _ _ l[1]!{4} -> ?
19 Resize mode=cubic coordinate_transformation_mode=half_pixel_symmetric axes=[2,3] : f[1,1,5,4] _ f[2]!{0.7,1.3} -> ?
11 Round : f[7]{-1.5,-0.5,0.5,1.5,2.5,0.4,-0.6} -> ?
22 Round : f[5]{-2.5,-0.5,0.5,1.5,0.6} -> ?
9 Scatter axis=1 : f[2,5] l[2,2]{1,3,0,-1} f[2,2] -> ?
18 ScatterElements axis=1 : f[2,5] l[2,2]{1,3,0,-1} f[2,2] -> ?
18 ScatterElements reduction=max : f[4]! l[3]{1,3,1} f[3]! -> ?
18 ScatterND : f[4,2] l[2,1]{2,-4} f[2,2] -> ?
16 ScatterND reduction=add : i[3]{1,2,3} l[3,1]{2,0,2} i[3]{10,20,30} -> ?
18 ScatterND reduction=min : f[2,2]! l[1,1]{1} f[1,2]! -> ?
6 Selu : f[2,4] -> ?
6 Selu alpha=1.2 gamma=0.9 : f[2,4] -> ?
22 Selu : f[2,4] -> ?
15 Shape : f[2,3,4] -> ?
15 Shape start=1 : f[2,3,4] -> ?
15 Shape start=-2 end=-1 : f[2,3,4] -> ?
15 Shape start=2 end=1 : f[2,3,4] -> ?
19 Shape start=-1 : f[2,3] -> ?
21 Shape end=1 : l[2]{5,6} -> ?
9 Shrink : f[5]{-2,-0.5,0,0.5,2} -> ?
9 Shrink lambd=1.0 bias=0.25 : f[2,4] -> ?
13 Sigmoid : f[6]{-100,-2,0,1,3,100} -> ?
13 Sign : f[5]{-3,-0,0,0.1,nan} -> ? ## np.sign(a)
13 Sign : l[3]{-7,0,9} -> ?
7 Sin : f[2,3] -> ?
22 Sin : f[3] -> ?
22 Sinh : f[2,3] -> ?
13 Size : f[2,3,4] -> ?
19 Size : f[2,3] -> ?
21 Size : f[2,0] -> ?
13 Slice : f[3,5] l[2]!{0,1} l[2]!{2,4} -> ?
13 Slice : f[3,5] l[2]!{-1,4} l[2]!{-9223372036854775807,0} l[2]!{0,1} l[2]!{-1,-2} -> ?
13 Slice : l[5]{1,2,3,4,5} l[1]!{1} l[1]!{9223372036854775807} l[1]!{0} l[1]!{3} -> ?
13 Slice : f[3,5] l[1]!{4} l[1]!{2} l[1]!{1} -> ?
9 Slice starts=[1,-3] ends=[9,-1] axes=[0,2] : f[2,2,4] -> ?
13 Softmax : f[2,5] -> ?
13 Softmax axis=1 : f[2,3,2] -> ?
11 Softmax axis=1 : f[2,3,2] -> ?
11 Softmax axis=0 : f[2,3] -> ?
13 Softmax : f[3]{1000,999,-1000} -> ?
1 Softplus : f[4]{-50,-1,1,50} -> ?
22 Softplus : f[2,4] -> ?
1 Softsign : f[2,4] -> ?
22 Softsign : f[2,4] -> ?
13 SpaceToDepth blocksize=2 : f[1,2,4,6] -> ?
18 Split axis=1 num_outputs=3 : f[2,7] -> ? ? ?
13 Split axis=-1 : f[2,4] l[2]!{1,3} -> ? ?
11 Split axis=0 split=[1,2] : l[3]{4,5,6} -> ? ?
2 Split : f[4,2] -> ? ?
13 Sqrt : f[4]+ -> ?
13 Squeeze : f[1,3,1,2] l[1]!{-2} -> ?
13 Squeeze : f[1,3,1,2] -> ?
11 Squeeze axes=[0] : f[1,3,1] -> ?
21 Squeeze : f[2,1,3,1] l[2]!{1,-1} -> ?
14 Sub : f[2,3] f[2,1] -> ?
14 Sub : l[3]{1,2,3} l[3]{3,2,1} -> ?
13 Sum : f[2,3] f[3] f[2,1] -> ?
7 Tan : f[2,3] -> ?
22 Tan : f[3] -> ?
13 Tanh : f[4] -> ?
10 ThresholdedRelu alpha=0.5 : f[6]{-1,0,0.5,0.6,2,0.4} -> ?
22 ThresholdedRelu : f[4]{-1,0.5,1,1.5} -> ?
13 Tile : f[2,3] l[2]!{2,3} -> ?
13 Tile : l[3]{1,2,3} l[1]!{2} -> ?
11 TopK axis=1 : f[2,5] l[1]!{3} -> ? ?
11 TopK axis=0 largest=0 : f[3,2]{1,5,1,2,0,2} l[1]!{2} -> ? ?
13 Transpose perm=[0,2,3,1] : f[1,2,2,3] -> ?
13 Transpose : l[2,3]{1,2,3,4,5,6} -> ?
21 Transpose perm=[2,0,1] : f[2,3,2] -> ?
14 Trilu : f[2,3,4] -> ?
14 Trilu upper=0 : l[3,3]{1,2,3,4,5,6,7,8,9} l[]!{1} -> ?
14 Trilu : f[3,3] l[]!{-9} -> ?
13 Unsqueeze : f[3,2] l[2]!{-1,1} -> ?
11 Unsqueeze axes=[0,2] : f[3] -> ?
21 Unsqueeze : f[3,2] l[2]!{0,-1} -> ?
9 Upsample : f[1,1,2,2] f[4]!{1,1,2,3} -> ?
7 Upsample mode=nearest scales=[1.0,1.0,2.0,3.0] : f[1,1,2,2] -> ? ## a.repeat(2, 2).repeat(3, 3)
16 Where : b[2,1]{1,0} f[2,3] f[3] -> ?
9 Where : b[3]{1,0,1} l[3]{1,2,3} l[1]{-1} -> ?
7 Xor : b[2,2]{1,0,1,0} b[2]{1,0} -> ?
"""


def missing_versions(lines):
    """Definitions of our operators that are newer than opset 17 and have no line."""
    opsets = {}
    for line in lines:
        opset, name = line.split()[:2]
        opsets.setdefault(name, set()).add(int(opset))
    known = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain == "" and schema.since_version <= 22:
            known.setdefault(schema.name, set()).add(schema.since_version)
    for name, since in sorted(known.items()):
        used = {max(v for v in since if v <= opset) for opset in opsets.get(name, ())
                if opset >= min(since)}
        for version in sorted(since - used):
            if name in opsets and version > 17:
                yield "%s %d" % (name, version)


def main():
    missing = list(missing_versions(LINES.strip().splitlines()))
    if missing:
        raise SystemExit("no line for " + ", ".join(missing))
    print("# Made by make_cases.py with onnx %s and onnxruntime %s: do not edit."
          % (onnx.__version__, onnxruntime.__version__))
    for line in LINES.strip().splitlines():
        print(case(line, np.random.default_rng(zlib.crc32(line.encode()))))


main()
