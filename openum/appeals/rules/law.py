"""The published law of appeals: levels, forms, speed, reviewers, dismissal, continuation. Rows of data, read once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from openum.vocabulary.errors import Missing


class Body(StrEnum):
    """Who decides at a level."""

    PLAN = "plan"
    REVIEW_ENTITY = "review_entity"
    FAIR_HEARING = "fair_hearing"
    EXTERNAL = "external"
    STATE_EXTERNAL = "state_external"
    JUDGE = "judge"
    COUNCIL = "council"
    COURT = "court"


OUTSIDE = frozenset({Body.REVIEW_ENTITY, Body.FAIR_HEARING, Body.EXTERNAL, Body.STATE_EXTERNAL})
"""Bodies outside the plan whose review is kept here; judges and courts write to the plan by their own road."""


class Filer(StrEnum):
    """In whose person an appeal is filed. The form a filer needs hangs on it."""

    MEMBER = "member"
    CLINICIAN = "clinician"
    OUTSIDE_PROVIDER = "outside_provider"
    REPRESENTATIVE = "representative"
    GUARDIAN = "guardian"


class Form(StrEnum):
    """The paper that shows a filer's standing."""

    NONE = ""
    APPOINTMENT_OF_REPRESENTATIVE = "appointment_of_representative"
    WAIVER_OF_LIABILITY = "waiver_of_liability"
    WRITTEN_CONSENT = "written_consent"
    DESIGNATION_OF_REPRESENTATIVE = "designation_of_representative"
    COURT_OR_LEGAL_PAPER = "court_or_legal_paper"


class When(StrEnum):
    """What a form row speaks of: before the service, after it, or an urgent matter; empty is any."""

    ANY = ""
    BEFORE = "before"
    AFTER = "after"
    URGENT = "urgent"


class NoAppealLaw(Missing):
    """No published row says how this line of business appeals."""

    code: ClassVar[str] = "no-appeal-law"


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level of appeal."""

    level: int
    body: Body
    name: str
    law: str
    is_automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class FormRow:
    """Which paper a filer needs, and for how many months it holds (0: until it is taken back)."""

    filer: Filer
    form: Form
    law: str
    when: When = When.ANY
    months: int = 0


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Who must be believed when speed is asked for."""

    clinician_binds: bool
    payment_too: bool
    law: str
    oral_first: bool


@dataclass(frozen=True, kw_only=True)
class ReviewerLaw:
    """What a reviewer of the plan's own level must be."""

    not_subordinate: bool
    specialty: str
    law: str
    licence_kind: str = "physician"
    must_hold_product_state: bool = False


@dataclass(frozen=True, kw_only=True)
class DismissalLaw:
    """What a dismissal leaves open: who reviews it, and until when it may be vacated."""

    review_by: str
    review_days: int
    vacate_months: int
    law: str


@dataclass(frozen=True, kw_only=True)
class ContinuationLaw:
    """Keeping a benefit while the appeal runs."""

    law: str
    recovery_law: str
    days_to_go_on: int


@dataclass(frozen=True, kw_only=True)
class AppealLaw:
    """The law of one line of business, perhaps of one state."""

    key: str
    lines_of_business: frozenset[str]
    states: frozenset[str]
    levels: tuple[Level, ...]
    speed: Speed
    reviewer: ReviewerLaw
    reversal_by_first_decider: bool
    sends_on_when_late: bool
    forms: tuple[FormRow, ...]
    form_days: int
    dismissal: DismissalLaw
    continuation: ContinuationLaw | None
    similar_fields: tuple[frozenset[str], ...]
    appropriate_fields: frozenset[str]

    def level(self, number: int) -> Level | None:
        """Return a level by its number, or None beyond the last one."""
        return next((level for level in self.levels if level.level == number), None)

    def form_for(self, filer: Filer, *, is_urgent: bool, is_after: bool) -> FormRow:
        """Return which paper a filer needs here.

        Args:
            filer: in whose person the appeal is filed.
            is_urgent: the appeal is an expedited one.
            is_after: the service was given already.

        Raises:
            NoAppealLaw: no row speaks of this filer.
        """
        fitting = {When.ANY, When.AFTER if is_after else When.BEFORE} | ({When.URGENT} if is_urgent else set())
        for row in sorted(self.forms, key=lambda row: row.when is When.ANY):
            if row.filer is filer and row.when in fitting:
                return row
        raise NoAppealLaw("No published row says whether this person may appeal. Ask compliance to publish one.")

    def fields_like(self, specialty: str) -> frozenset[str]:
        """Return the fields of medicine that are fit to judge a service on appeal."""
        alike = {specialty}
        for circle in self.similar_fields:
            if specialty in circle:
                alike |= circle
        if self.reviewer.specialty == "appropriate":
            alike |= self.appropriate_fields
        return frozenset(alike)


def law_for(rows: Sequence[AppealLaw], *, line_of_business: str, state: str) -> AppealLaw:
    """Return the row that speaks of a product; a state's own row before the common one.

    Raises:
        NoAppealLaw: none does.
    """
    fitting = [
        row for row in rows if line_of_business in row.lines_of_business and (not row.states or state in row.states)
    ]
    if not fitting:
        raise NoAppealLaw(f"No published row says how to appeal under {line_of_business}. Publish policies/appeals.")
    return max(fitting, key=lambda row: bool(row.states))


def read_laws(document: Mapping[str, Any]) -> tuple[AppealLaw, ...]:
    """Build the rows of one published file.

    Raises:
        KeyError, TypeError, ValueError: a field is missing or unknown, or a word is none of the list.
    """
    similar = tuple(frozenset(circle) for circle in document["similar_fields"])
    appropriate = frozenset(document["appropriate_fields"])
    return tuple(_law(row, similar, appropriate) for row in document["rows"])


def _law(row: Mapping[str, Any], similar: tuple[frozenset[str], ...], appropriate: frozenset[str]) -> AppealLaw:
    return AppealLaw(
        key=row["key"],
        lines_of_business=frozenset(row["lines_of_business"]),
        states=frozenset(row.get("states", ())),
        levels=tuple(Level(**{**level, "body": Body(level["body"])}) for level in row["levels"]),
        speed=Speed(**row["speed"]),
        reviewer=ReviewerLaw(**row["reviewer"]),
        reversal_by_first_decider=row["reversal_by_first_decider"],
        sends_on_when_late=row.get("sends_on_when_late", False),
        forms=tuple(_forms(row["forms"])),
        form_days=row["form_days"],
        dismissal=DismissalLaw(**row["dismissal"]),
        continuation=ContinuationLaw(**row["continuation"]) if row.get("continuation") else None,
        similar_fields=similar,
        appropriate_fields=appropriate,
    )


def _forms(rows: Iterable[Mapping[str, Any]]) -> Iterable[FormRow]:
    for row in rows:
        yield FormRow(
            filer=Filer(row["filer"]), form=Form(row["form"]), law=row["law"], when=When(row.get("when", "")),
            months=row.get("months", 0),
        )  # fmt: skip
