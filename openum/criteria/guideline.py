"""One version of one guideline: who it is for, where it comes from, what it asks. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from openum.criteria.tree import Leaf, Node, Text, leaves_of
from openum.vocabulary.terms import LineOfBusiness


@dataclass(frozen=True, slots=True)
class Authority:
    """Medicare's own rule that settles a matter, and where (42 CFR 422.101(b)(6))."""

    name: str
    kind: str
    states: tuple[str, ...]
    verified: bool

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


@dataclass(frozen=True, slots=True)
class Source:
    """Where a criterion comes from, and whether somebody compared it with the original."""

    title: str
    section: str
    url: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """What a guideline decides about. An empty list means: any."""

    services: tuple[tuple[str, str], ...]
    code_families: tuple[str, ...] = ()
    lines_of_business: tuple[LineOfBusiness, ...] = ()
    products: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
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

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The criteria in reading order."""
        return tuple(leaves_of(self.root))

    def leaf(self, key: str) -> Leaf | None:
        """Return the criterion with this key, or None."""
        return next((leaf for leaf in self.leaves if leaf.key == key), None)
