"""The timeline with lanes: what happened to a person or a case, one lane for each kind, and the same as an ordered list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from openum.design.moments import day as words_of_day

_WIDTH, _LANE, _LEFT = 720, 30, 130


@dataclass(frozen=True, kw_only=True)
class Span:
    """One thing in a lane, from a day to a day (both counted; one day where they are the same)."""

    lane: str
    words: str
    first: date
    last: date


def lanes(spans: Sequence[Span], *, label: str) -> SafeString:
    """Return the lanes as SVG, and every span as a list in order of its first day."""
    if not spans:
        return format_html('<p class="muted">{}</p>', _("Nothing happened yet."))
    first, last = min(each.first for each in spans), max(each.last for each in spans)
    days = (last - first).days + 1
    names = list(dict.fromkeys(each.lane for each in spans))
    scale = (_WIDTH - _LEFT - 10) / days
    bars = format_html_join(
        "",
        '<rect class="river-{}" x="{}" y="{}" width="{}" height="14" rx="2"/>',
        (
            (
                names.index(each.lane) % 4, f"{_LEFT + (each.first - first).days * scale:.1f}",
                names.index(each.lane) * _LANE + 8, f"{max(4.0, ((each.last - each.first).days + 1) * scale):.1f}",
            )
            for each in spans
        ),
    )  # fmt: skip
    heads = format_html_join(
        "",
        '<text x="0" y="{}">{}</text><line class="lane-line" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        (
            (place * _LANE + 19, name, _LEFT, _WIDTH, place * _LANE + 27, place * _LANE + 27)
            for place, name in enumerate(names)
        ),
    )
    items = format_html_join(
        "",
        '<li>{}: {} <span class="muted">{}</span></li>',
        (
            (each.words, words_of_day(each.first) + (f" – {words_of_day(each.last)}" if each.last != each.first else ""), each.lane)
            for each in sorted(spans, key=lambda each: (each.first, each.last))
        ),
    )  # fmt: skip
    return format_html(
        '<div class="lanes"><svg viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}{}</svg>'
        "<details><summary>{}</summary><ol>{}</ol></details></div>",
        _WIDTH, len(names) * _LANE + 4, label, heads, bars, _("The same as a list"), items,
    )  # fmt: skip
