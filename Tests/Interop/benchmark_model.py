"""What TensorFlow Lite's benchmark_model does without operator profiling, by LiteRT's interpreter from PyPI."""
import argparse
import time

import numpy
from ai_edge_litert.interpreter import Interpreter

parser = argparse.ArgumentParser(allow_abbrev=False)
parser.add_argument("--graph", required=True)
parser.add_argument("--num_threads", type=int, default=1)
parser.add_argument("--warmup_runs", type=int, default=1)
parser.add_argument("--num_runs", type=int, default=50)
parser.add_argument("--min_secs", type=float, default=1)
options, _ = parser.parse_known_args()

start = time.perf_counter()
interpreter = Interpreter(options.graph, num_threads=options.num_threads)
interpreter.allocate_tensors()
init = time.perf_counter() - start
for detail in interpreter.get_input_details():
    interpreter.set_tensor(detail["index"], numpy.full(detail["shape"], 0.5, detail["dtype"]))


def run(count, seconds):
    times = []
    end = time.perf_counter() + seconds
    while len(times) < count or time.perf_counter() < end:
        before = time.perf_counter()
        interpreter.invoke()
        times.append((time.perf_counter() - before) * 1e6)
    return times


warm = run(options.warmup_runs, 0.05)
times = run(options.num_runs, options.min_secs)
print(f"INFO: count={len(times)} first={times[0]:.0f} curr={times[-1]:.0f} min={min(times):.0f} max={max(times):.0f}")
print(f"INFO: Inference timings in us: Init: {init * 1e6:.0f}, First inference: {warm[0]:.0f}, "
      f"Warmup (avg): {sum(warm) / len(warm):.6g}, Inference (avg): {sum(times) / len(times):.6g}")
