"""Columns of months: a value a month, hatched where more is still to come; its words stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

_WIDTH, _HEIGHT, _FOOT, _LEFT, _TOP = 720, 150, 22, 56, 8
_SPARK = (96, 22)


@dataclass(frozen=True, kw_only=True)
class MonthColumn:
    """One month: its label, its value, that value in words, and whether the month is complete."""

    label: str
    value: float | None
    words: str
    is_mature: bool


def months_chart(columns: Sequence[MonthColumn], *, label: str) -> SafeString:
    """Return the drawing of a metric over its months as SVG.

    Args:
        columns: the months, the oldest first.
        label: what the drawing shows, for those who do not see it.
    """
    highest = max([each.value for each in columns if each.value is not None], default=0.0) or 1.0
    step = (_WIDTH - _LEFT - 4) / max(len(columns), 1)
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        (
            (
                "col-bar" if each.is_mature else "col-bar col-young", f"{_LEFT + place * step + step * 0.12:.1f}",
                f"{_TOP + _HEIGHT * (1 - (each.value or 0) / highest):.1f}", f"{step * 0.76:.1f}",
                f"{_HEIGHT * (each.value or 0) / highest:.1f}", each.label, each.words,
            )
            for place, each in enumerate(columns)
        ),
    )  # fmt: skip
    lines = format_html_join(
        "",
        '<line class="lane-line" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" class="fan-scale">{}</text>',
        (
            (_LEFT, _WIDTH, f"{_TOP + _HEIGHT * (1 - part):.1f}", f"{_TOP + _HEIGHT * (1 - part):.1f}", _LEFT - 6,
             f"{_TOP + _HEIGHT * (1 - part) + 4:.1f}", _scale(highest * part))
            for part in (0.0, 0.5, 1.0)
        ),
    )  # fmt: skip
    every = max(1, len(columns) // 8)
    feet = format_html_join(
        "",
        '<text x="{}" y="{}" class="fan-foot">{}</text>',
        ((f"{_LEFT + (place + 0.1) * step:.1f}", _TOP + _HEIGHT + 16, each.label) for place, each in enumerate(columns) if place % every == 0),
    )  # fmt: skip
    return format_html(
        '<div class="fan"><div class="fan-scroll" tabindex="0" role="group" aria-label="{}">'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}{}{}</svg></div><p class="river-key">{}</p></div>',
        label, _WIDTH, _TOP + _HEIGHT + _FOOT, label, lines, bars, feet, _key(),
    )  # fmt: skip


def spark(values: Sequence[float | None]) -> SafeString:
    """Return a small line of values; its words stand beside it, so it is hidden from those who do not see it."""
    width, height = _SPARK
    highest = max([each for each in values if each is not None], default=0.0) or 1.0
    step = width / max(len(values) - 1, 1)
    points = " ".join(
        f"{place * step:.1f},{height - 2 - (height - 4) * value / highest:.1f}"
        for place, value in enumerate(values)
        if value is not None
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true" focusable="false"><polyline points="{}"/></svg>',
        width, height, points,
    )  # fmt: skip


def _scale(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.2f}"


def _key() -> SafeString:
    return format_html_join(
        " ",
        '<span class="split-word"><svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<rect class="{}" x="2" y="2" width="12" height="12"/></svg>{}</span>',
        (("col-bar", _("complete")), ("col-bar col-young", _("more is still to come"))),
    )
