"""The criteria tree and its three-valued answer. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openum.vocabulary.terms import FindingValue


class Mode(StrEnum):
    """How a group joins its children."""

    ALL = "all"
    ANY = "any"
    AT_LEAST = "at_least"
    NOT = "not"


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
    """Criteria joined by all, any, at least a number, or turned round by not."""

    key: str
    mode: Mode
    children: "tuple[Node, ...]"
    label: Text | None = None
    count: int = 0
    """How many children are enough, for `AT_LEAST`."""

    @property
    def needed(self) -> int:
        """How many children must be met; for a not-group the one child must be not met."""
        return {Mode.ALL: len(self.children), Mode.ANY: 1, Mode.AT_LEAST: self.count, Mode.NOT: 1}[self.mode]


Node = Leaf | Group

OPPOSITE = {
    FindingValue.MET: FindingValue.NOT_MET,
    FindingValue.NOT_MET: FindingValue.MET,
    FindingValue.UNKNOWN: FindingValue.UNKNOWN,
}


def leaves_of(node: Node) -> Iterator[Leaf]:
    """Yield the criteria below a node, in reading order."""
    if isinstance(node, Leaf):
        yield node
        return
    for child in node.children:
        yield from leaves_of(child)


def groups_of(node: Node) -> Iterator[Group]:
    """Yield the groups of a tree, the outer one first."""
    if isinstance(node, Group):
        yield node
        for child in node.children:
            yield from groups_of(child)


def value_of(node: Node, findings: Mapping[str, FindingValue]) -> FindingValue:
    """Answer a node from the findings of its criteria. A criterion without a finding is unknown."""
    if isinstance(node, Leaf):
        return findings.get(node.key, FindingValue.UNKNOWN)
    return joined(node, [value_of(child, findings) for child in node.children])


def joined(group: Group, values: Sequence[FindingValue]) -> FindingValue:
    """Answer a group from the answers of its children. This is Kleene's logic.

    A group is met when enough children are met, not met when enough can no longer be, else unknown: it never turns
    an unknown into not met. All needs every child, any needs one, at least needs its count; not turns its child round.
    """
    if group.mode is Mode.NOT:
        return OPPOSITE[values[0]]
    met = values.count(FindingValue.MET)
    if met >= group.needed:
        return FindingValue.MET
    return FindingValue.UNKNOWN if met + values.count(FindingValue.UNKNOWN) >= group.needed else FindingValue.NOT_MET


def unwanted_leaves(node: Node, *, is_turned: bool = False) -> frozenset[str]:
    """Return the keys of criteria below an odd number of not-groups: the guideline asks that they do not hold."""
    if isinstance(node, Leaf):
        return frozenset({node.key}) if is_turned else frozenset()
    turned = is_turned is not (node.mode is Mode.NOT)
    return frozenset().union(*(unwanted_leaves(child, is_turned=turned) for child in node.children))


def branches_not_taken(node: Node, findings: Mapping[str, FindingValue]) -> frozenset[str]:
    """Return the keys that are shown as not applicable: alternatives beside those that are enough.

    This is display only; the finding of the criterion stays what it is.
    """
    return frozenset(_not_taken(node, findings, FindingValue.MET))


def _not_taken(node: Node, findings: Mapping[str, FindingValue], wanted: FindingValue) -> set[str]:
    if isinstance(node, Leaf):
        return set()
    inner = OPPOSITE[wanted] if node.mode is Mode.NOT else wanted
    is_settled = value_of(node, findings) is wanted
    skipped: set[str] = set()
    for child in node.children:
        if is_settled and value_of(child, findings) is not inner:
            skipped.add(child.key)
            skipped.update(_keys_below(child))
        else:
            skipped |= _not_taken(child, findings, inner)
    return skipped


def _keys_below(node: Node) -> Iterator[str]:
    if isinstance(node, Group):
        for child in node.children:
            yield child.key
            yield from _keys_below(child)
