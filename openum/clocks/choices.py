"""What people may do to the time of a request: extend it, ask for speed, refuse speed. With the sentence why not."""

from dataclasses import dataclass

from openum.cases.models import Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.clocks.models import Clock
from openum.clocks.rules.facts import FactKind, first, last
from openum.clocks.rules.rule import Extension, Force
from openum.clocks.stored import facts_of, setting_of
from openum.vocabulary.terms import ClockPurpose, Urgency


@dataclass(frozen=True, slots=True)
class TimeChoices:
    """Which of the three hold now.

    Attributes:
        law: the law that counts the open time to decide, empty when none runs.
        extension: the extension it allows and that was not taken yet, else None.
        is_fast: the expedited time counts now.
        attested_by: the clinician who attested the urgency; then speed may not be refused.
    """

    law: str
    extension: Extension | None
    is_open: bool
    is_fast: bool
    attested_by: str

    @property
    def may_ask_speed(self) -> bool:
        """The standard time counts, and the request is open."""
        return self.is_open and not self.is_fast

    @property
    def may_refuse_speed(self) -> bool:
        """The expedited time counts, and no clinician attested that it is needed."""
        return self.is_open and self.is_fast and not self.attested_by


def time_choices(request: Request) -> TimeChoices:
    """Read what may be done to the time of a request now."""
    setting, facts = setting_of(request.pk), facts_of(request.pk)
    rules = [
        setting.book.rule(clock.governing_rule, clock.governing_version)
        for clock in Clock.objects.filter(
            request=request, purpose=ClockPurpose.DECIDE, force=Force.LAW, stopped_at__isnull=True
        ).order_by("pk")
    ]
    rules.sort(key=lambda rule: rule.extension is None)
    switch = last(facts, FactKind.UPGRADED, FactKind.DOWNGRADED)
    is_fast = switch.kind is FactKind.UPGRADED if switch else request.urgency == Urgency.EXPEDITED
    is_taken = first(facts, FactKind.EXTENSION_TAKEN) is not None
    return TimeChoices(
        law=rules[0].law if rules else "",
        extension=rules[0].extension if rules and not is_taken else None,
        is_open=ServiceLine.objects.filter(request=request, status__in=sorted(OPEN_STATUSES)).exists(),
        is_fast=is_fast,
        attested_by=request.urgency_attested_by,
    )
