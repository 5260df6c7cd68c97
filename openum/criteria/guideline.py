"""One version of one guideline: who it is for, where it comes from, what it asks. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from openum.criteria.patients import Patient, PatientBlock, patients_of
from openum.criteria.tree import Leaf, Node, Text, leaves_of
from openum.vocabulary.terms import LineOfBusiness


@dataclass(frozen=True, slots=True)
class Authority:
    """What criteria rest on, or Medicare's own rule that settles a matter, and where (42 CFR 422.101(b)(6))."""

    name: str
    kind: str
    """law (statute), NCD, LCD, state, plan-policy or licensed-set"""
    states: tuple[str, ...]
    verified: bool
    section: str = ""

    def holds_in(self, state: str) -> bool:
        """Say whether it holds in a state; without states it is national."""
        return not self.states or state in self.states


@dataclass(frozen=True, slots=True)
class Answer:
    """A question of the form: the link by which a questionnaire response answers it, and how to ask for it."""

    link: str
    kind: str
    """yes-no, date, number, choice or text"""
    label: Text
    unit: str = ""
    options: tuple[tuple[str, Text], ...] = ()
    prefill: str = ""
    """A definition that fills the question from the record. Empty: people answer it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a criterion comes from, and whether somebody compared it with the original."""

    title: str
    section: str
    url: str
    verified: bool


@dataclass(frozen=True, slots=True)
class CodeList:
    """Which edition of a code list a guideline pins, and where the list comes from."""

    version: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a guideline decides about. An empty list means: any."""

    services: tuple[tuple[str, str], ...]
    """Every service it decides about, those of its value sets included."""
    service_value_sets: tuple[str, ...] = ()
    code_families: tuple[str, ...] = ()
    lines_of_business: tuple[LineOfBusiness, ...] = ()
    products: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """Place-of-service codes"""
    age_from: int | None = None
    age_to: int | None = None
    fully_established_by: tuple[Authority, ...] = ()


@dataclass(frozen=True, slots=True)
class Guideline:
    """One version of one guideline, ready to be shown and compiled."""

    id: str
    version: str
    status: str
    title: Text
    summary: Text
    effective_from: date
    effective_to: date | None
    """The first day it no longer holds."""
    owner: str
    scope: Scope
    sources: tuple[Source, ...]
    value_sets: Mapping[str, tuple[tuple[str, str], ...]]
    answers: Mapping[str, Answer]
    prose: str
    cql: str
    cql_line: int
    root: Node
    libraries: Mapping[str, str] = field(default_factory=dict)
    """Shared CQL that travels inside the published document, by library name."""
    authorities: tuple[Authority, ...] = ()
    """What the criteria rest on: law, NCD, LCD, state, policy of the plan, licensed set."""
    code_lists: Mapping[str, CodeList] = field(default_factory=dict)
    """The edition of each value set, by its name."""
    patient_blocks: tuple[PatientBlock, ...] = ()

    @property
    def patients(self) -> tuple[Patient, ...]:
        """The test patients, in the order of the document; read from it when first asked for."""
        return patients_of(self.patient_blocks, self.scope.services)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The criteria in reading order."""
        return tuple(leaves_of(self.root))

    def leaf(self, key: str) -> Leaf | None:
        """Return the criterion with this key, or None."""
        return next((leaf for leaf in self.leaves if leaf.key == key), None)
