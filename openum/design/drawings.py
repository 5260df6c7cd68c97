"""Parcel line, split bar, timeline and evidence reference: SVG or lists, each with its words beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openum.design.moments import span
from openum.design.shapes import shape


@dataclass(frozen=True)
class Stop:
    """One stop of the parcel line; `state` is done, current, todo or failed."""

    label: str
    state: str
    note: str = ""


_STOP_SHAPES = {"done": "check", "current": "target", "todo": "ring", "failed": "square"}


def parcel_line(stops: Sequence[Stop]) -> SafeString:
    """Return the parcel line: an ordered list whose current stop is marked for assistive technology."""
    spoken = {"done": _("done"), "current": _("now"), "todo": _("not yet"), "failed": _("stopped here")}
    items = format_html_join(
        "",
        '<li class="stop stop-{}"{}>{}<span class="stop-label">{}<span class="visually-hidden">, {}</span></span>{}</li>',
        (
            (
                stop.state,
                SafeString(' aria-current="step"') if stop.state in {"current", "failed"} else "",
                shape(_STOP_SHAPES[stop.state]),
                stop.label,
                spoken[stop.state],
                format_html('<span class="stop-note">{}</span>', stop.note) if stop.note else "",
            )
            for stop in stops
        ),
    )
    return format_html('<ol class="parcel">{}</ol>', items)


def split_bar(*, payer: timedelta, provider: timedelta, transit: timedelta = timedelta(0)) -> SafeString:
    """Return the bar of who held the request how long, with the numbers written beside it."""
    parts = [
        ("payer", _("plan"), payer),
        ("provider", _("provider"), provider),
        ("transit", _("in transit"), transit),
    ]
    return parts_bar([(key, word, length.total_seconds(), span(length), "") for key, word, length in parts])


def parts_bar(parts: Sequence[tuple[str, str, float, str, str]]) -> SafeString:
    """Return a whole as a bar of its parts, with each part's words and number below, leading to its list.

    Args:
        parts: colour (payer, provider, transit), word, amount, amount as shown, address of the list or nothing.
    """
    whole = sum(amount for _key, _word, amount, _shown, _url in parts) or 1.0
    x = 0.0
    bars: list[tuple[str, str, str]] = []
    for key, _word, amount, _shown, _url in parts:
        width = 300.0 * amount / whole
        bars.append((key, f"{x:.1f}", f"{width:.1f}"))
        x += width
    rects = format_html_join("", '<rect class="split-{}" x="{}" y="0" width="{}" height="10"/>', bars)
    words = format_html_join(
        " · ",
        '<span class="split-word"><svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<rect class="split-{}" x="2" y="2" width="12" height="12"/></svg>{}</span>',
        (
            (key, format_html('<a href="{}">{} {}</a>', url, word, shown) if url else f"{word} {shown}")
            for key, word, amount, shown, url in parts
            if amount > 0
        ),
    )
    return format_html(
        '<div class="split"><svg viewBox="0 0 300 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">{}</svg>'
        "<p>{}</p></div>",
        rects,
        words,
    )


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One entry of a timeline, ready to show. `tone` marks the few that matter most."""

    at: str
    text: str
    who: str = ""
    detail: str = ""
    tone: str = "muted"
    shape: str = "ring"
    instant: str = ""


def timeline(entries: Sequence[Happening]) -> SafeString:
    """Return the timeline as an ordered list, which is also its own text twin."""
    rows = format_html_join(
        "",
        '<li class="t-{}">{}<div><time{}>{}</time> <span class="what">{}</span>{}{}</div></li>',
        (
            (
                entry.tone,
                shape(entry.shape),
                format_html(' datetime="{}"', entry.instant) if entry.instant else "",
                entry.at,
                entry.text,
                format_html('<span class="who">{}</span>', entry.who) if entry.who else "",
                format_html('<span class="why">{}</span>', entry.detail) if entry.detail else "",
            )
            for entry in entries
        ),
    )
    return format_html('<ol class="timeline">{}</ol>', rows)


def reference(*, node: str, numbers: Sequence[int]) -> SafeString:
    """Return the numbered link between a node and its evidence, `2a ⇄ [3]`, read aloud in words."""
    if not numbers:
        return SafeString("")
    shown = " ".join(f"[{number}]" for number in numbers)
    spoken = _("node %(node)s, evidence %(numbers)s") % {"node": node, "numbers": ", ".join(map(str, numbers))}
    return format_html(
        '<span class="ref"><span aria-hidden="true">⇄ {}</span><span class="visually-hidden">{}</span></span>',
        shown,
        spoken,
    )


def progress_dots(*, met: int, not_met: int, unknown: int) -> SafeString:
    """Return criteria progress as dots and text, `3 of 5 met`."""
    return _dots(met, not_met, unknown, get_language() or "en")


@lru_cache(maxsize=512)
def _dots(met: int, not_met: int, unknown: int, language: str) -> SafeString:
    whole = met + not_met + unknown
    if not whole:
        return format_html('<span class="dots muted">{}</span>', _("no guideline"))
    marks = [("circle", "ok")] * met + [("times", "attention")] * not_met + [("question", "muted")] * unknown
    dots = format_html_join("", '<span class="t-{}">{}</span>', ((tone, shape(name)) for name, tone in marks))
    words = _("%(met)d of %(whole)d met") % {"met": met, "whole": whole}
    return format_html('<span class="dots">{}<span>{}</span></span>', dots, words)
