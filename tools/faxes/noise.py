"""Makes a clean page look as if it had been scanned (level 1) or faxed (level 2). Seeds fixed; numpy and Pillow."""

import random

import numpy as np
from PIL import Image

_MOST_SKEW = 2.5
_GREY_SPREAD = 18.0
_SPECKS = 260
_BLACK_BELOW = 150


def noised(page: Image.Image, *, level: int, seed: int) -> Image.Image:
    """Return the page with noise.

    Args:
        level: 0 clean; 1 skew up to 2.5 degrees, grey noise, specks; 2 that, at half the vertical resolution, in black
            and white as a fax sends it.
    """
    if level == 0:
        return page.convert("L")
    draw, spread = random.Random(seed), np.random.default_rng(seed)
    angle = draw.uniform(-_MOST_SKEW, _MOST_SKEW)
    skewed = page.convert("L").rotate(angle, fillcolor=255, resample=Image.Resampling.BICUBIC)
    points = np.asarray(skewed, dtype="float32") + spread.normal(0.0, _GREY_SPREAD, skewed.size[::-1])
    for _ in range(_SPECKS):
        across, down = draw.randrange(skewed.width - 3), draw.randrange(skewed.height - 3)
        points[down : down + draw.randrange(1, 4), across : across + draw.randrange(1, 4)] = draw.choice((0, 90, 255))
    grey = Image.fromarray(points.clip(0, 255).astype("uint8"))
    if level == 1:
        return grey
    low = grey.resize((grey.width, grey.height // 2), Image.Resampling.BILINEAR)
    black = low.point(lambda value: 255 if value >= _BLACK_BELOW else 0)
    return black.resize(grey.size, Image.Resampling.NEAREST)
