"""Models of single blocks and operators, for measuring elsewhere, in onnx and onnxruntime."""
import csv
import pathlib
import tempfile
import unittest

import numpy
import onnx
import onnxruntime

from product import onepath

# Sides of the map that a row's operator or block writes, from those that it reads.
STRIDED = {"block", "convolution", "depthwise_convolution"}


class Plans(unittest.TestCase):
    def check(self, row, path):
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        self.assertEqual([entry.version for entry in model.opset_import], [17])
        self.assertNotIn("BatchNormalization", {node.op_type for node in model.graph.node})
        height, width, inputs, outputs, stride = (
            int(row[name]) for name in ("input_height", "input_width", "input_channels", "output_channels", "stride"))
        session = onnxruntime.InferenceSession(path)
        found = session.get_inputs()[0].shape
        self.assertEqual(found, [1, inputs, height, width])
        random = numpy.random.default_rng(1)
        values = {
            entry.name: random.normal(size=entry.shape).astype(numpy.float32) for entry in session.get_inputs()}
        self.assertEqual(len(values), 2 if row["subject"] in {"add", "multiply"} else 1)
        output = session.run(["output"], values)[0]
        if row["subject"] == "fully_connected":
            self.assertEqual(output.shape, (1, outputs))
        elif row["subject"] == "global_average_pool":
            self.assertEqual(output.shape, (1, outputs, 1, 1))
        else:
            self.assertIn(row["subject"], STRIDED | {"add", "multiply"})
            self.assertEqual(output.shape, (1, outputs, -(-height // stride), -(-width // stride)))
        self.assertTrue(numpy.isfinite(output).all())
        # Neither all but zero, which is slow on some processors, nor beyond what makes sense.
        self.assertGreater(numpy.abs(output).max(), 1e-3)
        self.assertLess(numpy.abs(output).max(), 1e3)
        if row["activation"] == "relu" and row["subject"] != "block":
            self.assertGreaterEqual(output.min(), 0)
            self.assertEqual(output.min(), 0)

    def test_every_row_has_a_model_that_runs(self):
        for what in (["--space", "fashion-mnist"], ["--architecture", "mobilenet-v3-large"],
                     ["--architecture", "efficientnet-b0"]):
            with self.subTest(plan=what), tempfile.TemporaryDirectory() as directory:
                directory = pathlib.Path(directory)
                onepath("profile", *what, "--plan", directory / "plan")
                with open(directory / "plan/measurements.csv", newline="") as file:
                    rows = list(csv.DictReader(file))
                self.assertGreater(len(rows), 50)
                for row in rows:
                    with self.subTest(model=row["model"]):
                        self.check(row, directory / "plan" / row["model"])
                # Filled in, the sheet is a device profile.
                for number, row in enumerate(rows, 1):
                    row["latency_ms"], row["count"] = str(number / 8), "50"
                with open(directory / "plan/measurements.csv", "w", newline="") as file:
                    writer = csv.DictWriter(file, rows[0].keys())
                    writer.writeheader()
                    writer.writerows(rows)
                printed = onepath(
                    "profile", "--import", directory / "plan/measurements.csv", "--format", "csv", "--output",
                    directory / "device.json")
                self.assertIn(f"{len(rows)} latencies", printed)
                self.assertNotIn("not imported", printed)


if __name__ == "__main__":
    unittest.main()
