"""Exported networks in onnx, onnxruntime and timm."""
import importlib.util
import pathlib
import tempfile
import unittest

import numpy
import onnx
import onnxruntime
import timm
import torch
from safetensors.torch import load_file, save_file

from product import ROOT, channels_first, fashion_mnist, logits, onepath, short_search

TOLERANCE = 1e-4
REFERENCE = "single-path-nas"


def built(path):
    """The exported Python file as a module."""
    specification = importlib.util.spec_from_file_location("network", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def parameters(model):
    return sum(tensor.numel() for tensor in model.parameters())


def as_if_trained(name, gain=1.0):
    """A network of timm with random weights, whose values have the sizes of a trained one's; in evaluation mode.

    A larger gain of the normalisations makes many values exceed 6.
    """
    torch.manual_seed(1)
    model = timm.create_model(name)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5 * gain, 1.5 * gain)
            torch.nn.init.normal_(module.bias, std=0.2)
            module.momentum = None
        elif isinstance(module, torch.nn.Conv2d) and module.bias is not None:
            torch.nn.init.normal_(module.bias, std=0.2)
    torch.nn.init.normal_(model.classifier.weight, std=0.05)
    # Running statistics of real passes.
    with torch.no_grad():
        model.train()(torch.randn(8, 3, 224, 224))
    return model.eval()


class SearchedNetwork(unittest.TestCase):
    """The network that a short search on real images finds, with the weights that it inherits."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.directory = pathlib.Path(cls.temporary.name)
        run = short_search(cls.directory)
        cls.architecture, cls.weights = run / "architecture.json", run / "weights.safetensors"
        cls.images = fashion_mnist(cls.weights)
        cls.logits = logits(cls.architecture, cls.weights, cls.images, cls.directory)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def compare(self, found):
        self.assertEqual(found.shape, (1000, 10))
        self.assertGreater(numpy.abs(self.logits).max(), 0.5)
        self.assertGreater(len(numpy.unique(self.logits.argmax(1))), 2)
        self.assertLess(numpy.abs(found - self.logits).max(), TOLERANCE)
        self.assertTrue((found.argmax(1) == self.logits.argmax(1)).all())

    def test_onnx(self):
        for options in [], ["--fold"]:
            with self.subTest(options=options):
                path = self.directory / "network.onnx"
                onepath(
                    "export", "--architecture", self.architecture, "--weights", self.weights, "--format", "onnx",
                    "--output", path, *options)
                model = onnx.load(path)
                onnx.checker.check_model(model, full_check=True)
                self.assertEqual([entry.version for entry in model.opset_import], [17])
                normalizations = sum(node.op_type == "BatchNormalization" for node in model.graph.node)
                self.assertEqual(normalizations == 0, options == ["--fold"])
                inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
                names = {value.name for value in inferred.graph.value_info} | {"logits"}
                self.assertTrue(all(node.output[0] in names for node in inferred.graph.node))
                session = onnxruntime.InferenceSession(path)
                self.assertEqual(session.get_inputs()[0].shape, ["batch", 1, 28, 28])
                self.compare(session.run(["logits"], {"image": channels_first(self.images)})[0])

    def test_timm(self):
        onepath("export", "--architecture", self.architecture, "--format", "timm", "--output", self.directory / "a.py")
        onepath(
            "export", "--architecture", self.architecture, "--weights", self.weights, "--format", "safetensors",
            "--output", self.directory / "timm.safetensors")
        model = built(self.directory / "a.py").load(self.directory / "timm.safetensors")
        with torch.no_grad():
            self.compare(model(torch.from_numpy(channels_first(self.images))).numpy())


class PublishedNetwork(unittest.TestCase):
    """The network of the paper, which timm has too."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.images = numpy.random.default_rng(1).normal(size=(8, 224, 224, 3)).astype(numpy.float32)

    def compare(self, found, expected):
        self.assertGreater(numpy.abs(expected).max(), 0.05)
        self.assertLess(numpy.abs(found - expected).max(), TOLERANCE)
        self.assertTrue((found.argmax(1) == expected.argmax(1)).all())

    def test_built_by_timm(self):
        onepath("export", "--architecture", REFERENCE, "--format", "timm", "--output", self.directory / "a.py")
        model = built(self.directory / "a.py").build()
        own = timm.create_model("spnasnet_100")
        self.assertEqual(parameters(model), 4_421_616)
        self.assertEqual(parameters(own), 4_421_616)
        shapes = {name: tensor.shape for name, tensor in own.state_dict().items()}
        self.assertEqual({name: tensor.shape for name, tensor in model.state_dict().items()}, shapes)

    def test_weights_of_timm(self):
        model = as_if_trained("spnasnet_100")
        save_file(model.state_dict(), self.directory / "timm.safetensors")
        found = logits(REFERENCE, self.directory / "timm.safetensors", self.images, self.directory)
        with torch.no_grad():
            self.compare(found, model(torch.from_numpy(channels_first(self.images))).numpy())
        # And through ONNX.
        onepath(
            "export", "--architecture", REFERENCE, "--weights", self.directory / "timm.safetensors", "--format", "onnx",
            "--output", self.directory / "n.onnx", "--fold")
        onnx.checker.check_model(str(self.directory / "n.onnx"), full_check=True)
        session = onnxruntime.InferenceSession(self.directory / "n.onnx")
        self.compare(session.run(None, {"image": channels_first(self.images)})[0], found)

    def test_untrained(self):
        for format, name in ("onnx", "n.onnx"), ("safetensors", "w.safetensors"):
            onepath(
                "export", "--architecture", REFERENCE, "--untrained", "--format", format, "--output", self.directory / name)
        found = logits(REFERENCE, self.directory / "w.safetensors", self.images, self.directory)
        session = onnxruntime.InferenceSession(self.directory / "n.onnx")
        result = session.run(None, {"image": channels_first(self.images)})[0]
        self.assertLess(numpy.abs(result - found).max(), TOLERANCE * max(1, numpy.abs(found).max()))


class WeightsOfTimm(unittest.TestCase):
    """Weights of the networks that timm has too, read by their names in timm and exported."""

    NETWORKS = {
        "mobilenet-v1": "mobilenetv1_100", "mobilenet-v2": "mobilenetv2_100",
        "mobilenet-v3-large": "mobilenetv3_large_100", "mobilenet-v3-small": "mobilenetv3_small_100",
        "mnasnet-a1": "semnasnet_100", "efficientnet-b0": "efficientnet_b0",
        "efficientnet-lite0": "efficientnet_lite0", "single-path-nas": "spnasnet_100",
    }

    def check(self, name, model, through_the_engine=False):
        images = numpy.random.default_rng(3).normal(size=(8, 224, 224, 3)).astype(numpy.float32)
        with tempfile.TemporaryDirectory() as directory, torch.no_grad():
            directory = pathlib.Path(directory)
            save_file(model.state_dict(), directory / "timm.safetensors")
            expected = model(torch.from_numpy(channels_first(images))).numpy()
            self.assertGreater(len(numpy.unique(expected.argmax(1))), 1)
            found = []
            for options in [], ["--fold"]:
                onepath(
                    "export", "--architecture", name, "--weights", directory / "timm.safetensors", "--format", "onnx",
                    "--output", directory / "n.onnx", *options)
                session = onnxruntime.InferenceSession(directory / "n.onnx")
                found.append(session.run(None, {"image": channels_first(images)})[0])
            if through_the_engine:
                found.append(logits(name, directory / "timm.safetensors", images, directory))
            for result in found:
                self.assertLess(numpy.abs(result - expected).max(), TOLERANCE * max(1, numpy.abs(expected).max()))
                self.assertTrue((result.argmax(1) == expected.argmax(1)).all())
            # And back: what the program writes in timm's names, timm loads.
            onepath(
                "export", "--architecture", name, "--weights", directory / "timm.safetensors", "--format", "safetensors",
                "--output", directory / "back.safetensors")
            again = timm.create_model(self.NETWORKS[name], bn_eps=1e-3).eval()
            again.load_state_dict(load_file(directory / "back.safetensors"), strict=False)
            result = again(torch.from_numpy(channels_first(images))).numpy()
            self.assertLess(numpy.abs(result - expected).max(), TOLERANCE * max(1, numpy.abs(expected).max()))

    def test_every_reference_that_timm_has(self):
        for name, timms in self.NETWORKS.items():
            with self.subTest(network=name):
                self.check(name, as_if_trained(timms), through_the_engine=name in ["mobilenet-v2", "single-path-nas"])

    def test_relu6_is_not_relu(self):
        model = as_if_trained("mobilenetv2_100", gain=4)
        image = torch.randn(2, 3, 224, 224)
        with torch.no_grad():
            labels = model(image)
            plain = as_if_trained("mobilenetv2_100", gain=4)
            plain.load_state_dict(model.state_dict())
            replaced = 0
            for module in plain.modules():
                for name, child in module.named_children():
                    if isinstance(child, torch.nn.ReLU6):
                        setattr(module, name, torch.nn.ReLU())
                        replaced += 1
            self.assertGreater(replaced, 30)
            self.assertGreater((plain(image) - labels).abs().max(), 0.1)
        self.check("mobilenet-v2", model, through_the_engine=True)


class ReferenceNetworks(unittest.TestCase):
    """Networks with squeeze-excite and other activations, which timm builds and onnxruntime runs."""

    def test_timm_and_onnxruntime_agree(self):
        images = numpy.random.default_rng(2).normal(size=(4, 224, 224, 3)).astype(numpy.float32)
        for name, timms in ("efficientnet-b0", "efficientnet_b0"), ("mobilenet-v2", "mobilenetv2_100"):
            with self.subTest(network=name), tempfile.TemporaryDirectory() as directory:
                directory = pathlib.Path(directory)
                for format, file in ("onnx", "n.onnx"), ("safetensors", "w.safetensors"):
                    onepath(
                        "export", "--architecture", name, "--untrained", "--format", format, "--output", directory / file)
                onepath("export", "--architecture", name, "--format", "timm", "--output", directory / "network.py")
                model = built(directory / "network.py").load(directory / "w.safetensors")
                self.assertEqual(parameters(model), parameters(timm.create_model(timms)))
                onnx.checker.check_model(str(directory / "n.onnx"), full_check=True)
                session = onnxruntime.InferenceSession(directory / "n.onnx")
                found = session.run(None, {"image": channels_first(images)})[0]
                with torch.no_grad():
                    expected = model(torch.from_numpy(channels_first(images))).numpy()
                size = numpy.abs(expected).max()
                self.assertGreater(size, 1e-3)
                self.assertLess(numpy.abs(found - expected).max(), TOLERANCE * max(1, size))

    def test_every_reference_is_a_valid_model(self):
        for path in sorted((ROOT / "searchspaces/reference").glob("*.json")):
            with self.subTest(network=path.stem), tempfile.TemporaryDirectory() as directory:
                model = pathlib.Path(directory) / "n.onnx"
                onepath("export", "--architecture", path, "--untrained", "--format", "onnx", "--output", model, "--fold")
                onnx.checker.check_model(str(model), full_check=True)
                self.assertEqual(onnxruntime.InferenceSession(model).get_outputs()[0].shape, ["batch", 1000])


if __name__ == "__main__":
    unittest.main()
