"""Makes the vectors beside this file: superkernel blocks and small supernets, computed by PyTorch.

PyTorch's convolutions, batch normalisation, loss and automatic differentiation, in double precision, are the second
implementation that the engine and the superkernels are compared with. The tests read the vectors, not this script.

    python3 -m venv .venv
    .venv/bin/pip install torch
    .venv/bin/python Tests/SupernetSearchTests/Vectors/make_vectors.py

Tensors are stored as the engine lays them out: maps [N, H, W, C], 1x1 weights [Cin, Cout], depthwise kernels [K, K, C],
the stem's weights [k, k, Cin, Cout].
"""
import json
import pathlib

import torch
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).parent
EPSILON, MOMENTUM = 1e-3, 0.01  # PyTorch's momentum is the part that is replaced


class Case:
    """The tensors of one file, drawn as single-precision numbers."""

    def __init__(self, seed):
        self.random = torch.Generator().manual_seed(seed)
        self.tensors, self.trained, self.running = {}, [], {}

    def draw(self, name, *shape, mean=0.0, deviation=1.0, trained=True):
        values = mean + deviation * torch.randn(*shape, generator=self.random)
        return self.give(name, values, trained)

    def give(self, name, values, trained=True):
        tensor = values.float().double()
        if trained:
            tensor.requires_grad_()
            self.trained.append(name)
        self.tensors[name] = tensor
        return tensor

    def normalization(self, name, channels):
        self.draw(name + ".scale", channels, mean=1.0, deviation=0.3)
        self.draw(name + ".offset", channels, deviation=0.3)
        self.running[name] = (torch.zeros(channels).double(), torch.ones(channels).double())

    def normalize(self, x, name, training):
        mean, variance = self.running[name]
        t = self.tensors
        return F.batch_norm(x, mean, variance, t[name + ".scale"], t[name + ".offset"], training, MOMENTUM, EPSILON)

    def pointwise(self, x, name):
        return F.conv2d(x, self.tensors[name].t()[:, :, None, None])

    def store(self, path, configuration):
        for name in self.trained:
            self.tensors["gradient." + name] = self.tensors[name].grad
        for name, (mean, variance) in self.running.items():
            self.tensors[f"running.{name}.mean"], self.tensors[f"running.{name}.variance"] = mean, variance
        tensors = {
            name: {"shape": list(t.shape), "values": [float(f"{v:.9g}") for v in t.detach().flatten().tolist()]}
            for name, t in self.tensors.items()
        }
        document = {"schema": "onepath.test_vectors/1", "configuration": configuration, "tensors": tensors}
        (FOLDER / path).write_text(json.dumps(document) + "\n")


def block_parameters(case, prefix, layer):
    """`layer`: the sizes of a block; with `kernels` and `expansions` where it is a superkernel."""
    hidden = layer["expansions"][-1] * layer["input_channels"]
    size = layer["kernels"][-1]
    if layer["expands"]:
        case.draw(prefix + "expand", layer["input_channels"], hidden, deviation=0.5)
        case.normalization(prefix + "expand_normalization", hidden)
    case.draw(prefix + "depthwise", size, size, hidden, deviation=0.4)
    if layer["searchable"]:
        for axis, count in (("kernel", len(layer["kernels"]) - 1), ("expansion", len(layer["expansions"]))):
            indicators = torch.tensor(layer.get(axis + "_indicators", [1.0] * count))
            case.give(prefix + "indicators." + axis, indicators, trained=False)
            # What the parts are multiplied by. The first expansion is there unless the layer is skipped.
            products = indicators.cumprod(0) if axis == "kernel" else torch.cat([indicators[:1], indicators[1:].cumprod(0)])
            case.give(prefix + "products." + axis, products)
    case.normalization(prefix + "depthwise_normalization", hidden)
    case.draw(prefix + "project", hidden, layer["output_channels"], deviation=0.4)
    case.normalization(prefix + "project_normalization", layer["output_channels"])


def effective_kernel(case, prefix, layer):
    """The kernel, in which the shells that are off are zero."""
    kernel = case.tensors[prefix + "depthwise"]
    if not layer["searchable"]:
        return kernel
    size = layer["kernels"][-1]
    offsets = (torch.arange(size) - size // 2).abs()
    distance = torch.maximum(offsets[:, None], offsets[None, :])
    effective = kernel * (distance <= layer["kernels"][0] // 2)[:, :, None]
    for index, (inner, outer) in enumerate(zip(layer["kernels"], layer["kernels"][1:])):
        shell = (distance > inner // 2) & (distance <= outer // 2)
        effective = effective + case.tensors[prefix + "products.kernel"][index] * kernel * shell[:, :, None]
    return effective


def block(case, x, prefix, layer, training):
    kernel = effective_kernel(case, prefix, layer)
    y = x
    if layer["expands"]:
        y = case.normalize(case.pointwise(y, prefix + "expand"), prefix + "expand_normalization", training).relu()
    weights = kernel.permute(2, 0, 1)[:, None]
    y = F.conv2d(y, weights, stride=layer["stride"], padding=kernel.shape[0] // 2, groups=kernel.shape[2])
    y = case.normalize(y, prefix + "depthwise_normalization", training).relu()
    present = 1.0
    if layer["searchable"]:
        on, inputs, gates, first = case.tensors[prefix + "products.expansion"], layer["input_channels"], [], 0
        for index, ratio in enumerate(layer["expansions"]):
            gates += [on[index] if index > 0 else torch.ones(()).double()] * (ratio * inputs - first)
            first = ratio * inputs
        y, present = y * torch.stack(gates)[None, :, None, None], on[0]
    y = case.normalize(case.pointwise(y, prefix + "project"), prefix + "project_normalization", training) * present
    return x + y if layer["residual"] else y


def to_nchw(t):
    return t.permute(0, 3, 1, 2)


def to_nhwc(t):
    return t.permute(0, 2, 3, 1).contiguous()


def make_block(path, seed, layer, height=6, width=5):
    layer = {"searchable": True, "expands": True, **layer}
    case = Case(seed)
    x = case.draw("input", 2, height, width, layer["input_channels"])
    block_parameters(case, "", layer)
    y = to_nhwc(block(case, to_nchw(x), "", layer, True))
    upstream = case.draw("output_gradient", *y.shape, trained=False)
    (y * upstream).sum().backward()
    case.give("output", y.detach(), trained=False)
    sizes = ("kernels", "expansions", "stride", "input_channels", "output_channels", "may_skip")
    case.store(path, {**{key: layer[key] for key in sizes}, "height": height, "width": width, "batch": 2})


def milliseconds(table, shells, slices):
    """The latency of the size that the indicators select; `table` is kernels x expansions."""
    if not slices[0]:
        return 0.0
    return table[int(shells.cumprod(0).sum()), int(slices[1:].cumprod(0).sum())]


def layers_of(space):
    """Name and sizes of every block of a search space, as its file has it."""
    channels = space["stem"]["output_channels"]
    for stage in space["stages"]:
        for index in range(stage["layers"]):
            stride = stage["stride"] if index == 0 else 1
            residual = stride == 1 and channels == stage["output_channels"]
            if "fixed" in stage:
                choices = {"kernels": [stage["fixed"]["kernel"]], "expansions": [stage["fixed"]["expansion"]]}
                may_skip, expands = False, stage["fixed"]["expansion"] > 1
            else:
                choices = {key: stage["choices"][key] for key in ("kernels", "expansions")}
                may_skip, expands = stage["choices"]["skip"] and residual, True
            yield f"{stage['name']}.{index + 1}", {
                **choices, "stride": stride, "input_channels": channels, "output_channels": stage["output_channels"],
                "residual": residual, "may_skip": may_skip, "expands": expands, "searchable": "choices" in stage,
            }
            channels = stage["output_channels"]


def make_supernet(path, seed, space, indicators):
    case = Case(seed)
    size, stem, head, classes = space["input"], space["stem"], space["head"], space["classes"]
    batch, fixed_ms, weight = 3, 4.25, 0.5
    images = case.draw("images", batch, size["height"], size["width"], size["channels"], trained=False)
    labels = torch.randint(classes, (batch,), generator=case.random)
    case.give("labels", labels.double(), trained=False)
    case.draw("stem.convolution", stem["kernel"], stem["kernel"], size["channels"], stem["output_channels"], deviation=0.5)
    case.normalization("stem.normalization", stem["output_channels"])
    layers = list(layers_of(space))
    for name, layer in layers:
        layer.update(indicators.get(name, {}))
        block_parameters(case, name + ".", layer)
    width = layers[-1][1]["output_channels"]
    case.draw("head.convolution", width, head["output_channels"], deviation=0.5)
    case.normalization("head.normalization", head["output_channels"])
    case.draw("classifier.weights", head["output_channels"], classes, deviation=0.5)
    case.draw("classifier.bias", classes, deviation=0.5)
    for name, layer in layers:
        if layer["searchable"]:
            base = torch.tensor([[float(k * e) for e in layer["expansions"]] for k in layer["kernels"]])
            noise = torch.rand(base.shape, generator=case.random)
            case.give("table." + name, 0.1 * base + noise, trained=False)

    def logits(training):
        t = case.tensors
        x = F.conv2d(
            to_nchw(images), t["stem.convolution"].permute(3, 2, 0, 1), stride=stem["stride"], padding=stem["kernel"] // 2)
        x = case.normalize(x, "stem.normalization", training).relu()
        runtime = torch.tensor(fixed_ms).double()
        for name, layer in layers:
            x = block(case, x, name + ".", layer, training)
            if layer["searchable"]:
                on = [t[f"{name}.indicators.{axis}"] for axis in ("kernel", "expansion")]
                runtime = runtime + milliseconds(t["table." + name], *on)
        x = case.normalize(case.pointwise(x, "head.convolution"), "head.normalization", training).relu()
        return x.mean((2, 3)) @ t["classifier.weights"] + t["classifier.bias"], runtime

    found, runtime = logits(True)
    cross_entropy = F.cross_entropy(found, labels, label_smoothing=0.1)
    loss = cross_entropy + weight * torch.log(runtime)
    loss.backward()
    for name, value in (("logits", found), ("cross_entropy", cross_entropy), ("runtime_ms", runtime), ("loss", loss)):
        case.tensors[name] = value.detach()
    with torch.no_grad():
        case.tensors["evaluation_logits"] = logits(False)[0]
    case.store(path, {"space": space, "lambda": weight, "fixed_ms": fixed_ms, "batch": batch})


def main():
    square = {"input_channels": 4, "output_channels": 4, "stride": 1, "residual": True, "may_skip": True}
    reduction = {"input_channels": 4, "output_channels": 5, "stride": 2, "residual": False, "may_skip": False}
    usual = {"kernels": [3, 5], "expansions": [3, 6]}
    many = {"kernels": [3, 5, 7], "expansions": [1, 2, 4, 6]}
    make_block("block_all_on.json", 1, {**square, **usual})
    make_block("block_slice_off.json", 2, {**reduction, **usual, "expansion_indicators": [1.0, 0.0]})
    make_block("block_skipped.json", 3, {**square, **usual, "expansion_indicators": [0.0, 1.0]})
    make_block(
        "block_many_choices.json", 4,
        {**square, **many, "kernel_indicators": [0.0, 1.0], "expansion_indicators": [1.0, 1.0, 0.0, 1.0]})
    make_block(
        "block_shell_off.json", 5,
        {**reduction, **many, "kernel_indicators": [1.0, 0.0], "expansion_indicators": [1.0, 1.0, 1.0, 1.0]})

    def stage(name, channels, stride):
        choices = {"kernels": [3, 5], "expansions": [3, 6], "skip": True}
        return {"name": name, "layers": 2, "output_channels": channels, "stride": stride, "choices": choices}

    def fixed(name, channels, expansion):
        block = {"kernel": 3, "expansion": expansion}
        return {"name": name, "layers": 1, "output_channels": channels, "stride": 1, "fixed": block}

    space = {
        "schema": "onepath.space/1", "name": "vectors", "description": "for test vectors",
        "input": {"height": 8, "width": 8, "channels": 2}, "stem": {"kernel": 3, "stride": 1, "output_channels": 4},
        "stages": [fixed("first", 4, 1), stage("stage1", 6, 2), stage("stage2", 6, 1), fixed("last", 5, 6)],
        "head": {"output_channels": 8}, "classes": 3,
    }
    make_supernet("supernet_all_on.json", 6, space, {})
    make_supernet(
        "supernet_mixed.json", 7, space,
        {
            "stage1.1": {"expansion_indicators": [1.0, 0.0]}, "stage1.2": {"kernel_indicators": [0.0]},
            "stage2.1": {"expansion_indicators": [0.0, 1.0]},
        })


if __name__ == "__main__":
    main()
