"""What was done to get missing information before a no for lack of it: attempts that differ in time or way.

How many the law wants stands in the published protections (`information_sought`). Nobody counts them as a score: they
open or hold up one reason of a denial. A guard never forces a late answer: when little time is left, one logged attempt
and a sentence why there were no more are enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from openum.cases.models import ContactAttempt, InformationRequest, ServiceLine
from openum.clocks.queries import binding_clock
from openum.design.moments import local_day
from openum.determination.protecting import rows_for
from openum.determination.protections import Law, ProtectionRow
from openum.vocabulary.errors import Conflict
from openum.vocabulary.terms import ReasonClass

PURPOSE = "information"
"""Purpose of a contact attempt that seeks missing information."""
QUESTION = "question"
"""The way of a question that the plan sent itself, to the portal and by letter."""
OUTCOMES = ("reached", "left message", "no answer", "sent", "wrong number")
_REACHED_NOBODY = "wrong number"
_LITTLE_TIME = 0.1
_LEAST_WORDS = 20


class OutreachMissing(Conflict):
    """The information was not sought often enough, or not in different ways or at different times."""

    code: ClassVar[str] = "outreach-missing"


@dataclass(frozen=True, kw_only=True)
class Try:
    """One attempt to get the information: when, in which way, and how it ended."""

    at: datetime
    way: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Sought:
    """How the search for missing information stands: the rule, every try, and those that count."""

    row: ProtectionRow
    tries: tuple[Try, ...]
    counted: int
    has_little_time: bool

    @property
    def wanted(self) -> int:
        """How many tries the rule wants."""
        return self.row.numbers["attempts"]

    @property
    def is_enough(self) -> bool:
        """Say whether as many tries count as the rule wants."""
        return self.counted >= self.wanted

    @property
    def missing(self) -> int:
        """How many tries are still missing."""
        return max(0, self.wanted - self.counted)


def count(tries: Sequence[Try], *, minutes_apart: int) -> int:
    """Count the tries that differ: in another way than the one before in time, or long enough after the last in that way.

    A number that was wrong reached nobody and does not count.
    """
    last: dict[str, datetime] = {}
    counted = 0
    for each in sorted(tries, key=lambda each: each.at):
        before = last.get(each.way)
        if each.outcome == _REACHED_NOBODY or (
            before is not None and each.at - before < timedelta(minutes=minutes_apart)
        ):
            continue
        last[each.way] = each.at
        counted += 1
    return counted


def sought_for(line: ServiceLine, *, at: datetime) -> Sought | None:
    """Return how the search for missing information of a line stands; None where no rule asks for it."""
    row = rows_for(line, on=local_day(at, line.case.product.time_zone)).get(Law.INFORMATION_SOUGHT)
    if row is None or line.case.is_sandbox:
        return None
    since = line.request.received_at
    questions = InformationRequest.objects.filter(request=line.request, asked_at__lte=at)
    attempts = ContactAttempt.objects.filter(case=line.case, purpose=PURPOSE, at__gte=since, at__lte=at)
    tries = [Try(at=item.asked_at, way=QUESTION, outcome="sent") for item in questions]
    tries += [Try(at=item.at, way=item.channel, outcome=item.outcome) for item in attempts]
    tries.sort(key=lambda each: each.at)
    return Sought(
        row=row,
        tries=tuple(tries),
        counted=count(tries, minutes_apart=row.numbers["minutes_apart"]),
        has_little_time=_has_little_time(line, at=at),
    )


def _has_little_time(line: ServiceLine, *, at: datetime) -> bool:
    """Say whether the last tenth of the time to answer has begun, or all of it has passed."""
    clock = binding_clock(line.case)
    if clock is None or clock.due_at is None:
        return False
    return clock.due_at - at <= (clock.due_at - line.request.received_at) * _LITTLE_TIME


def check_sought(line: ServiceLine, *, reason_class: ReasonClass, statement: str, at: datetime) -> None:
    """Refuse a no for lack of information that was not sought enough.

    Args:
        statement: why there were no more tries, where little time is left.

    Raises:
        OutreachMissing: too few tries; the sentence says how many are missing and what counts.
    """
    if reason_class != ReasonClass.INFORMATION_NOT_RECEIVED:
        return
    sought = sought_for(line, at=at)
    if sought is None or sought.is_enough:
        return
    if sought.has_little_time and sought.counted and len(statement.strip()) >= _LEAST_WORDS:
        return
    cure = (
        "Little time is left: one logged attempt and a sentence why there were no more are enough."
        if sought.has_little_time
        else "Try once more in another way, or in the same way at least "
        f"{sought.row.numbers['minutes_apart']} minutes later, and log it."
    )
    raise OutreachMissing(
        f"Before a no for lack of information it is sought {sought.wanted} times, in different ways or at different times: "
        f"{sought.counted} so far, {sought.missing} missing. {cure} ({sought.row.citation})"
    )
