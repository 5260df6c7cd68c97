"""What else must be true before a line is decided against; folders above register what they know of the line."""

from collections.abc import Callable

from openum.cases.models import ServiceLine
from openum.vocabulary.terms import ReasonClass

Condition = Callable[[ServiceLine, ReasonClass], None]
"""Raises where a no for this reason is refused."""

_CONDITIONS: list[Condition] = []


def register(condition: Condition) -> None:
    """Add a condition; called once at start."""
    if condition not in _CONDITIONS:
        _CONDITIONS.append(condition)


def check_conditions(line: ServiceLine, reason_class: ReasonClass) -> None:
    """Refuse a no that a folder above refuses, in its own words."""
    for condition in _CONDITIONS:
        condition(line, reason_class)
