"""The log of a search in TensorBoard."""
import json
import pathlib
import struct
import tempfile
import unittest

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from product import onepath


def numbers(value, path=()):
    """Every number in a line of metrics, with the keys that lead to it."""
    if isinstance(value, dict):
        return [pair for key, below in value.items() for pair in numbers(below, path + (key,))]
    return [("/".join(path), value)]


def scalars(directory):
    """What TensorBoard reads in a directory: the value of every tag at every step."""
    accumulator = EventAccumulator(str(directory), size_guidance={"scalars": 0, "tensors": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    # Scalars of files that TensorFlow 1 wrote may be kept as they are.
    found = {tag: {event.step: event.value for event in accumulator.Scalars(tag)} for tag in tags["scalars"]}
    for tag in tags["tensors"]:
        found[tag] = {event.step: event.tensor_proto.float_val[0] for event in accumulator.Tensors(tag)}
    return found


class Events(unittest.TestCase):
    def test_every_number_of_the_metrics_is_a_scalar(self):
        with tempfile.TemporaryDirectory() as directory:
            run = pathlib.Path(directory) / "run"
            printed = json.loads(onepath(
                "search", "--space", "fashion-mnist", "--device", "pixel1", "--data", "fashion-mnist", "--output", run,
                "--epochs", 1, "--train-examples", 6400, "--json"))
            lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
            # Of the images, a tenth is held out to rank candidates by: 90 steps, of which 13 train what was found.
            self.assertEqual([line["step"] for line in lines], [20, 40, 60, 77, 80, 90])
            expected = {}
            for line in lines:
                step = line.pop("step")
                for tag, value in numbers(line):
                    expected.setdefault(tag, {})[step] = struct.unpack("f", struct.pack("f", value))[0]
            supernet = printed["supernet"]
            expected["test_accuracy"] = {
                90: struct.unpack("f", struct.pack("f", supernet["correct"] / supernet["test_images"]))[0]}
            self.assertIn("indicators/stage1.2/expansion_3", expected)
            self.assertEqual(scalars(run), expected)

            # The loader checks every record's checksum: with one bit turned, it refuses.
            events, = run.glob("events.out.tfevents.*")
            count = len(list(EventFileLoader(str(events)).Load()))
            self.assertEqual(count, 1 + len(lines) + 1)
            content = bytearray(events.read_bytes())
            content[len(content) // 2] ^= 1
            events.write_bytes(content)
            self.assertLess(len(list(EventFileLoader(str(events)).Load())), count)


if __name__ == "__main__":
    unittest.main()
