"""How a place on a page is cut out of the page's picture."""

from dataclasses import dataclass

from django import template

from openum.criteria.regions import WHOLE, Region, region_words

register = template.Library()
PAGE_WIDTH, PAGE_HEIGHT = 850, 1100
"""Of the picture as it is drawn on the page; a page of another form is stretched, and its places with it."""
_MOST_WIDTH = 420


@dataclass(frozen=True)
class Cut:
    """The window onto the page, its size on the screen, and where it lies in words."""

    view: str
    width: int
    height: int
    words: str


@register.filter
def cut(region: Region) -> Cut:
    """Return the window that shows a place."""
    left, top, width, height = region
    x, y = left * PAGE_WIDTH / WHOLE, top * PAGE_HEIGHT / WHOLE
    wide, high = width * PAGE_WIDTH / WHOLE, height * PAGE_HEIGHT / WHOLE
    scale = min(1.0, _MOST_WIDTH / wide)
    return Cut(
        view=f"{x:.1f} {y:.1f} {wide:.1f} {high:.1f}", width=max(1, round(wide * scale)),
        height=max(1, round(high * scale)), words=region_words(region),
    )  # fmt: skip
