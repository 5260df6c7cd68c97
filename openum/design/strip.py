"""The day strip of a stay: one cell for each midnight, its height the level of care, its fill what became of the day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from openum.design.moments import day as words_of_day

STATES = {
    "certified": gettext_lazy("certified"),
    "requested": gettext_lazy("asked for"),
    "pended": gettext_lazy("waiting"),
    "avoidable": gettext_lazy("avoidable"),
    "not_certified": gettext_lazy("not certified"),
}
"""What may become of a day. Each has a fill of its own: solid, outline, hatched outline, dots, crossed."""
_CELL, _HEIGHT, _LEAST = 28, 64, 18


@dataclass(frozen=True, kw_only=True)
class StayDay:
    """One midnight: level of care in words, its height from 1 (lowest) to 4, and what became of it."""

    on: date
    level: str
    height: int
    state: str


def day_strip(days: Sequence[StayDay], *, usual: int | None = None) -> SafeString:
    """Return the strip, a sentence that adds it up, and the same as a table.

    Args:
        days: in order.
        usual: the geometric mean length of such stays in days, drawn as a line; None where it is not known.
    """
    cells = format_html_join("", "{}", ((_cell(index, each),) for index, each in enumerate(days)))
    width = max(len(days), (usual or 0) + 1) * _CELL
    line = (
        format_html(
            '<line class="river-now" x1="{0}" x2="{0}" y1="-10" y2="{1}"/><text x="{2}" y="-3">{3}</text>',
            usual * _CELL, _HEIGHT, usual * _CELL + 4, _("usual length"),
        )
        if usual
        else SafeString("")
    )  # fmt: skip
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
        ((words_of_day(each.on), each.level, STATES[each.state]) for each in days),
    )
    return format_html(
        '<div class="strip"><div class="strip-scroll" tabindex="0" role="group" aria-label="{}"><svg viewBox="0 -14 {} {}" width="{}" height="{}"'
        ' aria-hidden="true" focusable="false">{}{}</svg></div><p>{}</p><details><summary>{}</summary><div class="wide" tabindex="0" role="region" aria-label="{}"><table class="rows"><thead><tr>'
        '<th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th></tr></thead><tbody>{}</tbody></table></div></details></div>',
        _("Days of the stay"), width, _HEIGHT + 30, width, _HEIGHT + 30, cells, line, _sum(days, usual),
        _("The same as a table"), _("The same as a table"), _("Day"), _("Level of care"), _("State"), rows,
    )  # fmt: skip


def _cell(index: int, each: StayDay) -> SafeString:
    height = _LEAST + (_HEIGHT - _LEAST) * (max(1, min(4, each.height)) - 1) // 3
    x, y = index * _CELL + 2, _HEIGHT - height
    marks = {
        "not_certified": format_html(
            '<path class="strip-mark" d="M{0} {1}L{2} {3}M{2} {1}L{0} {3}"/>', x, y, x + _CELL - 4, _HEIGHT
        ),
        "avoidable": format_html_join(
            "",
            '<circle class="strip-dot" cx="{}" cy="{}" r="1.8"/>',
            ((x + 6 + 6 * column, down) for column in range(3) for down in range(y + 6, _HEIGHT - 2, 8)),
        ),
        "pended": format_html('<path class="strip-mark" d="M{} {}h{}"/>', x, y + height // 2, _CELL - 4),
    }
    return format_html(
        '<rect class="strip-{}" x="{}" y="{}" width="{}" height="{}"/>{}<text x="{}" y="{}" class="river-count">{}</text>',
        each.state, x, y, _CELL - 4, height, marks.get(each.state, ""), x + _CELL // 2 - 2, _HEIGHT + 13, each.on.day,
    )  # fmt: skip


def _sum(days: Sequence[StayDay], usual: int | None) -> str:
    counts = Counter(each.state for each in days)
    parts = [f"{words} {counts[state]}" for state, words in STATES.items() if counts[state]]
    told = ngettext("%(n)d day: %(parts)s.", "%(n)d days: %(parts)s.", len(days)) % {
        "n": len(days), "parts": ", ".join(parts)
    }  # fmt: skip
    return f"{told} {_('Usual length: %(n)d days.') % {'n': usual}}" if usual else told
