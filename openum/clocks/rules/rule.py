"""One row of deadline law: what must be done for whom, how long it may take, and what may move it.

Every row of `policies/deadlines/*.yaml` becomes one `Rule`. A changed law is a new row with new dates, never an edit.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openum.clocks.rules.facts import FactKind
from openum.vocabulary.terms import Ball, ClockPurpose, Urgency


class Unit(StrEnum):
    """How time is counted. Hours are elapsed; days end at 23:59:59 in the plan's zone."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"


class Force(StrEnum):
    """Where the row's authority comes from."""

    LAW = "law"
    ACCREDITATION = "accreditation"
    PLAN = "plan"


class Recipient(StrEnum):
    """Who must be served by the obligation. An ERISA claimant is the enrollee."""

    ENROLLEE = "enrollee"
    PROVIDER = "provider"
    INDEPENDENT_REVIEWER = "independent_reviewer"
    PLAN = "plan"


class Information(StrEnum):
    """What missing information does to the clock."""

    NO_EFFECT = "no_effect"
    TOLLS_AFTER_EXTENSION = "tolls_after_extension"
    URGENT_INCOMPLETE = "urgent_incomplete"
    STARTS_THE_CLOCK = "starts_the_clock"


class Missed(StrEnum):
    """What the law makes of a missed deadline. Only deemed approval changes a line."""

    NO_EFFECT = "no_effect"
    ADVERSE_APPEALABLE = "adverse_appealable"
    DEEMED_EXHAUSTED = "deemed_exhausted"
    DEEMED_APPROVED = "deemed_approved"
    FORWARD_TO_INDEPENDENT_REVIEW = "forward_to_independent_review"
    WINDOW_CLOSES = "window_closes"


MISSED_SENTENCES: dict[Missed, str] = {
    Missed.NO_EFFECT: "A missed deadline is a breach; the duty stays open.",
    Missed.ADVERSE_APPEALABLE: "If it is missed, the enrollee may appeal as if the answer had been no; the duty to decide stays open.",
    Missed.DEEMED_EXHAUSTED: (
        "If it is missed, the claimant may go on as if the internal steps were used up; the duty to decide stays open."
    ),
    Missed.DEEMED_APPROVED: "If it is missed, the law treats the request as approved.",
    Missed.FORWARD_TO_INDEPENDENT_REVIEW: "If it is missed, the file goes to the independent reviewer; it counts as a no.",
    Missed.WINDOW_CLOSES: "This is a window: when it has passed, nothing is late.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A length of time. `amount_from` names a plain value that shortens it (a state's own window).

    A negative amount of calendar days counts back from the start: so long before an action people must be told.

    Attributes:
        given_least, given_most: the fewest and the most a state may set; another number is refused. None: no such bound,
            and more than `amount` counts as `amount`.
    """

    amount: int
    unit: Unit
    calendar: str = "federal"
    amount_from: FactKind | None = None
    given_least: int | None = None
    given_most: int | None = None
    roll_to_business_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """The one extension a law allows. It must be noticed before the original due time, else it is void.

    Attributes:
        days: the most calendar days that may be taken.
        reasons: the words the law admits; empty means any.
        contracted_provider: False means never to wait for a contracted provider.
        automatic: the plan takes it when it asks for missing information (the request is its notice).
    """

    days: int
    law: str
    reasons: tuple[str, ...] = ()
    contracted_provider: bool = True
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationTerms:
    """What asking for missing information does, and the time the claimant must be given at least.

    `even_unasked`: information that came without a question starts the clock too (New York, but not California).
    """

    effect: Information = Information.NO_EFFECT
    law: str = ""
    claimant_days: int = 0
    ask_within_hours: int = 0
    claimant_hours: int = 0
    decide_within_hours: int = 0
    even_unasked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFallback:
    """When the start event has not happened: count from the end of this many days after `received`.

    `caps` says that a start event later than this moves nothing (Part D supporting statement).
    """

    days: int
    caps: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A row applies only when a plain value fits, a course still runs long enough, or the next day is a working day.

    Exactly one of `equals` (a plain value; `default` when unknown), `hours_left_at_least`, `hours_left_less_than`,
    `next_day_is_business_day` (the day after receipt, in the federal calendar).
    """

    fact: FactKind
    equals: int | None = None
    default: int | None = None
    hours_left_at_least: int | None = None
    hours_left_less_than: int | None = None
    next_day_is_business_day: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One obligation under one law. See policies/deadlines/README.md for every field."""

    id: str
    version: int
    title: str
    law: str
    source: str
    source_verified: bool
    effective_from: date
    effective_to: date | None
    line_of_business: frozenset[str]
    request_type: frozenset[str]
    asked_as: frozenset[str]
    purpose: ClockPurpose
    recipient: Recipient
    limit: Limit
    starts: FactKind
    stops: frozenset[FactKind]
    missed: Missed
    missed_law: str = ""
    states: frozenset[str] = frozenset()
    except_states: frozenset[str] = frozenset()
    force: Force = Force.LAW
    only_without_law: bool = False
    urgency: Urgency | None = None
    governed_by: FactKind = FactKind.RECEIVED
    starts_reason: str = ""
    starts_anew: bool = False
    voided_by: frozenset[FactKind] = frozenset()
    when: tuple[Condition, ...] = ()
    code_prefixes: tuple[str, ...] = ()
    modifiers: frozenset[str] = frozenset()
    diagnoses: frozenset[str] = frozenset()
    code_systems: frozenset[str] = frozenset()
    benefits: frozenset[str] = frozenset()
    start_fallback: StartFallback | None = None
    later_of: FactKind | None = None
    information: InformationTerms = InformationTerms()
    extension: Extension | None = None
    upgrades_to: str = ""
    downgrades_to: str = ""
    ball: Ball = Ball.PAYER
    notes: str = ""

    @property
    def is_window(self) -> bool:
        """True when passing the time is no breach: a window that closes."""
        return self.missed is Missed.WINDOW_CLOSES

    @property
    def binds(self) -> bool:
        """True when the row competes for the binding clock: a duty under law or accreditation, not a window."""
        return self.force is not Force.PLAN and not self.is_window

    def effective_on(self, day: date) -> bool:
        """Say whether the row is in force on a day; `effective_to` is the first day it no longer is."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)
