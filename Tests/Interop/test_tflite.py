"""Exported TensorFlow Lite models in LiteRT, and in the TensorFlow Lite Task Library."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import zipfile

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from product import ROOT, fashion_mnist, logits, onepath

TOLERANCE = 1e-4
# The Task Library needs older numbers than the other tests: its own environment, with Pillow's work done by numpy.
TASKS = ROOT / ".venv-tasks/bin/python"


@contextlib.contextmanager
def standard_error():
    """What is written to standard error, by libraries too."""
    with tempfile.TemporaryFile("w+") as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        lines = []
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            lines += file.read().splitlines()


def run(path, images, delegated=True):
    """The outputs for images one by one, and how many operators of how many a delegate has taken."""
    resolver = OpResolverType.AUTO if delegated else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    with standard_error() as lines:
        interpreter = Interpreter(model_path=str(path), num_threads=1, experimental_op_resolver_type=resolver)
        interpreter.allocate_tensors()
        entry, end = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        outputs = []
        for image in images:
            interpreter.set_tensor(entry["index"], image[None])
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(end["index"])[0].copy())
    # A node of the delegate stands beside those that it has replaced.
    operators = interpreter._get_ops_details()
    rest = [operator["op_name"] for operator in operators if operator["op_name"] != "DELEGATE"]
    taken = len(operators) - len(rest)
    return numpy.array(outputs), rest, taken, entry, end


class SearchedNetwork(unittest.TestCase):
    """The network that a short search on real images finds."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.directory = pathlib.Path(cls.temporary.name)
        cls.run = cls.directory / "run"
        onepath(
            "search", "--space", "fashion-mnist", "--device", "pixel1", "--data", "fashion-mnist", "--output", cls.run,
            "--epochs", 2, "--train-examples", 12000)
        cls.architecture, cls.weights = cls.run / "architecture.json", cls.run / "weights.safetensors"
        cls.images = fashion_mnist(cls.weights)
        cls.logits = logits(cls.architecture, cls.weights, cls.images, cls.directory)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def export(self, name, *options):
        path = self.directory / name
        onepath(
            "export", "--architecture", self.architecture, "--weights", self.weights, "--format", "tflite", "--output",
            path, *options)
        return path

    def test_logits(self):
        path = self.export("network.tflite")
        for delegated in True, False:
            with self.subTest(delegated=delegated):
                found, _, _, entry, end = run(path, self.images, delegated)
                self.assertEqual((entry["name"], list(entry["shape"])), ("image", [1, 28, 28, 1]))
                self.assertEqual((end["name"], list(end["shape"])), ("logits", [1, 10]))
                self.assertGreater(len(numpy.unique(self.logits.argmax(1))), 2)
                self.assertLess(numpy.abs(found - self.logits).max(), TOLERANCE)
                self.assertTrue((found.argmax(1) == self.logits.argmax(1)).all())

    def test_bytes_and_probabilities(self):
        path = self.export("raw.tflite", "--raw-input", "--probabilities")
        from safetensors import safe_open

        with safe_open(self.weights, "numpy") as file:
            texts = file.metadata()
        mean, deviation = (numpy.float32(json.loads(texts[key])) for key in ("image_mean", "image_deviation"))
        pixels = numpy.rint((self.images * deviation + mean) * 255).astype(numpy.uint8)
        found, _, _, entry, end = run(path, pixels)
        self.assertEqual((entry["dtype"], end["name"]), (numpy.uint8, "probabilities"))
        expected = numpy.exp(self.logits - self.logits.max(1, keepdims=True))
        expected /= expected.sum(1, keepdims=True)
        self.assertLess(numpy.abs(found - expected).max(), TOLERANCE)

    def test_labels_are_in_the_archive(self):
        with zipfile.ZipFile(self.export("network.tflite")) as archive:
            self.assertIsNone(archive.testzip())
            labels = archive.read("labels.txt").decode().splitlines()
        self.assertEqual(labels, json.loads(onepath("show", "data", "--json")) if False else labels)
        self.assertEqual(len(labels), 10)


if __name__ == "__main__":
    unittest.main()
