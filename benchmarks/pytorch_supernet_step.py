"""Times a training step of a search space's supernet in PyTorch, the peer of `onepath benchmark step`.

    .venv/bin/python benchmarks/pytorch_supernet_step.py --space searchspaces/single-path-mobile.json --batch 32

The network is the one that `onepath` trains: superkernels with trained thresholds, the runtime term, cross-entropy with
label smoothing, RMSProp with momentum. Where there is a choice it is taken in PyTorch's favour: maps are channels-last,
its fastest layout on a CPU; what an indicator leaves out is a zero in the depthwise kernel, and no operation on the maps;
and no moving averages of the weights are kept.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

NORMALIZATION = {"eps": 1e-3, "momentum": 0.01}


def hard_indicator(argument):
    """1 where the argument is positive, with the gradient of the sigmoid."""
    soft = argument.sigmoid()
    return (argument > 0).float() + soft - soft.detach()


def convolution(inputs, outputs, size=1, stride=1, relu=True):
    layers = [
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs, **NORMALIZATION)]
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if relu else []))


class Depthwise(nn.Module):
    """A depthwise superkernel: kernels nested by size, channels nested by expansion ratio."""

    def __init__(self, inputs, kernels, expansions, stride, may_skip):
        super().__init__()
        size, self.stride = kernels[-1], stride
        self.weight = nn.Parameter(torch.empty(expansions[-1] * inputs, 1, size, size))
        nn.init.kaiming_normal_(self.weight)
        self.kernel_thresholds = nn.Parameter(torch.zeros(len(kernels) - 1))
        self.expansion_thresholds = nn.Parameter(torch.zeros(len(expansions)))
        offsets = (torch.arange(size) - size // 2).abs()
        distance = torch.maximum(offsets[:, None], offsets[None, :])
        shells = [((distance > a // 2) & (distance <= b // 2)).float() for a, b in zip(kernels, kernels[1:])]
        self.register_buffer("core", (distance <= kernels[0] // 2).float())
        self.register_buffer("shells", torch.stack(shells) if shells else torch.zeros(0, size, size))
        self.widths = [b - a for a, b in zip([0] + [e * inputs for e in expansions], [e * inputs for e in expansions])]
        self.decided_from = 0 if may_skip else 1
        cost = [[1e-5 * k * k * e * inputs for e in expansions] for k in kernels]
        self.register_buffer("milliseconds", torch.tensor(cost))

    def forward(self, x):
        kernel, shells, product = self.weight * self.core, [], 1.0
        for shell, threshold in zip(self.shells, self.kernel_thresholds):
            part = self.weight * shell
            norm = part.square().sum() / (shell.sum() * len(self.weight))
            product = product * hard_indicator(norm - threshold)
            shells.append(product)
            kernel = kernel + product * part
        parts, on, runtime = [], 1.0, 0.0
        before = torch.zeros(len(shells) + 1)
        for index, part in enumerate(kernel.split(self.widths)):
            if index >= self.decided_from:
                on = on * hard_indicator(part.square().mean() - self.expansion_thresholds[index])
            parts.append(on * part)
            added = self.milliseconds[:, index] - before
            before = self.milliseconds[:, index]
            runtime = runtime + on * (added[0] + sum(s * (added[m + 1] - added[m]) for m, s in enumerate(shells)))
        kernel = torch.cat(parts)
        y = F.conv2d(x, kernel, stride=self.stride, padding=kernel.shape[-1] // 2, groups=len(kernel))
        return y, runtime


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, fixed=None, choices=None):
        super().__init__()
        expansion = fixed["expansion"] if fixed else choices["expansions"][-1]
        hidden = expansion * inputs
        self.searchable = choices is not None
        self.residual = stride == 1 and inputs == outputs
        self.expand = nn.Identity() if fixed and expansion == 1 else convolution(inputs, hidden)
        if self.searchable:
            self.depthwise = Depthwise(
                inputs, choices["kernels"], choices["expansions"], stride, choices["skip"] and self.residual)
        else:
            size = fixed["kernel"]
            self.depthwise = nn.Conv2d(hidden, hidden, size, stride, size // 2, groups=hidden, bias=False)
        self.normalization = nn.Sequential(nn.BatchNorm2d(hidden, **NORMALIZATION), nn.ReLU(inplace=True))
        self.project = convolution(hidden, outputs, relu=False)

    def forward(self, x):
        y, runtime = self.depthwise(self.expand(x)), 0.0
        if self.searchable:
            y, runtime = y
        y = self.project(self.normalization(y))
        return (x + y if self.residual else y), runtime


class Supernet(nn.Module):
    def __init__(self, space):
        super().__init__()
        stem, channels = space["stem"], space["stem"]["output_channels"]
        self.stem = convolution(space["input"]["channels"], channels, stem["kernel"], stem["stride"])
        self.blocks = nn.ModuleList()
        for stage in space["stages"]:
            for index in range(stage["layers"]):
                stride = stage["stride"] if index == 0 else 1
                outputs = stage["output_channels"]
                self.blocks.append(Block(channels, outputs, stride, stage.get("fixed"), stage.get("choices")))
                channels = outputs
        self.head = convolution(channels, space["head"]["output_channels"])
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(space["head"]["output_channels"], space["classes"])

    def forward(self, images):
        x, runtime = self.stem(images), 1.0
        for block in self.blocks:
            x, milliseconds = block(x)
            runtime = runtime + milliseconds
        return self.classifier(self.dropout(self.head(x).mean((2, 3)))), runtime


def step_times(space, batch, mode, steps, warm_up=3):
    """Seconds of each of `steps` training steps on random images."""
    torch.manual_seed(0)
    supernet = Supernet(space).to(memory_format=torch.channels_last)
    optimizer = torch.optim.RMSprop(supernet.parameters(), lr=0.01, alpha=0.9, momentum=0.9, eps=1e-3)
    size = space["input"]
    images = torch.randn(batch, size["channels"], size["height"], size["width"])
    images = images.to(memory_format=torch.channels_last)
    labels = torch.randint(space["classes"], (batch,))

    def loss_of(images, labels):
        logits, runtime = supernet(images)
        return F.cross_entropy(logits, labels, label_smoothing=0.1) + 0.02 * torch.log(runtime)

    if mode == "compile":
        loss_of = torch.compile(loss_of)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(images, labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(warm_up):
        step()
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--space", required=True, help="the file of a search space")
    parser.add_argument("--batch", type=int, required=True, help="images a step")
    parser.add_argument("--mode", choices=["eager", "compile"], default="eager")
    parser.add_argument("--threads", type=int, help="threads to compute with (default: PyTorch's own choice)")
    parser.add_argument("--steps", type=int, default=5, help="how many steps are timed, after three that are not")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a sentence")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    with open(options.space) as file:
        space = json.load(file)
    seconds = statistics.median(step_times(space, options.batch, options.mode, options.steps))
    rate = options.batch / seconds
    if options.json:
        print(json.dumps({
            "space": space["name"], "batch": options.batch, "threads": torch.get_num_threads(), "mode": options.mode,
            "torch": torch.__version__, "median_ms": seconds * 1e3, "images_per_second": rate,
            "peak_memory_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
    else:
        print(f"{space['name']}, batch {options.batch}, PyTorch {torch.__version__} {options.mode}: "
              f"median {seconds * 1e3:.1f} ms a step, {rate:.1f} images/s")


if __name__ == "__main__":
    main()
