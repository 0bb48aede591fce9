"""The built program, and the images that the tests give to it and to others."""
import gzip
import json
import pathlib
import subprocess

import numpy
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/onepath"
IMAGES = pathlib.Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")


def onepath(*arguments):
    """Runs the program, which must succeed, and returns what it prints."""
    outcome = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)
    if outcome.returncode != 0:
        raise AssertionError(f"onepath {' '.join(map(str, arguments))}: {outcome.stderr}")
    return outcome.stdout


def estimate(model):
    """What the program counts in an ONNX model: multiply-accumulates and parameters."""
    document = json.loads(onepath("estimate", "--onnx", model, "--device", "pixel1", "--json"))
    return document["macs"], document["parameters"]


def logits(architecture, weights, images, directory):
    """What the program's engine says of images, [count, height, width, channels]."""
    save_file({"images": numpy.ascontiguousarray(images)}, directory / "images.safetensors")
    onepath(
        "logits", "--architecture", architecture, "--weights", weights, "--images", directory / "images.safetensors",
        "--output", directory / "logits.safetensors")
    return load_file(directory / "logits.safetensors")["logits"]


def fashion_mnist(weights, count=1000):
    """The first test images, normalised as the file of weights says, [count, 28, 28, 1]."""
    with safe_open(weights, "numpy") as file:
        texts = file.metadata()
    mean = numpy.float32(json.loads(texts["image_mean"]))
    deviation = numpy.float32(json.loads(texts["image_deviation"]))
    pixels = numpy.frombuffer(gzip.open(IMAGES).read()[16:], numpy.uint8)[: count * 784].reshape(count, 28, 28, 1)
    return (pixels.astype(numpy.float32) / 255 - mean) / deviation


def short_search(directory):
    """The folder of a short search on real images, whose network has the weights that it inherits."""
    run = pathlib.Path(directory) / "run"
    onepath(
        "search", "--space", "fashion-mnist", "--device", "pixel1", "--data", "fashion-mnist", "--output", run,
        "--epochs", 2, "--train-examples", 12000)
    return run


def channels_first(images):
    return numpy.ascontiguousarray(images.transpose(0, 3, 1, 2))
