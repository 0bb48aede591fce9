"""Exported networks in ncnn, through pnnx, its own converter, and priced by what pnnx writes."""
import json
import pathlib
import subprocess
import tempfile
import unittest

import ncnn
import numpy
import onnxruntime
import pnnx

from product import channels_first, fashion_mnist, logits, onepath, short_search

TOLERANCE = 1e-4
# The command pnnx of the package is this program, begun by Python.
CONVERTER = pathlib.Path(pnnx.__file__).with_name("pnnx")
REFERENCES = [
    "mobilenet-v1", "mobilenet-v2", "mobilenet-v3-large", "mobilenet-v3-small", "mobilenet-v3-small-minimalistic",
    "mnasnet-a1", "efficientnet-b0", "efficientnet-lite0", "single-path-nas", "proxylessnas-mobile",
]


def converted(model, shape):
    """The two files that pnnx makes of an ONNX model for images of a shape: the graph and the weights in float32."""
    text = ",".join(map(str, shape))
    outcome = subprocess.run(
        [CONVERTER, model.name, f"inputshape=[1,{text}]", "fp16=0"], cwd=model.parent, capture_output=True, text=True)
    if outcome.returncode != 0:
        raise AssertionError(f"pnnx {model}: {outcome.stdout}{outcome.stderr}")
    return model.with_suffix(".ncnn.param"), model.with_suffix(".ncnn.bin")


def run(files, images):
    """What ncnn says of images, [count, channels, height, width], one at a time and in float32 throughout."""
    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    graph, weights = files
    if net.load_param(str(graph)) != 0 or net.load_model(str(weights)) != 0:
        raise AssertionError(f"ncnn cannot load {graph}")
    answers = []
    for image in images:
        extractor = net.create_extractor()
        values = numpy.ascontiguousarray(image)
        extractor.input("in0", ncnn.Mat(values))
        status, answer = extractor.extract("out0")
        if status != 0:
            raise AssertionError(f"ncnn cannot run {graph}: {status}")
        answers.append(numpy.array(answer))
    return numpy.array(answers)


def counted(network, *options):
    """The multiply-accumulates that the program counts in a network."""
    kind = "--onnx" if str(network).endswith(".onnx") else "--architecture"
    return json.loads(onepath("estimate", kind, network, "--device", "pixel4", "--json", *options))["macs"]


def in_onnxruntime(model, images):
    return onnxruntime.InferenceSession(model).run(None, {"image": images})[0]


class NcnnTests(unittest.TestCase):
    def compare(self, found, expected):
        self.assertEqual(found.shape, expected.shape)
        size = numpy.abs(expected).max()
        self.assertGreater(size, 0)
        # Not one answer for every image.
        self.assertGreater(numpy.ptp(expected, axis=0).max(), 100 * TOLERANCE * size)
        self.assertLess(numpy.abs(found - expected).max() / size, TOLERANCE)


class SearchedNetwork(NcnnTests):
    """The network that a short search on real images finds, with the weights that it inherits."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.directory = pathlib.Path(cls.temporary.name)
        cls.use(short_search(cls.directory))

    @classmethod
    def use(cls, run, count=100):
        cls.network = ["--architecture", run / "architecture.json", "--weights", run / "weights.safetensors"]
        cls.images = fashion_mnist(run / "weights.safetensors", count)
        cls.logits = logits(run / "architecture.json", run / "weights.safetensors", cls.images, cls.directory)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def export(self, name, *options):
        path = self.directory / f"{name}.onnx"
        onepath("export", *self.network, "--format", "onnx", "--output", path, *options)
        return path, converted(path, [1, 28, 28])

    def test_logits(self):
        for name, options in ("plain", []), ("folded", ["--fold"]):
            with self.subTest(options=options):
                model, files = self.export(name, *options)
                found = run(files, channels_first(self.images))
                self.compare(found, self.logits)
                self.compare(found, in_onnxruntime(model, channels_first(self.images)))
                self.assertTrue((found.argmax(1) == self.logits.argmax(1)).all())

    def test_probabilities(self):
        model, files = self.export("probabilities", "--fold", "--probabilities")
        found = run(files, channels_first(self.images))
        self.compare(found, in_onnxruntime(model, channels_first(self.images)))
        self.assertLess(numpy.abs(found.sum(1) - 1).max(), 1e-5)


class ReferenceNetworks(NcnnTests):
    """Networks with every activation and with squeeze-excite."""

    def test_logits_and_counts(self):
        images = numpy.random.default_rng(2).normal(size=(2, 3, 224, 224)).astype(numpy.float32)
        for name in REFERENCES:
            with self.subTest(network=name), tempfile.TemporaryDirectory() as directory:
                model = pathlib.Path(directory) / "network.onnx"
                onepath(
                    "export", "--architecture", name, "--untrained", "--format", "onnx", "--fold", "--output", model)
                files = converted(model, [3, 224, 224])
                self.compare(run(files, images), in_onnxruntime(model, images))
                self.assertEqual(counted(files[0], "--input", "1x3x224x224"), counted(name))


class PlannedNetworks(unittest.TestCase):
    """Networks that `onepath device plan` writes for benchncnn, which runs them without weights."""

    def test_answers(self):
        with tempfile.TemporaryDirectory() as directory:
            plan = pathlib.Path(directory) / "plan"
            onepath("device", "plan", "--device", "khadas-vim3-ncnn", "--count", 6, "--output", plan)
            graphs = sorted(plan.glob("*.param"))
            values = numpy.full((3, 224, 224), 0.01, numpy.float32)
            self.assertGreater(len(graphs), 2)
            for graph in graphs:
                with self.subTest(network=graph.stem):
                    net = ncnn.Net()
                    self.assertEqual(net.load_param(str(graph)), 0)
                    self.assertEqual(net.load_model(ncnn.DataReaderFromEmpty()), 0)
                    extractor = net.create_extractor()
                    extractor.input("input", ncnn.Mat(values))
                    status, answer = extractor.extract("output")
                    self.assertEqual((status, numpy.array(answer).shape), (0, (1000,)))
                    self.assertEqual(counted(graph), counted(graph.with_suffix(".onnx")))


if __name__ == "__main__":
    unittest.main()
