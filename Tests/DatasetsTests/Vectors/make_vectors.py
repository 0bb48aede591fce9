"""Makes the images in ../Images and the vectors beside this file, with Pillow and torchvision.

Pillow is the second implementation that decoding and resampling are compared with, torchvision that of the colour
changes. The tests read what this script wrote, not the script.

    python3 -m venv .venv
    .venv/bin/pip install pillow numpy torch torchvision
    .venv/bin/python Tests/DatasetsTests/Vectors/make_vectors.py

Values are bytes in hexadecimal, [height, width, channels].
"""
import json
import pathlib
import struct
import zlib

import numpy
from PIL import Image, ImageOps
from torchvision.transforms import functional

FOLDER = pathlib.Path(__file__).parent
IMAGES = FOLDER.parent / "Images"


def write(name, cases):
    lines = ",\n".join("  " + json.dumps(case) for case in cases)
    (FOLDER / f"{name}.json").write_text(f"[\n{lines}\n]\n")


def values(image):
    return numpy.asarray(image).astype(numpy.uint8).tobytes().hex()


# ---- images ------------------------------------------------------------------------------------------------

HEIGHT, WIDTH = 13, 21


def smooth(channels, depth=8):
    """A picture without edges, different at every place and in every channel."""
    y, x, c = numpy.mgrid[0:HEIGHT, 0:WIDTH, 0:channels]
    part = 0.5 + 0.3 * numpy.sin(0.35 * x + 1.7 * c + 0.1) + 0.2 * numpy.cos(0.45 * y + 0.05 * x * (c + 1))
    return numpy.round(part * (2**depth - 1)).astype(numpy.uint16)


def samples_to_rows(samples, depth):
    """The bytes of each row: samples are packed, the first in the highest bits."""
    for row in samples.reshape(len(samples), -1):
        bits = "".join(format(int(value), f"0{depth}b") for value in row)
        bits += "0" * (-len(bits) % 8)
        yield bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def png(samples, depth, color_type, interlaced=False, chunks=()):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    # The seven passes of Adam7: first row, first column, distance of rows, distance of columns.
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    parts = [samples[r::dr, c::dc] for r, c, dr, dc in passes] if interlaced else [samples]
    data = b"".join(b"\0" + row for part in parts if part.size for row in samples_to_rows(part, depth))
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(k, d) for k, d in chunks) + chunk(
        b"IDAT", zlib.compress(data, 9)
    ) + chunk(b"IEND", b"")


def on_white(image):
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


images = []


def add(name, rgb):
    assert (IMAGES / name).stat().st_size < 4000, name
    images.append({"name": name, "height": rgb.height, "width": rgb.width, "rgb": values(rgb)})


rgb = Image.fromarray(smooth(3).astype(numpy.uint8))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    name = f"orientation-{orientation}.jpg"
    rgb.save(IMAGES / name, quality=92, exif=exif)
    add(name, ImageOps.exif_transpose(Image.open(IMAGES / name)))
for name, image, options in [
    ("baseline.jpg", rgb, {"subsampling": 0}),
    ("progressive.jpg", rgb, {"progressive": True}),
    ("grey.jpg", rgb.convert("L"), {}),
    ("cmyk-adobe.jpg", Image.fromarray(smooth(4).astype(numpy.uint8), "CMYK"), {}),
]:
    image.save(IMAGES / name, quality=92, **options)
    add(name, Image.open(IMAGES / name).convert("RGB"))

colors = {0: 1, 2: 3, 4: 2, 6: 4}
for color_type, depth, interlaced in [
    (0, 1, False), (0, 2, True), (0, 4, False), (0, 8, False), (0, 16, True), (2, 8, True), (2, 16, False), (2, 16, True),
    (4, 8, True), (4, 16, False), (6, 8, False), (6, 16, True),
]:
    channels = colors[color_type]
    name = f"colour-type-{color_type}-{depth}-bit{'-interlaced' if interlaced else ''}.png"
    samples = smooth(channels, depth)
    (IMAGES / name).write_bytes(png(samples, depth, color_type, interlaced))
    if (color_type, depth) == (0, 16):
        # Pillow's conversion of 16-bit grey saturates at 255; elsewhere it takes the upper byte.
        add(name, Image.fromarray((samples[..., 0] >> 8).astype(numpy.uint8)).convert("RGB"))
    else:
        add(name, on_white(Image.open(IMAGES / name)))

palette = bytes((37 * i + 11 * c) % 256 for i in range(16) for c in range(3))
indices = smooth(1, 4)
transparency = bytes(17 * i for i in range(15))
(IMAGES / "palette-transparent.png").write_bytes(
    png(indices, 4, 3, chunks=[(b"PLTE", palette), (b"tRNS", transparency)]))
add("palette-transparent.png", on_white(Image.open(IMAGES / "palette-transparent.png")))
(IMAGES / "palette-interlaced.png").write_bytes(png(indices, 4, 3, True, chunks=[(b"PLTE", palette)]))
add("palette-interlaced.png", Image.open(IMAGES / "palette-interlaced.png").convert("RGB"))
key = smooth(3)[4, 5]
(IMAGES / "transparent-colour.png").write_bytes(png(smooth(3), 8, 2, chunks=[(b"tRNS", struct.pack(">3H", *key))]))
add("transparent-colour.png", on_white(Image.open(IMAGES / "transparent-colour.png")))
write("images", images)


# ---- resampling --------------------------------------------------------------------------------------------

def formula(height, width, channels):
    """ResamplingTests.swift has the same formula."""
    y, x, c = numpy.mgrid[0:height, 0:width, 0:channels]
    pixels = (37 * x + 91 * y + 7 * x * y + 53 * c + x * x * y % 61) % 256
    pixels[(x // 3 + y // 3) % 5 == 0] = 255
    pixels[(x // 3 + y // 3) % 7 == 0] = 0
    return pixels.astype(numpy.uint8)


resampling = []
for height, width, channels, box, rows, columns in [
    (9, 11, 3, None, 9, 11), (9, 11, 3, None, 5, 4), (9, 11, 3, None, 18, 22), (9, 11, 3, None, 9, 7),
    (9, 11, 3, None, 6, 11), (9, 11, 1, None, 5, 4), (9, 11, 1, None, 13, 17), (40, 50, 3, None, 8, 10),
    (40, 50, 3, (3, 5, 43, 35), 12, 16), (40, 50, 3, (3.25, 5.5, 20.125, 17.75), 10, 14),
    (40, 50, 3, (0.5, 0.25, 49.875, 39.5), 7, 9), (40, 50, 1, (0.5, 0.25, 49.875, 39.5), 7, 9),
    (40, 50, 3, (30, 20, 50, 40), 11, 13), (40, 50, 3, (7, 8, 8, 9), 3, 4), (40, 50, 3, (7.125, 8.25, 7.25, 8.5), 3, 4),
    (40, 50, 3, (10, 11, 26, 23), 12, 16), (40, 50, 3, (10.5, 11, 26.5, 23), 12, 16), (1, 1, 3, None, 3, 5),
    (1, 50, 3, None, 2, 9), (40, 1, 3, None, 9, 2), (1, 3000, 3, None, 1, 3), (3000, 1, 1, None, 2, 1),
    (200, 300, 3, (11.5, 7.25, 288.75, 190.125), 12, 15), (3, 2, 3, None, 20, 3),
]:
    image = Image.fromarray(formula(height, width, channels).squeeze(2) if channels == 1 else formula(height, width, 3))
    made = image.resize((columns, rows), Image.Resampling.BILINEAR, box=box)
    resampling.append({
        "size": [height, width, channels], "box": list(box or (0, 0, width, height)), "output": [rows, columns],
        "values": values(made),
    })
write("resampling", resampling)


# ---- colours -----------------------------------------------------------------------------------------------

image = Image.fromarray(formula(9, 11, 3))
changes = {"brightness": functional.adjust_brightness, "contrast": functional.adjust_contrast,
           "saturation": functional.adjust_saturation}
write("colours", [
    {"change": name, "factor": factor, "values": values(change(image, factor))}
    for name, change in changes.items() for factor in (0, 0.5, 0.8125, 0.9, 1, 1.1, 1.25, 1.7, 3)
])
