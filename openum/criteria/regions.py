"""A place on the picture of a page: a rectangle, in thousandths of the page from its left and upper edge. Pure."""

from typing import Any, ClassVar, Final

from openum.vocabulary.errors import Invalid

Region = tuple[int, int, int, int]
"""Left, top, width and height, in thousandths of the page."""
WHOLE: Final = 1000
_LEAST: Final = 5


class RegionOutsidePage(Invalid):
    """The rectangle is empty, or not on the page."""

    code: ClassVar[str] = "region-outside-page"


def check_region(region: Region) -> Region:
    """Refuse a rectangle that is empty or reaches over the edge.

    Raises:
        RegionOutsidePage: with what it has to be.
    """
    left, top, width, height = region
    if width < _LEAST or height < _LEAST or left < 0 or top < 0 or left + width > WHOLE or top + height > WHOLE:
        raise RegionOutsidePage(
            "The place is not on the page. Give left, top, width and height in percent of it; each side is at least half "
            "a percent, and left with width, top with height, are at most 100."
        )
    return region


def region_of(kept: Any) -> Region | None:
    """Return a kept rectangle, or None."""
    if not kept:
        return None
    left, top, width, height = (int(each) for each in kept)
    return left, top, width, height


def region_words(region: Region | None) -> str:
    """Say where a rectangle lies, for a text that has no picture."""
    if region is None:
        return ""
    left, top, width, height = (each / 10 for each in region)
    return f"area from {left:g} to {left + width:g} % across and {top:g} to {top + height:g} % down"
