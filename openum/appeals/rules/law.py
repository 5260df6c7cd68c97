"""The published law of appeals: levels, forms, speed, reviewers, dismissal, continuation. Rows of data, read once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from openum.vocabulary.errors import Missing

_HCPCS = re.compile(r"[A-Z][0-9]{4}")


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


class Program(StrEnum):
    """Whose benefit a level outside looks at, in a plan that gives Medicare and Medicaid in one; empty elsewhere."""

    ANY = ""
    MEDICARE = "medicare"
    MEDICAID = "medicaid"


class NoAppealLaw(Missing):
    """No published row says how this line of business appeals."""

    code: ClassVar[str] = "no-appeal-law"


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level of appeal. A voluntary level is the claimant's own choice; what follows stays open beside it.

    Attributes:
        window: the window to file at this level in the words of the deadline rows, where it is not that of its body.
        is_specialty_review: the provider asks, with good cause in writing, that a like specialty looks at the no.
    """

    level: int
    body: Body
    name: str
    law: str
    is_automatic: bool = False
    is_voluntary: bool = False
    program: Program = Program.ANY
    window: str = ""
    is_specialty_review: bool = False


@dataclass(frozen=True, kw_only=True)
class MostPlanLevels:
    """How many levels of its own a plan may have, required and voluntary; what a published row is held to."""

    required: int
    voluntary: int
    law: str


@dataclass(frozen=True, kw_only=True)
class PartBDrugs:
    """Which codes are drugs under Medicare Part B, by the first signs of a HCPCS code."""

    prefixes: tuple[str, ...]
    law: str


@dataclass(frozen=True, kw_only=True)
class MedicaidServices:
    """Which codes Medicaid covers and Medicare never does, by their first signs: such a case has no Medicare reviewer."""

    prefixes: tuple[str, ...]
    law: str


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
    """What a reviewer of the plan's own level must be: a physician, or one of the named peers in the peer's own fields."""

    not_subordinate: bool
    specialty: str
    law: str
    must_hold_product_state: bool = False
    peers: tuple[str, ...] = ()
    peers_law: str = ""


@dataclass(frozen=True, kw_only=True)
class DismissalLaw:
    """What a dismissal leaves open: who reviews it, and until when it may be vacated."""

    review_by: str
    review_days: int
    vacate_months: int
    law: str


@dataclass(frozen=True, kw_only=True)
class ContinuationLaw:
    """Keeping a benefit while the appeal runs.

    Attributes:
        may_recover: the plan may ask for the costs of the appeal's own time back after a loss.
        provider_law: the law by which a provider with the member's written consent may ask; empty: never.
    """

    law: str
    recovery_law: str
    days_to_go_on: int
    may_recover: bool = True
    provider_law: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealLaw:
    """The law of one line of business, perhaps of one state.

    Attributes:
        extension_call: the law that wants a telephone call before the letter when more time is taken; empty: none.
    """

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
    part_b_drugs: PartBDrugs | None
    medicaid_services: MedicaidServices | None
    extension_call: str
    similar_fields: tuple[frozenset[str], ...]
    peer_fields: Mapping[str, frozenset[str]]
    appropriate_fields: frozenset[str]

    def level(self, number: int) -> Level | None:
        """Return a level by its number, or None beyond the last one."""
        return next((level for level in self.levels if level.level == number), None)

    @property
    def required_plan_levels(self) -> int:
        """How many levels of the plan's own come before anybody outside; each has its share of the time."""
        return sum(1 for level in self.levels if level.body is Body.PLAN and not level.is_voluntary)

    def further_plan_level(self, after: int) -> Level | None:
        """Return the plan's own level right after one, required or voluntary, or None."""
        level = self.level(after + 1)
        return level if level is not None and level.body is Body.PLAN else None

    def level_outside(self, after: int, *, code: str = "", is_asked: bool = False) -> Level | None:
        """Return the first level outside the plan after one; voluntary levels of the plan are passed over.

        In an integrated plan what only Medicaid covers goes to no Medicare reviewer. What Medicare may cover goes there
        by itself, and the state's hearing is asked for beside it, after the plan's own answer alone.

        Args:
            code: of the service, where it is known.
            is_asked: somebody asks for it; what opens by itself is passed over where another program's review stands beside.
        """
        current = self.level(after)
        is_after_outside = current is not None and current.body is not Body.PLAN
        for level in self.levels:
            if level.level <= after or level.body is Body.PLAN:
                continue
            if level.program is Program.MEDICARE and (self.is_medicaid_only(code) or (is_asked and level.is_automatic)):
                continue
            if level.program is Program.MEDICAID and is_after_outside:
                continue
            return level
        return None

    def is_medicaid_only(self, code: str) -> bool:
        """Say whether a service is one that only Medicaid covers."""
        return bool(code) and self.medicaid_services is not None and code.startswith(self.medicaid_services.prefixes)

    def has_judge_after(self, after: int) -> bool:
        """Say whether a hearing before a judge follows a level, asked for by a road of its own."""
        level = self.level_outside(after)
        return level is not None and level.body is Body.JUDGE

    def is_part_b_drug(self, code: str) -> bool:
        """Say whether a code is a drug under Medicare Part B, which has times of its own on appeal."""
        if self.part_b_drugs is None or not _HCPCS.fullmatch(code):
            return False
        return code.startswith(self.part_b_drugs.prefixes)

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

    def licences_for(self, specialty: str) -> tuple[str, ...]:
        """Return the kinds of licence that judge a service of a field on appeal, a physician's first."""
        return ("physician", *(kind for kind in self.reviewer.peers if specialty in self.peer_fields[kind]))

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
    peers = {kind: frozenset(fields) for kind, fields in document["peer_fields"].items()}
    return tuple(_law(row, similar, appropriate, peers) for row in document["rows"])


def _levels(row: Mapping[str, Any]) -> tuple[Level, ...]:
    """Build the levels, and hold them to how many of its own a plan may have.

    Raises:
        ValueError: more required or voluntary levels of the plan than its law admits, or a level out of order.
    """
    levels = tuple(
        Level(**{**level, "body": Body(level["body"]), "program": Program(level.get("program", ""))})
        for level in row["levels"]
    )
    most = MostPlanLevels(**row["most_plan_levels"])
    own = [level for level in levels if level.body is Body.PLAN]
    voluntary = sum(1 for level in own if level.is_voluntary)
    if len(own) - voluntary > most.required or voluntary > most.voluntary:
        raise ValueError(
            f"{row['key']} has {len(own) - voluntary} required and {voluntary} voluntary levels of the plan; the law "
            f"admits at most {most.required} and {most.voluntary} ({most.law})"
        )
    if [level.level for level in levels] != list(range(1, len(levels) + 1)) or levels[: len(own)] != tuple(own):
        raise ValueError(f"the levels of {row['key']} are not numbered from 1 with the plan's own first")
    return levels


def _reviewer(row: Mapping[str, Any], peers: Mapping[str, frozenset[str]]) -> ReviewerLaw:
    law = ReviewerLaw(**{**row, "peers": tuple(row.get("peers", ()))})
    unknown = set(law.peers) - set(peers)
    if unknown or (law.peers and not law.peers_law):
        raise ValueError(
            f"peers need their law and their fields; without fields: {', '.join(sorted(unknown)) or 'none'}"
        )
    return law


def _part_b_drugs(row: Mapping[str, Any] | None) -> PartBDrugs | None:
    return PartBDrugs(prefixes=tuple(row["prefixes"]), law=row["law"]) if row else None


def _medicaid_services(row: Mapping[str, Any] | None) -> MedicaidServices | None:
    return MedicaidServices(prefixes=tuple(row["prefixes"]), law=row["law"]) if row else None


def _law(
    row: Mapping[str, Any],
    similar: tuple[frozenset[str], ...],
    appropriate: frozenset[str],
    peers: Mapping[str, frozenset[str]],
) -> AppealLaw:
    return AppealLaw(
        key=row["key"],
        lines_of_business=frozenset(row["lines_of_business"]),
        states=frozenset(row.get("states", ())),
        levels=_levels(row),
        speed=Speed(**row["speed"]),
        reviewer=_reviewer(row["reviewer"], peers),
        reversal_by_first_decider=row["reversal_by_first_decider"],
        sends_on_when_late=row.get("sends_on_when_late", False),
        forms=tuple(_forms(row["forms"])),
        form_days=row["form_days"],
        dismissal=DismissalLaw(**row["dismissal"]),
        continuation=ContinuationLaw(**row["continuation"]) if row.get("continuation") else None,
        part_b_drugs=_part_b_drugs(row.get("part_b_drugs")),
        medicaid_services=_medicaid_services(row.get("medicaid_services")),
        extension_call=row.get("extension_call", ""),
        similar_fields=similar,
        peer_fields=peers,
        appropriate_fields=appropriate,
    )


def _forms(rows: Iterable[Mapping[str, Any]]) -> Iterable[FormRow]:
    for row in rows:
        yield FormRow(
            filer=Filer(row["filer"]), form=Form(row["form"]), law=row["law"], when=When(row.get("when", "")),
            months=row.get("months", 0),
        )  # fmt: skip
