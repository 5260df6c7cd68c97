"""The due river: what is due today, hour by hour, stacked by kind, with a line at now; its words stand in a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

_COLUMN, _BAR, _HEIGHT, _FOOT = 40, 28, 120, 24


@dataclass(frozen=True, kw_only=True)
class Column:
    """One hour: its label, how many of each kind in the order of the kinds, and the list behind it."""

    label: str
    counts: Sequence[int]
    url: str

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(self.counts)


def due_river(columns: Sequence[Column], *, kinds: Sequence[str], now: int) -> SafeString:
    """Return the river as SVG, whose bars lead to the lists behind them, and the same numbers as a table.

    Args:
        columns: the hours of the day, in order.
        kinds: the words of the kinds, in the order of the counts; at most four.
        now: index of the present hour.
    """
    highest = max((column.total for column in columns), default=0) or 1
    bars = format_html_join("", "{}", ((_bar(index, column, highest),) for index, column in enumerate(columns)))
    return _drawn(columns, bars, kinds=kinds, now=now, label=_("Due today, by hour"), empty=_("Nothing is due today."))


def flow(columns: Sequence[Column], *, kinds: Sequence[str], now: int, label: str, empty: str) -> SafeString:
    """Return counts of each hour beside each other, not stacked: what cannot be added, such as what came and what went.

    Args:
        columns: the hours of the day, in order; their addresses are not used.
        kinds: the words of the kinds, in the order of the counts; at most four.
        now: index of the present hour.
        label: what the drawing shows.
        empty: the sentence where every count is nought.
    """
    highest = max((max(column.counts, default=0) for column in columns), default=0) or 1
    bars = format_html_join("", "{}", ((_beside(index, column, highest),) for index, column in enumerate(columns)))
    return _drawn(columns, bars, kinds=kinds, now=now, label=label, empty=empty)


def _beside(index: int, column: Column, highest: int) -> SafeString:
    width = _BAR // max(1, len(column.counts))
    rects = []
    for kind, count in enumerate(column.counts):
        height = (_HEIGHT - 16) * count / highest
        x = index * _COLUMN + (_COLUMN - _BAR) // 2 + kind * width
        if count:
            rects.append((kind, x, f"{_HEIGHT - height:.1f}", width - 2, f"{height:.1f}"))
    return format_html_join("", '<rect class="river-{}" x="{}" y="{}" width="{}" height="{}"/>', rects)


def _drawn(
    columns: Sequence[Column], bars: SafeString, *, kinds: Sequence[str], now: int, label: str, empty: str
) -> SafeString:
    labels = format_html_join(
        "",
        '<text x="{}" y="{}" class="river-label">{}</text>',
        (
            (index * _COLUMN + 4, _HEIGHT + _FOOT - 6, column.label)
            for index, column in enumerate(columns)
            if index % 3 == 0
        ),
    )
    line = now * _COLUMN + _COLUMN // 2
    return format_html(
        '<div class="river"><svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}{}<line class="river-now" x1="{}" x2="{}" y1="0"'
        ' y2="{}"/></svg><p class="river-key">{} <span class="muted">{}</span></p>{}</div>',
        len(columns) * _COLUMN, _HEIGHT + _FOOT, label, bars, labels, line, line, _HEIGHT,
        _key(kinds), _("The upright line is now."), _table(columns, kinds, empty),
    )  # fmt: skip


def _bar(index: int, column: Column, highest: int) -> SafeString:
    if not column.total:
        return SafeString("")
    rects, y = [], float(_HEIGHT)
    for kind, count in enumerate(column.counts):
        height = (_HEIGHT - 16) * count / highest
        y -= height
        if count:
            rects.append((kind, index * _COLUMN + (_COLUMN - _BAR) // 2, f"{y:.1f}", _BAR, f"{height:.1f}"))
    drawn = format_html_join("", '<rect class="river-{}" x="{}" y="{}" width="{}" height="{}"/>', rects)
    return format_html(
        '<a href="{}" aria-label="{}">{}<text class="river-count" x="{}" y="{}">{}</text></a>',
        column.url, _("%(label)s: %(count)d due") % {"label": column.label, "count": column.total}, drawn,
        index * _COLUMN + _COLUMN // 2, f"{y - 4:.1f}", column.total,
    )  # fmt: skip


def _key(kinds: Sequence[str]) -> SafeString:
    return format_html_join(
        " ",
        '<span class="split-word"><svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<rect class="river-{}" x="2" y="2" width="12" height="12"/></svg>{}</span>',
        enumerate(kinds),
    )


def _table(columns: Sequence[Column], kinds: Sequence[str], empty: str) -> SafeString:
    filled = [column for column in columns if column.total]
    if not filled:
        return format_html('<p class="muted">{}</p>', empty)
    head = format_html_join("", '<th scope="col" class="num">{}</th>', ((kind,) for kind in kinds))
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (
                format_html('<a href="{}">{}</a>', column.url, column.label) if column.url else column.label,
                format_html_join("", '<td class="num">{}</td>', ((count,) for count in column.counts)),
            )
            for column in filled
        ),
    )
    return format_html(
        '<details><summary>{0}</summary><div class="wide" tabindex="0" role="region" aria-label="{0}"><table class="rows"><thead><tr><th scope="col">{1}</th>{2}</tr></thead><tbody>{3}</tbody>'
        "</table></div></details>",
        _("The same as a table"), _("Hour"), head, rows,
    )  # fmt: skip
