"""What the first callers of a new web process would wait for, made a moment after its start.

The modules of the interfaces, the logic of the guidelines in force, the deadline rows and the year's holidays are read
once per process in any case; whoever asks first would pay for all of them. Forms are left to their first reader: each
takes some megabytes, and few of them are asked for.
"""

import importlib
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from django.db import connections

from openum.adapters import serving
from openum.db import clock

log = structlog.get_logger("openum.web")

AFTER_SECONDS = 0.5
"""The process first says that it is ready."""
AT_MOST_SECONDS = 10.0
"""With hundreds of guidelines the rest is made when it is asked for."""


def begin() -> None:
    """Make things ready beside the requests, in a thread that ends by itself."""
    timer = threading.Timer(AFTER_SECONDS, _warm_and_let_go)
    timer.daemon = True
    timer.start()


def _warm_and_let_go() -> None:
    try:
        warm()
    except Exception:
        log.exception("not everything was made ready; the first requests make what they need")
    finally:
        connections.close_all()


def warm(*, at_most: float = AT_MOST_SECONDS) -> int:
    """Make things ready until all are or `at_most` seconds are over; return how many were. Nothing is written."""
    end = time.monotonic() + at_most
    done = 0
    for step in _steps():
        if time.monotonic() >= end:
            break
        step()
        done += 1
    return done


def _steps() -> Iterator[Callable[[], object]]:
    # these imports are part of what would keep the process from saying soon that it is ready
    from openum.accounts.models import Plan
    from openum.clocks.books import book_for
    from openum.clocks.rules.calendars import FEDERAL, holidays_of
    from openum.criteria.queries import GUIDELINE, program_for_policy
    from openum.directory.queries import policies_on

    for module in dict.fromkeys(module for _, module in serving.INTERFACES):
        yield partial(importlib.import_module, module)
    for plan in Plan.objects.order_by("is_sandbox", "pk"):
        day = clock.now().astimezone(ZoneInfo(plan.time_zone)).date()
        yield partial(book_for, plan.pk)
        yield partial(holidays_of, FEDERAL, day.year)
        for policy in policies_on(plan=plan, kind=GUIDELINE, on=day):
            yield partial(program_for_policy, policy)
