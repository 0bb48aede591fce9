"""Networks in int8 in onnxruntime and LiteRT, against the program's own evaluation of integers."""
import gzip
import pathlib
import re
import tempfile
import unittest

import numpy
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
from safetensors.numpy import load_file, save_file

from product import IMAGES, channels_first, fashion_mnist, logits, onepath
from test_tflite import Run

COUNT = 10000


def labels():
    return numpy.frombuffer(gzip.open(str(IMAGES).replace("images-idx3", "labels-idx1")).read()[8:], numpy.uint8)


class QuantizedNetwork(unittest.TestCase):
    """A network that a short search finds, on all test images of Fashion-MNIST."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.directory = pathlib.Path(cls.temporary.name)
        cls.run_folder = cls.directory / "run"
        onepath(
            "search", "--space", "fashion-mnist", "--device", "pixel1", "--data", "fashion-mnist", "--output",
            cls.run_folder, "--epochs", 2, "--train-examples", 24000)
        weights = cls.run_folder / "weights.safetensors"
        cls.images, cls.labels = fashion_mnist(weights, COUNT), labels()
        cls.float32 = logits(cls.run_folder / "architecture.json", weights, cls.images, cls.directory)
        save_file({"images": numpy.ascontiguousarray(cls.images)}, cls.directory / "images.safetensors")
        onepath(
            "logits", "--run", cls.run_folder, "--int8", "--images", cls.directory / "images.safetensors", "--output",
            cls.directory / "int8.safetensors")
        cls.int8 = load_file(cls.directory / "int8.safetensors")["logits"]

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def accuracy(self, found):
        return 100 * (found.argmax(1) == self.labels).mean()

    def export(self, kind, name):
        path = self.directory / name
        told = onepath("export", "--run", self.run_folder, "--format", kind, "--int8", "--output", path)
        figures = [float(figure) for figure in re.findall(r"([0-9.]+) %", told)]
        self.assertAlmostEqual(figures[0], self.accuracy(self.float32), delta=0.02)
        self.assertAlmostEqual(figures[1], self.accuracy(self.int8), delta=0.005)
        return path

    def test_accuracy(self):
        self.assertGreater(self.accuracy(self.float32), 80)
        self.assertLess(abs(self.accuracy(self.float32) - self.accuracy(self.int8)), 0.5)

    def test_onnx(self):
        path = self.export("onnx", "int8.onnx")
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        image = {"image": channels_first(self.images)}
        # As it is written, operator by operator.
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        plain = onnxruntime.InferenceSession(path, options).run(["logits"], image)[0]
        self.assertEqual(plain.shape, (COUNT, 10))
        self.assertGreaterEqual((plain.argmax(1) == self.int8.argmax(1)).mean(), 0.999)
        # As onnxruntime fuses it: without VNNI, its kernels saturate the sums of two products, and labels differ.
        fused = onnxruntime.InferenceSession(path).run(["logits"], image)[0]
        self.assertGreater((fused.argmax(1) == self.int8.argmax(1)).mean(), 0.97)
        self.assertLess(abs(self.accuracy(fused) - self.accuracy(self.int8)), 0.5)

    def test_tflite(self):
        path = self.export("tflite", "int8.tflite")
        interpreter = Interpreter(model_path=str(path), num_threads=2)
        interpreter.allocate_tensors()
        image, answer = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        found = numpy.empty_like(self.int8)
        for index in range(COUNT):
            interpreter.set_tensor(image["index"], self.images[index : index + 1])
            interpreter.invoke()
            found[index] = interpreter.get_tensor(answer["index"])[0]
        self.assertGreaterEqual((found.argmax(1) == self.int8.argmax(1)).mean(), 0.999)
        # The same integers, and not only the same labels.
        self.assertGreaterEqual((found == self.int8).all(1).mean(), 0.999)
        self.assertTrue(Run(path, self.images[:1]).is_delegated_whole)
        self.assertLess(abs(self.accuracy(found) - self.accuracy(self.float32)), 0.5)


if __name__ == "__main__":
    unittest.main()
