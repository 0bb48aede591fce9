"""What ncnn's benchncnn does with a network of one's own, by ncnn's package from PyPI."""
import sys
import time

import ncnn
import numpy

loops, threads, powersave, gpu, cooling = (int(word) for word in sys.argv[1:6])
options = dict(word.split("=", 1) for word in sys.argv[6:])
width, height, channels = (int(side) for side in options["shape"].strip("[]").split(","))

net = ncnn.Net()
net.opt.num_threads = threads
if net.load_param(options["param"]) != 0 or net.load_model(ncnn.DataReaderFromEmpty()) != 0:
    sys.exit(1)
# ncnn's matrix only borrows the values.
values = numpy.full((channels, height, width), 0.01, numpy.float32)
image = ncnn.Mat(values)


def run():
    extractor = net.create_extractor()
    for name in net.input_names():
        extractor.input(name, image)
    before = time.perf_counter()
    for name in net.output_names():
        extractor.extract(name)
    return (time.perf_counter() - before) * 1e3


for name, value in ("loop_count", loops), ("num_threads", threads), ("powersave", powersave), ("gpu_device", gpu):
    print(f"{name} = {value}", file=sys.stderr)
print(f"cooling_down = {cooling}", file=sys.stderr)
for _ in range(8):
    run()
times = [run() for _ in range(loops)]
print(f"{options['param']:>20}  min = {min(times):7.2f}  max = {max(times):7.2f}  avg = {sum(times) / loops:7.2f}",
      file=sys.stderr)
