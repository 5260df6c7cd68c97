"""What asking for a service brings: for the plan (the retirement adviser) and for the provider (the gold-card ledger). Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from openum.needs.rules import Service
from openum.programme.rules.asked import DECIDED, Result
from openum.programme.rules.measuring import percent

HUNDRED = 100


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One service that was asked for, once.

    Attributes:
        service: short system and code, as a requirement list names it.
        npi: number of the provider who ordered it; empty where the request names none.
        result: what was decided first.
        overturned: a refusal that an appeal or a correction changed in full.
        appeal_open: an appeal against it is not decided.
        acts: what people did for it, by the name of the event; shared evenly where a case asks for several services.
    """

    service: Service
    line_of_business: str
    npi: str
    result: Result
    by_machine: bool = False
    overturned: bool = False
    appeal_open: bool = False
    acts: Mapping[str, Fraction] | None = None

    @property
    def is_decided(self) -> bool:
        """Whether it was approved or refused."""
        return self.result in DECIDED

    @property
    def stood(self) -> bool:
        """Whether a refusal remained: the only answer that asking brings beyond a yes."""
        return self.is_decided and self.result is not Result.APPROVED and not self.overturned


class Advice(StrEnum):
    """What the adviser says of a requirement."""

    REMOVE = "remove"
    BY_RULE = "by_rule"
    KEEP = "keep"
    KEPT_BY_POLICY = "kept_by_policy"
    TOO_FEW = "too_few"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The thresholds of the adviser: counts, percent, and minutes of people's work a request."""

    least_decided: int
    approved_percent: int
    stood_percent: int
    least_minutes: int


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What acts take: minutes and cents by the name of the event."""

    minutes: Mapping[str, int]
    cents: Mapping[str, int]

    def minutes_of(self, acts: Mapping[str, Fraction]) -> Fraction:
        """Return the minutes of people's work; an act without a figure takes none."""
        return sum((count * self.minutes.get(name, 0) for name, count in acts.items()), Fraction(0))

    def cents_of(self, acts: Mapping[str, Fraction]) -> Fraction:
        """Return what that work costs, in cents."""
        return sum(
            (count * self.minutes.get(name, 0) * self.cents.get(name, 0) for name, count in acts.items()), Fraction(0)
        )


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """One service under one law: what asking for it brought in the period, and what it took.

    `minutes` and `cents` are of all its requests; `cents_per_stood` is what each refusal that stood cost, None where none did.
    """

    service: Service
    line_of_business: str
    asked: int
    decided: int
    approved: int
    by_machine: int
    refused: int
    overturned: int
    stood: int
    minutes: Fraction
    cents: Fraction
    advice: Advice

    @property
    def approved_percent(self) -> str | None:
        """Share of the decided that were approved in full."""
        return percent(self.approved, self.decided)

    @property
    def stood_percent(self) -> str | None:
        """Share of the decided whose refusal stood."""
        return percent(self.stood, self.decided)

    @property
    def minutes_each(self) -> Fraction:
        """People's minutes a request."""
        return self.minutes / self.asked

    @property
    def cents_per_stood(self) -> Fraction | None:
        """What one refusal that stood cost."""
        return self.cents / self.stood if self.stood else None


def weigh(askings: Iterable[Asking], *, terms: Terms, effort: Effort, kept: Iterable[tuple[str, str]]) -> list[Weighed]:
    """Return every service that was asked for, those whose requirement should go first, then by cost, the dearest first.

    Args:
        kept: system and first characters of the codes that the committee keeps whatever the figures say.
    """
    groups: dict[tuple[str, str, str], list[Asking]] = defaultdict(list)
    for each in askings:
        if each.result not in {Result.DRUG, Result.DUPLICATE, Result.NOT_REQUIRED, Result.DISMISSED}:
            groups[*each.service, each.line_of_business].append(each)
    beginnings = tuple(kept)
    found = [_weighed(groups[key], terms, effort, beginnings) for key in sorted(groups)]
    order = list(Advice)
    return sorted(found, key=lambda row: (order.index(row.advice), -row.cents))


def _weighed(rows: Sequence[Asking], terms: Terms, effort: Effort, kept: tuple[tuple[str, str], ...]) -> Weighed:
    service = rows[0].service
    decided = [row for row in rows if row.is_decided]
    approved = sum(row.result is Result.APPROVED for row in decided)
    stood = sum(row.stood for row in decided)
    minutes = sum((effort.minutes_of(row.acts or {}) for row in rows), Fraction(0))
    if any(service[0] == system and service[1].startswith(begins) for system, begins in kept):
        advice = Advice.KEPT_BY_POLICY
    elif len(decided) < terms.least_decided:
        advice = Advice.TOO_FEW
    elif approved * HUNDRED < terms.approved_percent * len(decided) or stood * HUNDRED > terms.stood_percent * len(
        decided
    ):
        advice = Advice.KEEP
    else:
        advice = Advice.REMOVE if minutes >= terms.least_minutes * len(rows) else Advice.BY_RULE
    return Weighed(
        service=service, line_of_business=rows[0].line_of_business, asked=len(rows), decided=len(decided),
        approved=approved, by_machine=sum(row.by_machine for row in decided if row.result is Result.APPROVED),
        refused=len(decided) - approved, overturned=sum(row.overturned for row in decided), stood=stood,
        minutes=minutes, cents=sum((effort.cents_of(row.acts or {}) for row in rows), Fraction(0)), advice=advice,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Profile:
    """When a provider need not ask any more: so many percent (below 100) of at least so many, under some laws."""

    key: str
    lines_of_business: frozenset[str]
    days: int
    approved_percent: int
    least: int
    source: str
    source_verified: bool


class Standing(StrEnum):
    """How near a provider is to an exemption for a service."""

    EXEMPT = "exempt"
    QUALIFIES = "qualifies"
    TOO_FEW = "too_few"
    BELOW = "below"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One provider and service under a profile.

    Attributes:
        approved, refused: decided lines; a refusal that an appeal overturned counts as approved, in part as refused.
        waiting: undecided, and refused with an appeal open: in neither.
        more: how many decided requests are wanting, all approved, before it qualifies; 0 where it does.
    """

    npi: str
    service: Service
    approved: int
    refused: int
    waiting: int
    standing: Standing
    more: int

    @property
    def counted(self) -> int:
        """The requests that count."""
        return self.approved + self.refused

    @property
    def share(self) -> str | None:
        """Share approved, in percent."""
        return percent(self.approved, self.counted)


def ledger(
    askings: Iterable[Asking], *, profile: Profile, exempt: Iterable[tuple[str, Service]] = ()
) -> list[Progress]:
    """Return how near each provider is to an exemption for each service, by provider and service.

    Args:
        exempt: providers and services whose exemption is published.
    """
    groups: dict[tuple[str, str, str], list[Asking]] = defaultdict(list)
    for each in askings:
        if each.npi and each.line_of_business in profile.lines_of_business:
            groups[each.npi, *each.service].append(each)
    held = frozenset(exempt)
    return [row for key in sorted(groups) if (row := _progress(groups[key], profile, held)) is not None]


def _progress(rows: Sequence[Asking], profile: Profile, held: frozenset[tuple[str, Service]]) -> Progress | None:
    waiting = sum(row.result is Result.UNDECIDED or (row.is_decided and row.appeal_open) for row in rows)
    settled = [row for row in rows if row.is_decided and not row.appeal_open]
    approved = sum(row.result is Result.APPROVED or row.overturned for row in settled)
    if not settled and not waiting:
        return None
    more = wanting(approved, len(settled), profile)
    if (rows[0].npi, rows[0].service) in held:
        standing = Standing.EXEMPT
    elif not more:
        standing = Standing.QUALIFIES
    elif approved * HUNDRED >= profile.approved_percent * len(settled):
        standing = Standing.TOO_FEW
    else:
        standing = Standing.BELOW
    return Progress(
        npi=rows[0].npi, service=rows[0].service, approved=approved, refused=len(settled) - approved, waiting=waiting,
        standing=standing, more=more,
    )  # fmt: skip


def wanting(approved: int, counted: int, profile: Profile) -> int:
    """Return the least number of further approvals after which the share and the number suffice.

    With share p, a of n approved: the least k with (a + k) / (n + k) >= p, which is (p n - a) / (1 - p), and n + k >= least.
    """
    share = Fraction(profile.approved_percent, HUNDRED)
    for_number = max(0, profile.least - counted)
    if approved >= share * counted:
        return for_number
    return max(for_number, ceil((share * counted - approved) / (1 - share)))
