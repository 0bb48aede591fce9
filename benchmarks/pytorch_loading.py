"""How fast torchvision's ImageFolder and PyTorch's DataLoader load training photos: the peer of
`onepath benchmark loading`.

    .venv/bin/python benchmarks/pytorch_loading.py --data photos

Decodes, crops a random part (area 0.25 to 1), resizes, and mirrors half of the images, in two worker processes. With
--jitter, brightness, contrast and saturation change too. Prints one line of JSON.
"""
import argparse
import json
import os
import time

import torch
import torchvision
from torch.utils.data import DataLoader
from torchvision import transforms


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="the folder of photos, with train/<class>/...")
    parser.add_argument("--resolution", type=int, default=224)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--batches", type=int, default=50, help="how many are timed, after eight that are not")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--jitter", type=float, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    steps = [transforms.RandomResizedCrop(options.resolution, scale=(0.25, 1)), transforms.RandomHorizontalFlip()]
    if options.jitter:
        steps.append(transforms.ColorJitter(options.jitter, options.jitter, options.jitter))
    steps += [transforms.ToTensor(), transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
    images = torchvision.datasets.ImageFolder(os.path.join(options.data, "train"), transforms.Compose(steps))
    loader = DataLoader(images, options.batch, shuffle=True, drop_last=True, num_workers=options.workers)
    # What the workers have prepared before the clock starts is not timed.
    ahead = 8
    start = count = 0
    for step, (batch, _) in enumerate(loader):
        if step == ahead:
            start = time.perf_counter()
        elif step > ahead:
            count += len(batch)
        if step == ahead + options.batches:
            break
    print(json.dumps({
        "images_per_second": count / (time.perf_counter() - start), "resolution": options.resolution,
        "workers": options.workers, "torchvision": torchvision.__version__}))


if __name__ == "__main__":
    main()
