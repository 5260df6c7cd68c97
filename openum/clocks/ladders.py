"""The escalation ladder of a plan: its own published one, else the common one, else the one shipped beside the program."""

from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from openum.accounts.models import Plan
from openum.clocks.rules.escalation import Ladder, read_ladder
from openum.directory.queries import policy_on

LADDER = "escalation-ladder"


def shipped_ladder() -> Path:
    """Return where the shipped ladder stands."""
    return Path(settings.OPENUM_POLICIES) / "escalation" / "ladder.yaml"


def ladder_for(plan: Plan, *, on: date) -> Ladder:
    """Return the ladder in force for a plan on a day."""
    row = policy_on(plan=plan, kind=LADDER, key="ladder", on=on)
    return _read(row.body) if row else _read(shipped_ladder().read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def _read(text: str) -> Ladder:
    return read_ladder(text)
