"""Requirement lists as published: rows, their conditions, and what the law says beside them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from openum.vocabulary.terms import LineOfBusiness

Service = tuple[str, str]
"""Short name of a code system, and a code."""


class RowId(NamedTuple):
    """Which entry of which version of a list."""

    list_key: str
    version: str
    row: str


class Covered(StrEnum):
    """Whether the plan pays for the service."""

    COVERED = "covered"
    NOT_COVERED = "not-covered"
    CONDITIONAL = "conditional"


class Authorization(StrEnum):
    """Whether the plan must be asked before the service."""

    NEEDED = "auth-needed"
    NONE = "no-auth"
    CONDITIONAL = "conditional"
    BY_PERFORMER = "performpa"
    SATISFIED = "satisfied"


class Status(StrEnum):
    """How the plan knows the provider. What is not known is neither in nor out of the network."""

    IN_NETWORK = "in-network"
    OUT_OF_NETWORK = "out-of-network"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """Ages in whole years: from inclusive, to exclusive; None is open."""

    first: int | None = None
    end: int | None = None

    def hold(self, age: int | None) -> bool:
        """Say whether an age lies within; an unknown age only fits where no limit is set."""
        if self.first is None and self.end is None:
            return True
        return age is not None and (self.first is None or age >= self.first) and (self.end is None or age < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a row asks of a request. An empty list means: any."""

    services: frozenset[Service] = frozenset()
    products: frozenset[str] = frozenset()
    lines_of_business: frozenset[LineOfBusiness] = frozenset()
    states: frozenset[str] = frozenset()
    statuses: frozenset[Status] = frozenset()
    places: frozenset[str] = frozenset()
    ages: Ages = Ages()
    diagnoses: tuple[str, ...] = ()
    """Beginnings of ICD-10-CM codes without their point; one diagnosis of the request must begin so."""
    effective_from: date = date.min
    effective_to: date | None = None
    """The first day it no longer holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What the plan wants to read: of which kind, for which purpose, and whose criteria name it."""

    kind: str
    """clinical, admin, both (of these two) or patient: who has to give them"""
    purposes: tuple[str, ...] = ("withpa",)
    guideline: str = ""
    """A guideline's id, or empty: the guideline whose scope fits the service."""
    questionnaires: tuple[str, ...] = ()
    """Canonicals of forms that the plan loaded; with them and without a guideline's id, only they are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A service, place or provider that serves the same end and that the plan prefers."""

    label: str
    service: Service | None = None
    display: str = ""
    """The plan's own short wording of the code, or the provider's name."""
    place: str = ""
    npi: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A service that belongs with this one and is proposed where it has not been ordered."""

    label: str
    service: Service
    display: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A limit or a hint that belongs to the answer: code, value and category of the guide's detail."""

    code: str
    value: str | bool | int | Decimal
    unit: str = ""
    qualification: str = ""
    category: str = "cat-limitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A page outside that explains the rule."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One requirement."""

    key: str
    conditions: Conditions
    covered: Covered
    authorization: Authorization
    reason: str
    reason_code: str = ""
    info_needed: tuple[str, ...] = ()
    documents: Documents | None = None
    alternatives: tuple[Alternative, ...] = ()
    companions: tuple[Companion, ...] = ()
    depends_on: frozenset[Service] = frozenset()
    """Services whose own answer decides this one too, when they are ordered together."""
    details: tuple[Detail, ...] = ()
    references: tuple[Reference, ...] = ()
    instructions: str = ""
    valid_days: int | None = None
    """How many days the answer may be relied on; None: no end is told."""
    citation: str = ""
    id: RowId = RowId("", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverReviewed:
    """Care that the law keeps free of review: named by circumstance, by place or by service."""

    key: str
    conditions: Conditions
    circumstances: frozenset[str]
    reason: str
    citation: str
    instructions: str = ""
    id: RowId = RowId("", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverExcluded:
    """People whom no exclusion ends a request for (EPSDT: Medicaid members under 21)."""

    conditions: Conditions
    reason: str
    citation: str
    id: RowId = RowId("", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormalDetermination:
    """How to ask for a decision that can be appealed when the answer is "not covered"."""

    conditions: Conditions
    text: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A provider who need not ask for these services ("gold card")."""

    npi: str
    conditions: Conditions
    reason: str
    id: RowId = RowId("", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """One requirement list as published."""

    key: str
    version: str = ""
    rows: tuple[Row, ...] = ()
    never_reviewed: tuple[NeverReviewed, ...] = ()
    never_excluded: tuple[NeverExcluded, ...] = ()
    formal_determinations: tuple[FormalDetermination, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    spanish: Mapping[str, str] = field(default_factory=dict)
    """The Spanish of the list's sentences, by the English."""
