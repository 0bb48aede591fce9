"""Networks of timm with attention, resizing and unusual padding, as torch's two exporters write them."""
import os
import pathlib
import tempfile
import unittest
import warnings

import onnx
import timm
import torch
from timm.layers import set_fused_attn
from torch.utils.flop_counter import FlopCounterMode

from product import estimate

NETWORKS = """
    efficientformer_l1 levit_128 tiny_vit_5m_224 mobilevit_s mobilevitv2_075 edgenext_xx_small ghostnetv2_100
    ghostnetv3_100 hrnet_w18_small fastvit_t8 convnext_atto swiftformer_xs tf_efficientnet_b0 mixnet_s
    efficientformerv2_s0 levit_conv_128s mobilevit_xxs mobilevitv2_050 edgenext_small ghostnet_100 hrnet_w18_small_v2
    fastvit_sa12 convnextv2_atto tf_mobilenetv3_small_100 tf_mixnet_s tf_efficientnetv2_b0 efficientvit_b0
    efficientvit_m0 repvit_m0_9 mobilenetv4_hybrid_medium mobilenetv4_conv_small mobileone_s0 regnety_002 rexnet_100
    lcnet_050 deit_tiny_patch16_224 poolformer_s12 coatnet_pico_rw_224 mobilenetv2_100 starnet_s1 shvit_s1
    swin_tiny_patch4_window7_224 resnest14d inception_next_atto
""".split()
# The names of some networks of the list, for a shorter run.
CHOSEN = os.environ.get("ONEPATH_HYBRIDS", "").split() or NETWORKS


def without_weights(path):
    """Drops the values of weights: only their shapes are needed, and the files stay small."""
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        count = 1
        for side in tensor.dims:
            count *= side
        if count > 256 and tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.ClearField("raw_data")
            tensor.ClearField("external_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
    onnx.save(model, path)


class Hybrids(unittest.TestCase):
    def check(self, export):
        for name in CHOSEN:
            with self.subTest(network=name), tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # The counter knows products, and not the fused operator of attention.
                set_fused_attn(False)
                model = timm.create_model(name).eval()
                image = torch.zeros(1, *model.default_cfg["input_size"])
                with FlopCounterMode(display=False) as counter:
                    model(image)
                path = pathlib.Path(directory) / "model.onnx"
                export(name, model, image, path)
                without_weights(path)
                macs, _ = estimate(path)
                self.assertEqual(2 * macs, counter.get_total_flops())

    def torchscript(self, opset):
        def export(name, model, image, path):
            torch.onnx.export(
                model, (image,), path, dynamo=False, opset_version=opset, input_names=["image"],
                dynamic_axes={"image": {0: "batch"}} if opset == 13 else None)

        self.check(export)

    def test_torchscript_opset_11(self):
        self.torchscript(11)

    def test_torchscript_opset_13_with_a_dynamic_batch(self):
        self.torchscript(13)

    def test_torchscript_opset_17(self):
        self.torchscript(17)

    def test_dynamo(self):
        def export(name, model, image, path):
            set_fused_attn(True)
            torch.onnx.export(timm.create_model(name).eval(), (image,), path, dynamo=True, verbose=False)

        self.check(export)

    def test_dynamo_with_a_dynamic_batch(self):
        def export(name, model, image, path):
            set_fused_attn(True)
            torch.onnx.export(
                timm.create_model(name).eval(), (torch.cat([image, image]),), path, dynamo=True, verbose=False,
                dynamic_shapes=[{0: torch.export.Dim("batch")}])

        self.check(export)


if __name__ == "__main__":
    unittest.main()
