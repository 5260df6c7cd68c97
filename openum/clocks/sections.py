"""What clocks contribute to the case page: every deadline with its law, each movement, and who had the ball how long."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.cases.panels import Panel, register
from openum.cases.queries import requests_of
from openum.clocks import queries
from openum.clocks.faces import face_of, rungs_of
from openum.clocks.holiday_words import holiday_words
from openum.clocks.models import Clock
from openum.clocks.rules.calendars import STANDARD_DAYS
from openum.clocks.rules.reading import ClockState, Reading
from openum.design.clock import clock_chip, ladder
from openum.design.drawings import split_bar
from openum.design.moments import day


def holidays_beside(clock: Clock) -> list[str]:
    """Return the holidays between start and due time: facts of the calendar, not stops."""
    if clock.started_at is None or clock.due_at is None:
        return []
    zone = ZoneInfo(clock.zone)
    first, last = clock.started_at.astimezone(zone).date(), clock.due_at.astimezone(zone).date()
    return [f"{holiday_words(name)}, {day(on)}" for on, name in STANDARD_DAYS.holidays_between(first, last)]


def _row(clock: Clock, reading: Reading, at: datetime) -> dict[str, Any]:
    split = reading.split
    return {
        "clock": clock,
        "chip": clock_chip(face_of(clock, at=at)),
        "ladder": ladder(rungs_of(clock), label=clock.title),
        "split": split_bar(payer=split.payer, provider=split.provider, transit=split.transit) if split.total else "",
        "holidays": holidays_beside(clock),
        "ended": _("Ended without being owed") if clock.state == ClockState.VOID else "",
        "is_open": clock.stopped_at is None and clock.binds,
    }


def _clocks(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    clocks = queries.clocks_of(case)
    may_act = user_may(user, Permission.REVIEW_LINES) and case.is_open
    return {
        "clocks": [_row(clock, reading, at) for clock, reading in queries.readings_of(clocks, at)],
        "requests": requests_of(case) if may_act else [],
    }


def register_sections() -> None:
    """Register the section; called once at start."""
    register(Panel("clocks", gettext_noop("Deadlines"), 30, "clocks/panel.html", _clocks))
