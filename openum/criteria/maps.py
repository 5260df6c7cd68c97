"""The evidence map: one object for reviewer, provider, letter, answer and appeal packet. Pure.

Criterion → met / not met / unknown → where in the record → who says so → what would close it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from openum.criteria.asking import questions
from openum.criteria.guideline import Guideline
from openum.criteria.regions import Region
from openum.criteria.rules import Exclusion, Standing, counted, standing_of
from openum.criteria.tree import OPPOSITE, Group, Leaf, Mode, Node, Text, branches_not_taken, unwanted_leaves, value_of
from openum.vocabulary.terms import FindingValue


@dataclass(frozen=True, slots=True)
class LinkFact:
    """One place in the record, as stored."""

    id: str
    leaf: str
    title: str
    attachment_id: str
    resource_key: str
    page: int | None
    quote: str
    quote_start: int | None
    quote_end: int | None
    linked_by: str
    linked_at: datetime
    is_machine: bool
    is_confirmed: bool
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class FindingFact:
    """One answer, as stored."""

    id: str
    leaf: str
    question: str
    authority: str
    value: FindingValue
    is_machine: bool
    note: str
    missing: tuple[Mapping[str, str], ...]
    evidence: tuple[str, ...]
    input_digest: str
    engine_version: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class LeafView:
    """One criterion with everything people are shown about it."""

    key: str
    question: Text
    plain: Text
    to_satisfy: Text
    documents: tuple[str, ...]
    answers: tuple[str, ...]
    value: FindingValue
    is_not_applicable: bool
    is_overridable: bool
    is_to_be_reconsidered: bool
    machine: FindingFact | None
    person: FindingFact | None
    links: tuple[LinkFact, ...]
    missing: tuple[Mapping[str, str], ...]
    is_unwanted: bool = False
    """The guideline asks that this does not hold: it stands below a not-group."""

    @property
    def is_leaf(self) -> bool:
        """Tell criteria from groups in templates."""
        return True

    @property
    def is_open(self) -> bool:
        """Say whether it still stands in the way: it is not met, or, where it must not hold, not known to be so."""
        return self.as_asked is not FindingValue.MET and not self.is_not_applicable

    @property
    def as_asked(self) -> FindingValue:
        """The answer as the guideline asks for it: met where it is in order, also where it must not hold."""
        return OPPOSITE[self.value] if self.is_unwanted else self.value

    @property
    def note(self) -> str:
        """The note of the answer that counts."""
        counting = self.person or self.machine
        return counting.note if counting else ""


@dataclass(frozen=True, slots=True)
class GroupView:
    """Criteria joined by all, any, at least a number or not, with the answer of the group."""

    key: str
    label: Text
    mode: Mode
    value: FindingValue
    is_not_applicable: bool
    children: "tuple[NodeView, ...]"
    count: int = 0
    """How many are enough, for at least."""

    @property
    def is_leaf(self) -> bool:
        """Tell criteria from groups in templates."""
        return False


NodeView = LeafView | GroupView


@dataclass(frozen=True, slots=True)
class MapView:
    """The map of one line as it stands, or as it was frozen."""

    guideline_id: str
    guideline_version: str
    title: Text
    policy_digest: str
    value: FindingValue
    root: NodeView | None
    leaves: tuple[LeafView, ...]
    exclusions: tuple[Exclusion, ...] = ()

    @property
    def has_guideline(self) -> bool:
        """Say whether a guideline of ours holds; else the reviewer cites an authority."""
        return self.guideline_id != ""

    @property
    def open_leaves(self) -> tuple[LeafView, ...]:
        """The criteria that still have to be met, in reading order."""
        return tuple(leaf for leaf in self.leaves if leaf.is_open)

    @property
    def unknown_leaves(self) -> tuple[LeafView, ...]:
        """The open criteria about which nothing is known."""
        return tuple(leaf for leaf in self.open_leaves if leaf.value is FindingValue.UNKNOWN)

    @property
    def questions(self) -> tuple[LeafView, ...]:
        """The unknown criteria whose answer can still change the outcome, the first to ask first; none once it is known.

        Where no guideline holds, every criterion that is unknown.
        """
        if self.root is None:
            return self.unknown_leaves
        by_key = {leaf.key: leaf for leaf in self.leaves}
        values = {leaf.key: leaf.value for leaf in self.leaves}
        costs = {leaf.key: float(max(len(leaf.answers), 1)) for leaf in self.leaves}
        return tuple(by_key[key] for key in questions(_bare_tree(self.root), values, costs=costs))

    @property
    def in_the_way(self) -> tuple[LeafView, ...]:
        """The open criteria that matter: those answered the wrong way, and the unknown ones that can still change it."""
        asked = {leaf.key for leaf in self.questions}
        return tuple(leaf for leaf in self.open_leaves if leaf.value is not FindingValue.UNKNOWN or leaf.key in asked)

    @property
    def count_met(self) -> int:
        """How many top-level nodes are met."""
        return sum(node.value is FindingValue.MET for node in self.top_nodes)

    @property
    def top_nodes(self) -> tuple[NodeView, ...]:
        """The nodes people count: the children of the root."""
        if isinstance(self.root, GroupView):
            return self.root.children
        return (self.root,) if self.root else tuple(self.leaves)

    def leaf(self, key: str) -> LeafView | None:
        """Return one criterion, or None."""
        return next((leaf for leaf in self.leaves if leaf.key == key), None)


def build_map(
    guideline: Guideline | None,
    *,
    policy_digest: str,
    findings: Iterable[FindingFact],
    links: Iterable[LinkFact],
    exclusions: tuple[Exclusion, ...] = (),
) -> MapView:
    """Join the guideline, the current answers and the open links of one line."""
    machine: dict[str, FindingFact] = {}
    person: dict[str, FindingFact] = {}
    for finding in findings:
        (machine if finding.is_machine else person)[finding.leaf] = finding
    by_leaf: dict[str, list[LinkFact]] = {}
    for link in links:
        by_leaf.setdefault(link.leaf, []).append(link)
    if guideline is None:
        cited = tuple(_cited_leaf(finding, tuple(by_leaf.get(key, ()))) for key, finding in sorted(person.items()))
        value = value_of(
            Group("", Mode.ALL, tuple(_bare(leaf) for leaf in cited)), {leaf.key: leaf.value for leaf in cited}
        )
        return MapView("", "", Text(""), "", value if cited else FindingValue.UNKNOWN, None, cited, exclusions)
    standings = {leaf.key: _standing(machine.get(leaf.key), person.get(leaf.key)) for leaf in guideline.leaves}
    values = counted(standings)
    skipped = branches_not_taken(guideline.root, values)
    unwanted = unwanted_leaves(guideline.root)

    def view(node: Node) -> NodeView:
        if isinstance(node, Group):
            children = tuple(view(child) for child in node.children)
            label = node.label or Text("")
            value = value_of(node, values)
            return GroupView(node.key, label, node.mode, value, node.key in skipped, children, node.count)
        own, persons = machine.get(node.key), person.get(node.key)
        counting = persons or own
        is_unknown = values[node.key] is FindingValue.UNKNOWN
        return LeafView(
            key=node.key, question=node.question, plain=node.plain, to_satisfy=node.to_satisfy,
            documents=node.documents, answers=node.answers, value=values[node.key],
            is_not_applicable=node.key in skipped, is_overridable=node.overridable,
            is_to_be_reconsidered=standings[node.key].is_to_be_reconsidered, machine=own, person=persons,
            links=tuple(by_leaf.get(node.key, ())),
            missing=(counting.missing or (own.missing if own else ())) if counting and is_unknown else (),
            is_unwanted=node.key in unwanted,
        )  # fmt: skip

    root = view(guideline.root)
    return MapView(
        guideline.id,
        guideline.version,
        guideline.title,
        policy_digest,
        root.value,
        root,
        tuple(leaves_below(root)),
        exclusions,
    )


def _standing(machine: FindingFact | None, person: FindingFact | None) -> Standing:
    return standing_of(
        machine=machine.value if machine else None,
        machine_input=machine.input_digest if machine else "",
        person=person.value if person else None,
        person_input=person.input_digest if person else "",
    )


def leaves_below(node: NodeView) -> Iterator[LeafView]:
    """Yield the criteria below a node, in reading order."""
    if isinstance(node, LeafView):
        yield node
        return
    for child in node.children:
        yield from leaves_below(child)


def _cited_leaf(finding: FindingFact, links: tuple[LinkFact, ...]) -> LeafView:
    return LeafView(
        key=finding.leaf, question=Text(finding.question), plain=Text(finding.question), to_satisfy=Text(""), documents=(),
        answers=(), value=finding.value, is_not_applicable=False, is_overridable=True, is_to_be_reconsidered=False,
        machine=None, person=finding, links=links, missing=finding.missing,
    )  # fmt: skip


def _bare_tree(view: NodeView) -> Node:
    if isinstance(view, LeafView):
        return _bare(view)
    return Group(view.key, view.mode, tuple(_bare_tree(child) for child in view.children), count=view.count)


def _bare(view: LeafView) -> Leaf:
    return Leaf(view.key, "", view.question, view.plain, view.to_satisfy, ())
