"""Exported TensorFlow Lite models in LiteRT, and in the TensorFlow Lite Task Library."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image
from safetensors import safe_open

from product import ROOT, fashion_mnist, logits, onepath, short_search

TOLERANCE = 1e-4
# The Task Library needs older numbers than the other tests.
TASKS = ROOT / ".venv-tasks/bin/python"
REFERENCES = sorted(path.stem for path in (ROOT / "searchspaces/reference").glob("*.json"))


class Run:
    """The outputs of a model for images one by one."""

    def __init__(self, path, images, delegated=True):
        resolver = OpResolverType.AUTO if delegated else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        interpreter = Interpreter(model_path=str(path), num_threads=1, experimental_op_resolver_type=resolver)
        interpreter.allocate_tensors()
        self.entry, self.end = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        self.signatures = interpreter.get_signature_list()
        self.operators = interpreter._get_ops_details()
        outputs = []
        for image in images:
            interpreter.set_tensor(self.entry["index"], image[None])
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(self.end["index"])[0].copy())
        self.outputs = numpy.array(outputs)

    @property
    def is_delegated_whole(self):
        """Whether one node of a delegate stands for all operators: it reads the image and writes the answer, and nothing
        that another operator writes."""
        delegates = [operator for operator in self.operators if operator["op_name"] == "DELEGATE"]
        if len(delegates) != 1:
            return False
        written = {index for operator in self.operators for index in operator["outputs"] if operator is not delegates[0]}
        read = set(delegates[0]["inputs"])
        return (
            self.entry["index"] in read and not read & written and list(delegates[0]["outputs"]) == [self.end["index"]])


def export(path, *options):
    return onepath("export", "--format", "tflite", "--output", path, *options)


class SearchedNetwork(unittest.TestCase):
    """The network that a short search on real images finds."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.directory = pathlib.Path(cls.temporary.name)
        cls.run_folder = short_search(cls.directory)
        cls.weights = cls.run_folder / "weights.safetensors"
        cls.images = fashion_mnist(cls.weights)
        cls.logits = logits(cls.run_folder / "architecture.json", cls.weights, cls.images, cls.directory)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_logits(self):
        path = self.directory / "network.tflite"
        self.assertIn("XNNPACK takes all", export(path, "--run", self.run_folder))
        for delegated in True, False:
            with self.subTest(delegated=delegated):
                run = Run(path, self.images, delegated)
                self.assertEqual((run.entry["name"], list(run.entry["shape"])), ("image", [1, 28, 28, 1]))
                self.assertEqual((run.end["name"], list(run.end["shape"])), ("logits", [1, 10]))
                self.assertEqual(run.is_delegated_whole, delegated)
                self.assertGreater(len(numpy.unique(self.logits.argmax(1))), 2)
                self.assertLess(numpy.abs(run.outputs - self.logits).max(), TOLERANCE)
                self.assertTrue((run.outputs.argmax(1) == self.logits.argmax(1)).all())
        self.assertEqual(run.signatures, {"serving_default": {"inputs": ["image"], "outputs": ["logits"]}})

    def test_bytes_and_probabilities(self):
        path = self.directory / "raw.tflite"
        export(path, "--run", self.run_folder, "--raw-input", "--probabilities")
        with safe_open(self.weights, "numpy") as file:
            texts = file.metadata()
        mean, deviation = (numpy.float32(json.loads(texts[key])) for key in ("image_mean", "image_deviation"))
        pixels = numpy.rint((self.images * deviation + mean) * 255).astype(numpy.uint8)
        run = Run(path, pixels)
        self.assertEqual((run.entry["dtype"], run.end["name"]), (numpy.uint8, "probabilities"))
        self.assertTrue(run.is_delegated_whole)
        expected = numpy.exp(self.logits - self.logits.max(1, keepdims=True))
        expected /= expected.sum(1, keepdims=True)
        self.assertLess(numpy.abs(run.outputs - expected).max(), TOLERANCE)

    def test_labels_are_in_an_archive(self):
        path = self.directory / "labels.tflite"
        export(path, "--run", self.run_folder)
        with zipfile.ZipFile(path) as archive:
            self.assertIsNone(archive.testzip())
            labels = archive.read("labels.txt").decode().splitlines()
        self.assertEqual((len(labels), labels[0], labels[9]), (10, "T-shirt/top", "Ankle boot"))

    def test_evaluation_agrees_with_the_network(self):
        path = self.directory / "network.tflite"
        told = export(path, "--run", self.run_folder)
        own = json.loads(onepath("evaluate", "--tflite", path, "--data", "fashion-mnist", "--json"))
        network = json.loads(onepath("evaluate", "--run", self.run_folder, "--json"))
        self.assertAlmostEqual(own["accuracy"], network["accuracy"], delta=2e-4)
        self.assertIn(f"{100 * own['accuracy']:.2f} % right", told)


class ReferenceNetworks(unittest.TestCase):
    """Networks with every activation, in LiteRT and priced by their file."""

    def test_xnnpack_takes_every_operator(self):
        images = numpy.random.default_rng(2).normal(size=(1, 224, 224, 3)).astype(numpy.float32)
        for name in REFERENCES:
            with self.subTest(network=name), tempfile.TemporaryDirectory() as directory:
                path = pathlib.Path(directory) / "n.tflite"
                told = export(path, "--architecture", name, "--untrained")
                run, plain = Run(path, images), Run(path, images, delegated=False)
                self.assertTrue(run.is_delegated_whole)
                self.assertIn("XNNPACK takes all", " ".join(told.split()))
                size = numpy.abs(plain.outputs).max()
                self.assertLess(numpy.abs(run.outputs - plain.outputs).max(), TOLERANCE * max(1, size))
                counts = [
                    json.loads(onepath("estimate", kind, model, "--device", "pixel4", "--json"))["macs"]
                    for kind, model in (("--tflite", path), ("--architecture", name))
                ]
                self.assertEqual(counts[0], counts[1])


class TaskLibrary(unittest.TestCase):
    """A network on small colour photos, in the Task Library and in the Python that the guide shows."""

    COLOURS = {"blue": (40, 60, 200), "green": (40, 200, 60), "red": (200, 60, 40)}

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.directory = pathlib.Path(cls.temporary.name)
        generator = numpy.random.default_rng(3)
        cls.photos = []
        for part, count in ("train", 40), ("val", 5):
            for name, colour in cls.COLOURS.items():
                folder = cls.directory / "photos" / part / name
                folder.mkdir(parents=True)
                for index in range(count):
                    noise = generator.normal(size=(64, 64, 3)) * 40
                    pixels = numpy.clip(numpy.array(colour) + noise, 0, 255).astype(numpy.uint8)
                    Image.fromarray(pixels).save(folder / f"{index}.png")
                    if part == "val":
                        cls.photos.append((folder / f"{index}.png", pixels))
        document = json.loads((ROOT / "searchspaces/reference/single-path-nas.json").read_text())
        document["input"], document["classes"], document["space"] = {"height": 64, "width": 64, "channels": 3}, 3, None
        (cls.directory / "network.json").write_text(json.dumps(document))
        onepath(
            "train", "--architecture", cls.directory / "network.json", "--data", cls.directory / "photos", "--output",
            cls.directory / "run", "--epochs", 6, "--batch", 12)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def classified(self, path):
        """What the Task Library says of the photos and of the model."""
        numpy.save(self.directory / "photos.npy", [pixels for _, pixels in self.photos])
        outcome = subprocess.run(
            [TASKS, ROOT / "Tests/Interop/classify_by_tasks.py", path, self.directory / "photos.npy"],
            capture_output=True, text=True)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return json.loads(outcome.stdout)

    def test_classes_and_normalisation_are_read(self):
        own = json.loads(onepath("classify", "--run", self.directory / "run", *(path for path, _ in self.photos), "--json"))
        expected = [picture["classes"][0] for picture in own["pictures"]]
        scores = []
        for options in ["--probabilities"], ["--probabilities", "--raw-input"]:
            with self.subTest(options=options):
                path = self.directory / "n.tflite"
                export(path, "--run", self.directory / "run", *options)
                found = self.classified(path)
                self.assertEqual(found["files"], ["labels.txt"])
                self.assertEqual([answer["class"] for answer in found["answers"]], [one["class"] for one in expected])
                scores.append([answer["score"] for answer in found["answers"]])
                for score, one in zip(scores[-1], expected):
                    self.assertAlmostEqual(score, one["probability"], delta=1e-3)
                content = found["metadata"]["subgraph_metadata"][0]["input_tensor_metadata"][0]
                self.assertEqual(content["content"]["content_properties"]["color_space"], "RGB")
                self.assertEqual("process_units" in content, "--raw-input" not in options)

    def test_int8_answers_what_litert_answers(self):
        path = self.directory / "int8.tflite"
        export(path, "--run", self.directory / "run", "--int8", "--raw-input", "--probabilities")
        outputs = Run(path, numpy.array([pixels for _, pixels in self.photos])).outputs
        # Years lie between the two runtimes: a few integers differ by one.
        for answer, probabilities in zip(self.classified(path)["answers"], outputs, strict=True):
            self.assertEqual(answer["class"], sorted(self.COLOURS)[answer["label"]])
            self.assertAlmostEqual(answer["score"], probabilities[answer["label"]], delta=0.02)
            self.assertLess(probabilities.max() - probabilities[answer["label"]], 0.02)

    def test_python_of_the_guide_answers_what_classify_answers(self):
        page = (ROOT / "docs/guide/deploy.md").read_text()
        code = re.search(r"^## Raspberry Pi$.*?^```python$(.*?)^```$", page, re.DOTALL | re.MULTILINE).group(1)
        export(self.directory / "flowers.tflite", "--run", self.directory / "run", "--raw-input", "--probabilities")
        # An evaluation sees the 126 x 126 pixels in the middle, which are green and red; what is around them is blue.
        pixels = numpy.empty((144, 216, 3), numpy.uint8)
        pixels[:] = self.COLOURS["blue"]
        pixels[9:-9, 45:-45] = self.COLOURS["red"]
        pixels[9:-9, 45:110] = self.COLOURS["green"]
        # Lossless: JPEG files are decoded at a smaller scale, which other programs do not.
        Image.fromarray(pixels).save(self.directory / "photo.jpg", format="PNG")
        outcome = subprocess.run(
            [sys.executable, "-c", code], cwd=self.directory, capture_output=True, text=True)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        name, score = outcome.stdout.split()
        own = json.loads(onepath("classify", "--run", self.directory / "run", self.directory / "photo.jpg", "--json"))
        first = own["pictures"][0]["classes"][0]
        self.assertEqual(name, first["class"])
        self.assertAlmostEqual(float(score), first["probability"], delta=0.01)


if __name__ == "__main__":
    unittest.main()
