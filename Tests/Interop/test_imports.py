"""Networks that torchvision and timm export, counted as those projects count them."""
import pathlib
import tempfile
import unittest
import warnings

import timm
import torch
import torchvision
from torch.utils.flop_counter import FlopCounterMode

from product import estimate

NETWORKS = {
    name: lambda name=name: torchvision.models.get_model(name, weights=None)
    for name in [
        "mobilenet_v2", "mobilenet_v3_large", "mnasnet1_0", "efficientnet_b0", "resnet18", "squeezenet1_1",
        "shufflenet_v2_x1_0",
    ]
} | {
    "timm " + name: lambda name=name: timm.create_model(name)
    for name in ["spnasnet_100", "mobilenetv3_large_100", "efficientnet_b0"]
}


def trained(model):
    """Without biases of zero, which torch's exporter leaves out and no trained network has."""
    for module in model.modules():
        if getattr(module, "bias", None) is not None:
            torch.nn.init.normal_(module.bias, std=0.1)
    return model


class Words(torch.nn.Module):
    """The rows of a table for words that a mask leaves, and their classes."""

    def __init__(self):
        super().__init__()
        self.table, self.classes = torch.nn.Embedding(1000, 32), torch.nn.Linear(32, 5)

    def forward(self, words, mask):
        return self.classes(self.table(words) * mask.unsqueeze(2))


class Counts(unittest.TestCase):
    def check(self, export, expected_parameters):
        for name, make in NETWORKS.items():
            with self.subTest(network=name), tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = trained(make()).eval()
                image = torch.zeros(1, 3, 224, 224)
                with FlopCounterMode(display=False) as counter:
                    model(image)
                path = pathlib.Path(directory) / "model.onnx"
                export(model, image, path)
                macs, parameters = estimate(path)
                # torch counts a multiplication and an addition as two.
                self.assertEqual(2 * macs, counter.get_total_flops())
                self.assertEqual(parameters, expected_parameters(model))

    def test_with_batch_normalization(self):
        def export(model, image, path):
            torch.onnx.export(
                model, (image,), path, dynamo=False, opset_version=17, training=torch.onnx.TrainingMode.PRESERVE,
                do_constant_folding=False, input_names=["image"], dynamic_axes={"image": {0: "batch"}})

        self.check(export, lambda model: sum(tensor.numel() for tensor in model.parameters()))

    def test_as_exported_by_default(self):
        def export(model, image, path):
            torch.onnx.export(model, (image,), path, verbose=False)

        def parameters(model):
            # Scale and offset of every channel become one bias.
            folded = sum(
                module.num_features for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d))
            return sum(tensor.numel() for tensor in model.parameters()) - folded

        self.check(export, parameters)

    def test_of_tokens_positions_and_scales(self):
        for name in ["vit_tiny_patch16_224", "deit_tiny_distilled_patch16_224", "convnext_atto"]:
            with self.subTest(network=name), tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = trained(timm.create_model(name)).eval()
                path = pathlib.Path(directory) / "model.onnx"
                torch.onnx.export(model, (torch.zeros(1, 3, 224, 224),), path, dynamo=False, opset_version=17)
                self.assertEqual(estimate(path)[1], sum(tensor.numel() for tensor in model.parameters()))

    def test_of_words_and_a_mask(self):
        model, inputs = trained(Words()).eval(), (torch.zeros(1, 16, dtype=torch.int64), torch.ones(1, 16))
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "words.onnx"
            torch.onnx.export(model, inputs, path, dynamo=False, opset_version=17)
            macs, parameters = estimate(path)
        self.assertEqual(macs, 16 * 32 * 5)
        self.assertEqual(parameters, sum(tensor.numel() for tensor in model.parameters()))


if __name__ == "__main__":
    unittest.main()
