"""What time it is. In demo data the clock may be moved; everywhere else it is the real one.

Only views, tasks, adapters and commands read the clock; services and rules are told the time.
"""

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from openum.db import plain
from openum.db.models import DemoClock
from openum.db.reading import once_a_page
from openum.vocabulary.errors import Invalid, NotAllowed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ClockIsReal(NotAllowed):
    """Somebody tried to move the clock of an installation that is not a demo."""

    code = "clock-is-real"


def now() -> datetime:
    """Return the present instant in UTC, as the demo clock shows it when there is one."""
    real_us = time.time_ns() // 1000
    if settings.OPENUM_DEMO:
        real_us += _moved_by()
    return _EPOCH + real_us * _MICROSECOND


@once_a_page(lambda: None)
def _moved_by() -> int:
    """Return by how many microseconds the demo clock is ahead of the real one."""
    moves = plain.execute("SELECT shown_us, real_us FROM db_democlock WHERE id = 1")
    return sum(int(shown) - int(real) for shown, real in moves)


def real_now() -> datetime:
    """Return the present instant in UTC, whatever the demo clock shows: for what other systems' clocks sign."""
    return _EPOCH + (time.time_ns() // 1000) * _MICROSECOND


@once_a_page(lambda: None)
def demo_clock_is_moved() -> bool:
    """Say whether the clock shows another time than the real one; pages then show a banner."""
    return bool(settings.OPENUM_DEMO) and DemoClock.objects.exists()


@transaction.atomic
def set_demo_clock(at: datetime) -> None:
    """Let the demo clock show `at` (aware) from now on; it goes on from there at normal speed.

    Raises:
        ClockIsReal: the data is not demo data.
        Invalid: `at` has no time zone.
    """
    if not settings.OPENUM_DEMO:
        raise ClockIsReal(
            "This is not demo data, so its clock cannot be moved. Use a data directory made by openum demo."
        )
    if at.tzinfo is None:
        raise Invalid("The instant has no time zone. Write it like 2026-11-16T14:02:00-05:00 or with a Z at the end.")
    DemoClock.objects.update_or_create(
        id=1, defaults={"shown_us": (at - _EPOCH) // _MICROSECOND, "real_us": time.time_ns() // 1000}
    )


def advance_demo_clock(delta: timedelta) -> datetime:
    """Move the demo clock by `delta` and return what it shows now.

    Raises:
        ClockIsReal: the data is not demo data.
    """
    target = now() + delta
    set_demo_clock(target)
    return target
