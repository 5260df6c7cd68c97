"""`openum clock set|advance`: move the clock of demo data."""

import argparse
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

_PART = re.compile(r"(\d+)\s*([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command and its two verbs."""
    parser = commands.add_parser("clock", help="move the clock of demo data")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    setting = verbs.add_parser("set", help="let the clock show an instant")
    setting.add_argument("instant", help="for example 2026-11-16T14:02:00-05:00")
    setting.set_defaults(run=run_set)
    advancing = verbs.add_parser("advance", help="move the clock forward")
    advancing.add_argument("span", help="for example 3d, 36h, 1d12h or 90m")
    advancing.set_defaults(run=run_advance)
    for each in (setting, advancing):
        each.add_argument("--data", metavar="DIR", default="./demo-data", help="data directory (default ./demo-data)")


def instant(text: str) -> datetime:
    """Read an ISO instant with its zone.

    Raises:
        CommandFailed: the text is no instant, or has no zone.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandFailed(f"{text!r} is not an instant. Write it like 2026-11-16T14:02:00-05:00.") from None
    if at.tzinfo is None:
        raise CommandFailed(f"{text!r} has no time zone. Add -05:00, Z or another one at the end.")
    return at


def span(text: str) -> timedelta:
    """Read a span such as 3d, 36h or 1d12h.

    Raises:
        CommandFailed: the text is no span.
    """
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip():
        raise CommandFailed(f"{text!r} is not a span of time. Write it like 3d, 36h, 1d12h or 90m.")
    return timedelta(**{_UNITS[unit]: float(number) for number, unit in parts})


def run_set(options: argparse.Namespace) -> None:
    """Set the clock and say what it shows."""
    at = instant(options.instant)
    _start(options)
    from openum.db import clock

    clock.set_demo_clock(at)
    print(f"The demo clock shows {clock.now().isoformat(timespec='seconds')}.")


def run_advance(options: argparse.Namespace) -> None:
    """Move the clock and say what it shows."""
    delta = span(options.span)
    _start(options)
    from openum.db import clock

    print(f"The demo clock shows {clock.advance_demo_clock(delta).isoformat(timespec='seconds')}.")


def _start(options: argparse.Namespace) -> None:
    environment.prepare(options.data)
    environment.start_django()
