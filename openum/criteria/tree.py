"""The criteria tree and its three-valued answer. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from openum.vocabulary.terms import FindingValue


class Mode(StrEnum):
    """How a group joins its children."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for people, in the languages of the first release."""

    en: str
    es: str = ""

    def in_language(self, language: str) -> str:
        """Return the Spanish sentence where there is one and it is asked for, else the English one."""
        return self.es if language.startswith("es") and self.es else self.en


@dataclass(frozen=True, slots=True)
class WantedElement:
    """An element of the record that would close a criterion."""

    element: str
    note: str
    while_unknown: str = ""
    """A definition: the element is named only while this definition has no answer. Empty: always."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One criterion: the definition that answers it and what to tell people about it."""

    key: str
    definition: str
    question: Text
    plain: Text
    to_satisfy: Text
    documents: tuple[str, ...]
    answers: tuple[str, ...] = ()
    missing: tuple[WantedElement, ...] = ()
    says: str = ""
    overridable: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Criteria joined by all or any."""

    key: str
    mode: Mode
    children: "tuple[Node, ...]"
    label: Text | None = None


Node = Leaf | Group


def leaves_of(node: Node) -> Iterator[Leaf]:
    """Yield the criteria below a node, in reading order."""
    if isinstance(node, Leaf):
        yield node
        return
    for child in node.children:
        yield from leaves_of(child)


def value_of(node: Node, findings: Mapping[str, FindingValue]) -> FindingValue:
    """Answer a node from the findings of its criteria. A criterion without a finding is unknown.

    All: one not met settles it, else one unknown leaves it open. Any: one met settles it, else one unknown leaves it
    open. This is Kleene's logic; a group never turns an unknown into not met.
    """
    if isinstance(node, Leaf):
        return findings.get(node.key, FindingValue.UNKNOWN)
    values = {value_of(child, findings) for child in node.children}
    settles = FindingValue.NOT_MET if node.mode is Mode.ALL else FindingValue.MET
    if settles in values:
        return settles
    if FindingValue.UNKNOWN in values:
        return FindingValue.UNKNOWN
    return FindingValue.MET if node.mode is Mode.ALL else FindingValue.NOT_MET


def branches_not_taken(node: Node, findings: Mapping[str, FindingValue]) -> frozenset[str]:
    """Return the keys that are shown as not applicable: alternatives beside one that is met.

    This is display only; the finding of the criterion stays what it is.
    """
    if isinstance(node, Leaf):
        return frozenset()
    skipped: set[str] = set()
    is_settled = node.mode is Mode.ANY and value_of(node, findings) is FindingValue.MET
    for child in node.children:
        if is_settled and value_of(child, findings) is not FindingValue.MET:
            skipped.add(child.key)
            skipped.update(_keys_below(child))
        else:
            skipped |= branches_not_taken(child, findings)
    return frozenset(skipped)


def _keys_below(node: Node) -> Iterator[str]:
    if isinstance(node, Group):
        for child in node.children:
            yield child.key
            yield from _keys_below(child)
