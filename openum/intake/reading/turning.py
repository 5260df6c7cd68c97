"""Places on a page that was turned: a box as it lies after so many quarter turns clockwise. Pure."""

from openum.intake.reading.words import Box

WHOLE_TURN = 360
QUARTER = 90


def turned(box: Box, *, by: int) -> Box:
    """Return where a box lies after the page was turned clockwise by a multiple of 90 degrees."""
    left, top, right, bottom = box
    for _ in range(by % WHOLE_TURN // QUARTER):
        left, top, right, bottom = 1 - bottom, left, 1 - top, right
    return left, top, right, bottom
