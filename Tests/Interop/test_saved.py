"""Models that ONNX Runtime and its tools changed and saved, counted as before or by the shapes that it runs."""
import json
import pathlib
import tempfile
import unittest

import numpy
import onnx
import onnxruntime
from onnx import helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16

from product import estimate, onepath

LEVELS = onnxruntime.GraphOptimizationLevel


def with_constant_nodes(model):
    """The weights as nodes, as paddle2onnx writes them."""
    nodes = [helper.make_node("Constant", [], [tensor.name], value=tensor) for tensor in model.graph.initializer]
    nodes += model.graph.node
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def saved(path, level, target):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return target


def counted(path, image):
    """Multiply-accumulates of convolutions and products, by the shapes of what they write."""
    model = onnx.load(path)
    shapes = {tensor.name: tensor.dims for tensor in model.graph.initializer}
    layers = [node for node in model.graph.node if node.op_type in ("Conv", "FusedConv", "Gemm", "FusedGemm", "MatMul")]
    known = {output.name for output in model.graph.output}
    names = [node.output[0] for node in layers]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in known)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = LEVELS.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    total = 0
    for node, value in zip(layers, session.run(names, {session.get_inputs()[0].name: image})):
        weights = shapes[node.input[1]]
        # Each value is a sum over all sides of the weights but that of the outputs.
        depth = weights[1:] if "Conv" in node.op_type else [numpy.prod(weights) // value.shape[-1]]
        total += value.size * int(numpy.prod(depth))
    return total


class Saved(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.directory = pathlib.Path(cls.temporary.name)
        cls.path = cls.directory / "model.onnx"
        onepath(
            "export", "--architecture", "mobilenet-v3-small", "--untrained", "--format", "onnx", "--output", cls.path)
        cls.macs, cls.parameters = estimate(cls.path)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def answer(self, path):
        return json.loads(onepath("estimate", "--onnx", path, "--device", "pixel1", "--json", "--strict"))

    def test_optimised(self):
        for level in (LEVELS.ORT_ENABLE_BASIC, LEVELS.ORT_ENABLE_EXTENDED):
            path = saved(self.path, level, self.directory / "optimised.onnx")
            self.assertEqual(estimate(path)[0], self.macs)

    def test_blocks(self):
        path = saved(self.path, LEVELS.ORT_ENABLE_ALL, self.directory / "blocks.onnx")
        kinds = {node.domain for node in onnx.load(path).graph.node}
        if "com.microsoft.nchwc" not in kinds:
            self.skipTest("this processor has no blocks of channels")
        answer = self.answer(path)
        self.assertEqual(answer["macs"], counted(path, numpy.zeros((1, 3, 224, 224), numpy.float32)))
        self.assertTrue(any("in blocks" in sentence for sentence in answer["assumptions"]))

    def test_float16(self):
        for constants in (False, True):
            model = onnx.load(self.path)
            half = convert_float_to_float16(with_constant_nodes(model) if constants else model, keep_io_types=True)
            path = self.directory / "half.onnx"
            onnx.save(half, path)
            answer = self.answer(path)
            self.assertEqual(answer["macs"], self.macs)
            self.assertEqual(answer["weight_bytes"] * 2, self.answer(self.path)["weight_bytes"])

    def test_dynamic(self):
        path, target = self.directory / "plain.onnx", self.directory / "dynamic.onnx"
        for constants in (False, True):
            model = onnx.load(self.path)
            if constants:
                # The tool asks for the weights of a convolution with a bias as initializers.
                for node in model.graph.node:
                    if node.op_type == "Conv":
                        del node.input[2:]
                model = with_constant_nodes(model)
            onnx.save(model, path)
            quantize_dynamic(path, target, weight_type=QuantType.QUInt8)
            self.assertEqual(estimate(target), estimate(path))


if __name__ == "__main__":
    unittest.main()
