"""The clock chip and the clock ladder.

The chip says in words how much time is left, with whom the request lies and which rule counts; the pie beside it
fills in eight steps. State is carried by the text: comfortable, due today, at risk, late, stopped, paused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, pi, sin

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from openum.design.moments import local_day, moment, span
from openum.design.shapes import shape
from openum.design.status import BALL_WORDS

STEPS = 8
AT_RISK_SHARE = 0.2
AT_RISK_LEFT = timedelta(hours=4)
TONES = {
    "comfortable": "ok",
    "running": "info",
    "today": "attention",
    "at_risk": "attention",
    "late": "danger",
    "paused": "muted",
    "stopped": "muted",
}


@dataclass(frozen=True, kw_only=True)
class Face:
    """Everything the chip shows, already computed. `due_at` is None while the law lets the clock rest."""

    started_at: datetime
    due_at: datetime | None
    now: datetime
    zone: str
    ball: str = ""
    rule: str = ""
    purpose: str = ""
    stopped_at: datetime | None = None
    in_time: bool = True


def state_of(face: Face) -> str:
    """Return the state of a clock: stopped, paused, late, at_risk, today, running or comfortable."""
    if face.stopped_at is not None:
        return "stopped"
    if face.due_at is None:
        return "paused"
    left = face.due_at - face.now
    if left < timedelta(0):
        return "late"
    whole = face.due_at - face.started_at
    share_left = left / whole if whole > timedelta(0) else 0.0
    if left < max(whole * AT_RISK_SHARE, min(AT_RISK_LEFT, whole / 2)):
        return "at_risk"
    if local_day(face.due_at, face.zone) == local_day(face.now, face.zone):
        return "today"
    return "comfortable" if share_left > 0.5 else "running"


def words_of(face: Face) -> str:
    """Return the chip's sentence: what is left, or by how much it is late."""
    state = state_of(face)
    if face.stopped_at is not None:
        took = span(face.stopped_at - face.started_at)
        return _("done in %(span)s") % {"span": took} if face.in_time else _("done late, in %(span)s") % {"span": took}
    if face.due_at is None:
        return _("paused")
    left = span(face.due_at - face.now)
    if state == "late":
        return _("late by %(span)s") % {"span": left}
    if state == "at_risk":
        return _("at risk, %(span)s left") % {"span": left}
    if state == "today":
        return _("today, %(span)s left") % {"span": left}
    return _("%(span)s left") % {"span": left}


def eighths(face: Face) -> int:
    """Return how many eighths of the time are used, 0 to 8."""
    end = face.stopped_at or face.now
    if face.due_at is None:
        return 0
    whole = (face.due_at - face.started_at).total_seconds()
    if whole <= 0:
        return STEPS
    return max(0, min(STEPS, int((end - face.started_at).total_seconds() / whole * STEPS)))


def _wedge(steps: int) -> str:
    if steps <= 0:
        return ""
    if steps >= STEPS:
        return '<circle cx="8" cy="8" r="6"/>'
    angle = 2 * pi * steps / STEPS
    x, y = 8 + 6 * sin(angle), 8 - 6 * cos(angle)
    return f'<path d="M8 8V2A6 6 0 {int(steps > STEPS // 2)} 1 {x:.2f} {y:.2f}z"/>'


_PIES = tuple(
    mark_safe(  # noqa: S308 - built from numbers only
        '<svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        f'<circle cx="8" cy="8" r="6.4" class="line"/>{_wedge(steps)}</svg>'
    )
    for steps in range(STEPS + 1)
)


def pie(steps: int) -> SafeString:
    """Return the pie with that many eighths filled."""
    return _PIES[max(0, min(STEPS, steps))]


def clock_chip(face: Face, *, with_rule: bool = True) -> SafeString:
    """Return the chip. The rule and the due instant open on hover, on focus and on tap, without script."""
    state = state_of(face)
    drawing = shape("bars") if state == "paused" else pie(eighths(face))
    ball = BALL_WORDS.get(face.ball, "") if face.stopped_at is None else ""
    held = f'<span class="ball">{escape(str(ball))}</span>' if ball else ""
    inner = f'<span class="chip clock t-{TONES[state]}">{drawing}<span>{escape(words_of(face))}</span>{held}</span>'
    if not with_rule:
        return mark_safe(inner)  # noqa: S308 - every text in it is escaped
    rule = f'<span class="clock-rule">{escape(_rule_words(face))}</span>'
    return mark_safe(f'<span class="clock-more" tabindex="0">{inner}{rule}</span>')  # noqa: S308 - as above


def _rule_words(face: Face) -> str:
    parts = [face.purpose] if face.purpose else []
    if face.due_at is not None:
        parts.append(_("due %(moment)s") % {"moment": moment(face.due_at, face.zone)})
    if face.rule:
        parts.append(face.rule)
    return " · ".join(parts)


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step of a clock: what happened, when, why; `kind` is done, pause, due, now or open."""

    text: str
    at: str
    cause: str = ""
    kind: str = "done"


def ladder(rungs: Sequence[Rung], *, label: str) -> SafeString:
    """Return the clock ladder: an ordered list, hatched where the law lets the clock rest."""
    rows = format_html_join(
        "",
        '<li class="rung rung-{}"><span class="rung-at">{}</span><span class="rung-text">{}</span>{}</li>',
        (
            (
                rung.kind,
                rung.at,
                rung.text,
                format_html('<span class="rung-cause">{}</span>', rung.cause) if rung.cause else "",
            )
            for rung in rungs
        ),
    )
    return format_html('<ol class="ladder" aria-label="{}">{}</ol>', label, rows)
