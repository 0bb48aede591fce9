"""Trains timm's mobilenetv2_100 from scratch on a folder of photos, what one would do without a search: the peer of
`onepath search` and `onepath train`.

    .venv/bin/python benchmarks/pytorch_photos.py --data photos --minutes 90 --checkpoint runs/peer.pt

The folder is train/<class>/... and val/<class>/.... The recipe is the usual one: random resized crops (area 0.25 to 1),
mirror images, SGD with Nesterov momentum, a cosine that ends with the time, five per cent of it as warm-up, label
smoothing 0.1, batch 64; maps are channels-last, the fastest layout on a CPU. The learning rate follows the clock, so that
any number of minutes makes a whole schedule. With --checkpoint, a run that is stopped resumes, and its minutes count on.

On a machine with other work, measure first how many images a second it trains when it is quiet (--minutes 1), and give
that as --rate: the run then ends after the images of so many quiet minutes, however long they take.

Prints one line of JSON: top-1 on val at 256/224 of the size, images a second of the training, epochs.
"""
import argparse
import json
import math
import os
import sys
import time

import timm
import torch
import torch.nn.functional as F
import torchvision
from torch.utils.data import DataLoader
from torchvision import transforms


def loaders(data, side, batch, workers, seed):
    """Batches for training, in a new order each epoch, and batches for evaluation."""
    normalize = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    augmented = transforms.Compose([
        transforms.RandomResizedCrop(side, scale=(0.25, 1)), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
        normalize])
    middle = transforms.Compose([
        transforms.Resize(side * 256 // 224), transforms.CenterCrop(side), transforms.ToTensor(), normalize])
    training = torchvision.datasets.ImageFolder(os.path.join(data, "train"), augmented)
    validation = torchvision.datasets.ImageFolder(os.path.join(data, "val"), middle)
    generator = torch.Generator().manual_seed(seed)
    return (
        DataLoader(training, batch, shuffle=True, drop_last=True, num_workers=workers, generator=generator,
                   persistent_workers=workers > 0),
        DataLoader(validation, batch, num_workers=workers), len(training.classes))


@torch.inference_mode()
def accuracy(model, batches):
    model.eval()
    right = total = 0
    for images, labels in batches:
        logits = model(images.to(memory_format=torch.channels_last))
        right += (logits.argmax(1) == labels).sum().item()
        total += len(labels)
    return right / total


def rate_at(progress, peak, warm_up=0.05):
    """The learning rate after this part of the time, from 0 to 1."""
    if progress < warm_up:
        return peak * max(progress / warm_up, 1e-3)
    return peak * 0.5 * (1 + math.cos(math.pi * min((progress - warm_up) / (1 - warm_up), 1)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="the folder of photos")
    parser.add_argument("--minutes", type=float, default=1, help="how long to train (default: 1)")
    parser.add_argument("--model", default="mobilenetv2_100", help="of timm (default: mobilenetv2_100)")
    parser.add_argument("--resolution", type=int, default=128, help="side of the training crops (default: 128)")
    parser.add_argument("--batch", type=int, default=64, help="images a step (default: 64)")
    parser.add_argument("--learning-rate", type=float, default=0.1, help="at its peak (default: 0.1)")
    parser.add_argument("--threads", type=int, default=2, help="that compute (default: 2)")
    parser.add_argument("--workers", type=int, default=2, help="processes that load images (default: 2)")
    parser.add_argument("--rate", type=float, help="count a minute for 60 times so many images, not by the clock")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", help="a file to resume from, written after every epoch and every few minutes")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    training, validation, classes = loaders(
        options.data, options.resolution, options.batch, options.workers, options.seed)
    model = timm.create_model(options.model, num_classes=classes).to(memory_format=torch.channels_last)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": 4e-5}, {"params": others, "weight_decay": 0}],
        lr=options.learning_rate, momentum=0.9, nesterov=True)
    # What must be the same for a run to resume.
    settings = {
        name: value for name, value in vars(options).items() if name not in ("checkpoint", "threads", "workers", "data")}
    spent = images_seen = epoch = 0
    result = None
    if options.checkpoint and os.path.exists(options.checkpoint):
        state = torch.load(options.checkpoint)
        if state["settings"] != settings:
            sys.exit(f"{options.checkpoint} is of other settings: {state['settings']}")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        spent, images_seen, epoch, result = (state[name] for name in ("spent", "images", "epoch", "result"))

    def keep():
        if not options.checkpoint:
            return
        state = {
            "settings": settings, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "spent": spent,
            "images": images_seen, "epoch": epoch, "result": result}
        torch.save(state, options.checkpoint + ".new")
        os.replace(options.checkpoint + ".new", options.checkpoint)

    end = 60 * options.minutes
    kept = spent

    def used():
        """Seconds of the given minutes."""
        return images_seen / options.rate if options.rate else spent

    while used() < end:
        model.train()
        start = time.perf_counter()
        for images, labels in training:
            for group in optimizer.param_groups:
                group["lr"] = rate_at(used() / end, options.learning_rate)
            logits = model(images.to(memory_format=torch.channels_last))
            loss = F.cross_entropy(logits, labels, label_smoothing=0.1)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            images_seen += len(labels)
            now = time.perf_counter()
            spent, start = spent + now - start, now
            if used() >= end:
                break
            if spent - kept > 120:
                keep()
                kept, start = spent, time.perf_counter()
        else:
            epoch += 1
        print(f"epoch {images_seen / len(training.dataset):.1f}  {used() / 60:.1f} of {options.minutes:g} minutes  "
              f"{images_seen / spent:.1f} images/s  loss {loss.item():.3f}", file=sys.stderr)
        keep()
    if result is None:
        result = accuracy(model, validation)
        keep()
    print(json.dumps({
        "model": options.model, "resolution": options.resolution, "batch": options.batch, "minutes": options.minutes,
        "threads": options.threads, "torch": torch.__version__, "timm": timm.__version__, "top1": result,
        "epochs": images_seen / len(training.dataset), "images_per_second": images_seen / spent}))


if __name__ == "__main__":
    main()
