#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes cases/: what a single operator's line in tests/ops/cases.txt cannot say, of opsets 18 to 22. Each is a model
with the outputs of onnx's ReferenceEvaluator, laid out as ONNX's own backend tests are.

    pip install onnx && python3 make_cases.py"""
import pathlib
import shutil

import numpy as np
from onnx import AttributeProto, TensorProto, helper, numpy_helper
from onnx.inliner import inline_local_functions
from onnx.reference import ReferenceEvaluator

CASES = pathlib.Path(__file__).parent / "cases"
DOMAIN = "local"


def node(op, inputs, outputs, domain="", **attrs):
    return helper.make_node(op, inputs.split(), outputs.split(), domain=domain, **attrs)


def referring(made, **refs):
    """Attributes of MADE that are the call's: name=(kind, name of the call's)."""
    for name, (kind, ref) in refs.items():
        attr = made.attribute.add()
        attr.name, attr.type, attr.ref_attr_name = name, kind, ref
    return made


def function(name, inputs, outputs, nodes, opset, attributes=(), defaults=()):
    return helper.make_function(DOMAIN, name, inputs.split(), outputs.split(), nodes,
                                [helper.make_opsetid("", opset), helper.make_opsetid(DOMAIN, 1)],
                                list(attributes), list(defaults))


def branch(*nodes):
    return helper.make_graph(list(nodes), "branch", [],
                             [helper.make_tensor_value_info("r", TensorProto.FLOAT, None)])


def save(name, nodes, opset, functions=(), shape=(2, 3, 4, 4)):
    """X of SHAPE to Y."""
    x = np.random.default_rng(len(name)).normal(size=shape).astype(np.float32)
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    model = helper.make_model(graph, functions=list(functions), ir_version=9, opset_imports=[
        helper.make_opsetid("", opset), helper.make_opsetid(DOMAIN, 1)])
    # onnx's evaluator alone does not hand attributes on
    (y,) = ReferenceEvaluator(inline_local_functions(model, True)).run(None, {"x": x})
    data = CASES / name / "test_data_set_0"
    data.mkdir(parents=True)
    (CASES / name / "model.onnx").write_bytes(model.SerializeToString())
    (data / "input_0.pb").write_bytes(numpy_helper.from_array(x, "x").SerializeToString())
    (data / "output_0.pb").write_bytes(numpy_helper.from_array(y, "y").SerializeToString())


def scaled(opset):
    """x * scale, made of length 1 along the axis that the call gives, the last by default."""
    return function("Scaled", "x scale", "y", [
        node("Mul", "x scale", "t"),
        referring(node("LpNormalization", "t", "y"), axis=(AttributeProto.INT, "along"))],
        opset, defaults=[helper.make_attribute("along", -1)])


def make_functions():
    call = node("Scaled", "x s", "y", DOMAIN, along=1)
    half = node("Constant", "", "s", value_float=0.5)
    save("function_attribute", [half, call], 18, [scaled(18)])
    save("function_default", [half, node("Scaled", "x s", "y", DOMAIN)], 21, [scaled(21)])
    # as opset 12 wrote them: axes are an attribute
    mean = function("Mean", "x", "y", [node("ReduceSum", "x", "t", axes=[2, 3], keepdims=1),
                                       node("Constant", "", "n", value_float=1 / 16),
                                       node("Mul", "t n", "y")], 12)
    save("function_older_opset", [node("Mean", "x", "y", DOMAIN)], 18, [mean])
    twice = function("Twice", "x", "y", [
        node("Constant", "", "s", value=numpy_helper.from_array(np.float32([[[3]], [[2]], [[1]]]))),
        node("Scaled", "x s", "t", DOMAIN), node("Scaled", "t s", "y", DOMAIN, along=2)], 18)
    save("function_nested", [node("Twice", "x", "t", DOMAIN), node("Twice", "t", "y", DOMAIN)], 18,
         [twice, scaled(18)])
    chosen = function("Chosen", "x", "y", [
        node("Constant", "", "c", value=numpy_helper.from_array(np.array(False))),
        node("If", "c", "y", then_branch=branch(node("Neg", "x", "r")),
             else_branch=branch(node("Constant", "", "s", value_float=2.0),
                                node("Scaled", "x s", "r", DOMAIN)))], 19)
    save("function_branch", [node("Chosen", "x", "y", DOMAIN)], 19, [chosen, scaled(19)])


def make_graph_operators():
    for opset in 19, 21:
        true = numpy_helper.from_array(np.array(True))
        save("if_%d" % opset, [
            node("Constant", "", "c", value=true),
            node("If", "c", "y", then_branch=branch(node("Relu", "x", "r")),
                 else_branch=branch(node("Neg", "x", "r")))], opset)
        save("constant_%d" % opset, [node("Constant", "", "s", value_floats=[1.0, -2.0, 3.0, 0.5]),
                                     node("Mul", "x s", "y")], opset)


shutil.rmtree(CASES, ignore_errors=True)
make_functions()
make_graph_operators()
