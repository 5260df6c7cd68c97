"""The fan: what came each week, what is expected, and how sure that is; its words stand in a table beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

_WIDTH, _HEIGHT, _FOOT, _LEFT, _TOP = 720, 150, 22, 36, 8


@dataclass(frozen=True, kw_only=True)
class Blade:
    """One week ahead: its label, the middle, and the ends of the narrow and of the wide interval."""

    label: str
    middle: float
    narrow: tuple[float, float]
    wide: tuple[float, float]


def fan(past: Sequence[tuple[str, float]], ahead: Sequence[Blade], *, label: str) -> SafeString:
    """Return the drawing of a past and its forecast as SVG.

    Args:
        past: label and number of each week, the oldest first.
        ahead: the weeks that follow.
        label: what the drawing shows, for those who do not see it.
    """
    whole = len(past) + len(ahead)
    highest = max([1.0, *(value for _label, value in past), *(blade.wide[1] for blade in ahead)])
    step = (_WIDTH - _LEFT - 4) / max(whole - 1, 1)

    def x(place: int) -> str:
        return f"{_LEFT + place * step:.1f}"

    def y(value: float) -> str:
        return f"{_TOP + _HEIGHT * (1 - value / highest):.1f}"

    begun = len(past)
    bands = format_html_join(
        "",
        '<polygon class="fan-{}" points="{}"/>',
        ((name, _around(ahead, name, begun, x, y)) for name in ("wide", "narrow") if ahead),
    )
    came = " ".join(f"{x(place)},{y(value)}" for place, (_label, value) in enumerate(past))
    dots = format_html_join(
        "", '<circle class="fan-dot" cx="{}" cy="{}" r="2.2"/>', ((x(place), y(value)) for place, (_label, value) in enumerate(past))
    )  # fmt: skip
    expected = " ".join(f"{x(begun + place)},{y(blade.middle)}" for place, blade in enumerate(ahead))
    lines = format_html_join(
        "",
        '<line class="lane-line" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" class="fan-scale">{}</text>',
        (
            (_LEFT, _WIDTH, y(value), y(value), _LEFT - 6, f"{float(y(value)) + 4:.1f}", f"{value:.0f}")
            for value in (0.0, highest / 2, highest)
        ),
    )
    names = [name for name, _value in past] + [blade.label for blade in ahead]
    every = max(1, whole // 8)
    feet = format_html_join(
        "",
        '<text x="{}" y="{}" class="fan-foot">{}</text>',
        ((x(place), _TOP + _HEIGHT + 16, name) for place, name in enumerate(names) if place % every == 0 and place < whole - 1),
    )  # fmt: skip
    return format_html(
        '<div class="fan"><div class="fan-scroll" tabindex="0" role="group" aria-label="{}"><svg viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}{}<polyline class="fan-came" points="{}"/>{}'
        '<polyline class="fan-expected" points="{}"/>{}</svg></div><p class="river-key">{}</p></div>',
        label, _WIDTH, _TOP + _HEIGHT + _FOOT, label, lines, bands, came, dots, expected, feet, _key(),
    )  # fmt: skip


def _around(ahead: Sequence[Blade], name: str, begun: int, x: Callable[[int], str], y: Callable[[float], str]) -> str:
    ends = [blade.wide if name == "wide" else blade.narrow for blade in ahead]
    there = [f"{x(begun + place)},{y(high)}" for place, (_low, high) in enumerate(ends)]
    back = [f"{x(begun + place)},{y(low)}" for place, (low, _high) in reversed(list(enumerate(ends)))]
    return " ".join(there + back)


def _key() -> SafeString:
    return format_html_join(
        " ",
        '<span class="split-word"><svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>{}</span>',
        (
            (SafeString('<polyline class="fan-came" points="1,11 6,5 10,9 15,4"/>'), _("came")),
            (SafeString('<polyline class="fan-expected" points="1,8 15,8"/>'), _("expected")),
            (SafeString('<rect class="fan-narrow" x="1" y="3" width="14" height="10"/>'), _("4 of 5 weeks")),
            (SafeString('<rect class="fan-wide" x="1" y="3" width="14" height="10"/>'), _("19 of 20 weeks")),
        ),
    )
