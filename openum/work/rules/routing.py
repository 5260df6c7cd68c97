"""Routing rules as data: a document of a plan, read, checked and applied. Pure.

The first rule that fits a line says its queue. Complexity is a sum of points for what makes a line more work; it weighs
a person's load and never says anything about a decision, because no decision is among the facts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

import yaml

from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml
from openum.work.rules.facts import OPEN_KEYS, WORDS, Facts, Stage

MOST_POINTS = 100


class RoutingInvalid(Invalid):
    """A routing document cannot be published as it stands."""

    code: ClassVar[str] = "routing-invalid"


@dataclass(frozen=True, slots=True)
class When:
    """A condition: each named fact has one of its values; the points of complexity reach a floor."""

    any_of: tuple[tuple[str, frozenset[str]], ...] = ()
    prefixes: tuple[str, ...] = ()
    complexity_at_least: int = 0

    def fits(self, facts: Facts, points: int) -> bool:
        """Say whether a line fits."""
        if points < self.complexity_at_least:
            return False
        for key, values in self.any_of:
            if key == "flags":
                if values.isdisjoint(facts.flags):
                    return False
            elif getattr(facts, key) not in values and not (
                key == "service" and self.prefixes and facts.service.startswith(self.prefixes)
            ):
                return False
        return True

    def covers(self, other: "When") -> bool:
        """Say whether everything that fits the other condition fits this one too."""
        if self.complexity_at_least > other.complexity_at_least:
            return False
        asked = dict(other.any_of)
        for key, values in self.any_of:
            if key not in asked:
                return False
            if key == "service":
                beside = {one for one in asked[key] - values if not (self.prefixes and one.startswith(self.prefixes))}
                narrower = all(self.prefixes and each.startswith(self.prefixes) for each in other.prefixes)
                if beside or not narrower:
                    return False
            elif not asked[key] <= values:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Weight:
    """What makes a line more work: a condition, its points, and why in words."""

    when: When
    points: int
    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: lines of a stage that fit go to a queue, because."""

    key: str
    stage: Stage
    when: When
    queue: str
    because: str


@dataclass(frozen=True, slots=True)
class Example:
    """A line as the author imagines it, and the rule that must take it."""

    key: str
    facts: Facts
    rule: str


@dataclass(frozen=True, slots=True)
class Routing:
    """A whole document."""

    version: str
    effective_from: date
    effective_to: date | None
    source: str
    base_points: int
    weights: tuple[Weight, ...]
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]

    def queues(self) -> frozenset[str]:
        """Return the keys of all queues that the rules name."""
        return frozenset(rule.queue for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Complexity:
    """The points of a line, and what they are for."""

    points: int
    why: tuple[str, ...]


def complexity_of(routing: Routing, facts: Facts) -> Complexity:
    """Add up what makes a line more work; conditions of weights see the facts alone, not the sum."""
    found = [weight for weight in routing.weights if weight.when.fits(facts, 0)]
    points = routing.base_points + sum(weight.points for weight in found)
    return Complexity(min(points, MOST_POINTS), tuple(weight.why for weight in found))


def rule_for(routing: Routing, facts: Facts, points: int) -> Rule:
    """Return the first rule that fits. The last rule of each stage has no condition, so there is always one."""
    return next(rule for rule in routing.rules if rule.stage == facts.stage and rule.when.fits(facts, points))


@lru_cache(maxsize=32)
def read_routing(text: str) -> Routing:
    """Read and check a routing document.

    Raises:
        RoutingInvalid: naming the rule and what is wrong with it.
    """
    try:
        front = read_yaml(text)
    except yaml.YAMLError as error:
        raise RoutingInvalid(f"The document is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(front, dict) or not isinstance(front.get("rules"), list) or not front["rules"]:
        raise RoutingInvalid("A routing document is a YAML mapping with a list of rules.")
    unknown = sorted(set(front) - _PARTS)
    if unknown:
        raise RoutingInvalid(f"The document has parts that mean nothing here: {', '.join(map(str, unknown))}.")
    rules = tuple(_rule(block, number) for number, block in enumerate(front["rules"], start=1))
    _check_rules(rules)
    base, weights = _complexity(front.get("complexity") or {})
    routing = Routing(
        version=_text(front, "version", "the document"), effective_from=_day(front, "effective_from"),
        effective_to=_day(front, "effective_to") if front.get("effective_to") else None,
        source=_text(front, "source", "the document"), base_points=base, weights=weights, rules=rules,
        examples=tuple(_example(block, number) for number, block in enumerate(front.get("examples") or (), start=1)),
    )  # fmt: skip
    if routing.effective_to is not None and routing.effective_to <= routing.effective_from:
        raise RoutingInvalid("effective_to must be a later day than effective_from.")
    _check_examples(routing)
    return routing


_PARTS = frozenset(
    {"key", "version", "effective_from", "effective_to", "source", "source_verified", "complexity", "rules", "examples"}
)


def _text(block: Mapping[str, Any], key: str, where: str) -> str:
    value = str(block.get(key) or "").strip()
    if not value:
        raise RoutingInvalid(f"In {where}, {key} is missing.")
    return value


def _day(front: Mapping[str, Any], key: str) -> date:
    value = front.get(key)
    if not isinstance(value, date):
        raise RoutingInvalid(f"{key} must be a day, written like 2026-12-01.")
    return value


def _rule(block: Any, number: int) -> Rule:
    if not isinstance(block, dict):
        raise RoutingInvalid(f"Rule {number} is not a mapping.")
    key = _text(block, "key", f"rule {number}")
    where = f"rule {key}"
    unknown = sorted(set(block) - {"key", "stage", "when", "queue", "because"})
    if unknown:
        raise RoutingInvalid(f"In {where} there are parts that mean nothing: {', '.join(map(str, unknown))}.")
    stage = str(block.get("stage") or Stage.NURSE)
    if stage not in WORDS["stage"]:
        raise RoutingInvalid(f"In {where}, stage is nurse or physician.")
    return Rule(
        key=key, stage=Stage(stage), when=read_when(block.get("when") or {}, where), queue=_text(block, "queue", where),
        because=_text(block, "because", where),
    )  # fmt: skip


def read_when(block: Any, where: str) -> When:
    """Read a condition: facts with lists of values, and perhaps a floor of complexity.

    Raises:
        RoutingInvalid: naming the place and the fact.
    """
    if not isinstance(block, dict):
        raise RoutingInvalid(f"In {where}, when is a mapping of facts to lists of values.")
    any_of: list[tuple[str, frozenset[str]]] = []
    prefixes: tuple[str, ...] = ()
    floor = 0
    for key, given in block.items():
        if key == "complexity_at_least":
            if not isinstance(given, int) or isinstance(given, bool) or not 0 < given <= MOST_POINTS:
                raise RoutingInvalid(f"In {where}, complexity_at_least is a whole number from 1 to {MOST_POINTS}.")
            floor = given
            continue
        if key not in OPEN_KEYS and (key not in WORDS or key == "stage"):
            raise RoutingInvalid(f"In {where}, {key} is no fact that a rule can look at.")
        values = frozenset(str(value).strip() for value in (given if isinstance(given, list) else [given]))
        if not values or "" in values:
            raise RoutingInvalid(f"In {where}, {key} has no value.")
        strange = sorted(values - WORDS[key]) if key in WORDS else []
        if strange:
            raise RoutingInvalid(
                f"In {where}, {key} cannot be {', '.join(strange)}. Use {', '.join(sorted(WORDS[key]))}."
            )
        if key == "service":
            prefixes = tuple(sorted(value.removesuffix("*") for value in values if value.endswith("*")))
            values = frozenset(value for value in values if not value.endswith("*"))
            if "" in prefixes:
                raise RoutingInvalid(f"In {where}, a service prefix has at least one character before the star.")
        any_of.append((key, values))
    return When(tuple(sorted(any_of)), prefixes, floor)


def _complexity(block: Any) -> tuple[int, tuple[Weight, ...]]:
    if not isinstance(block, dict):
        raise RoutingInvalid("complexity is a mapping with base and add.")
    base = _points(block.get("base", 1), "the base of complexity")
    weights = []
    for number, each in enumerate(block.get("add") or (), start=1):
        where = f"weight {number} of complexity"
        if not isinstance(each, dict):
            raise RoutingInvalid(f"In {where} there is no mapping.")
        if "complexity_at_least" in (each.get("when") or {}):
            raise RoutingInvalid(f"In {where}, a weight cannot depend on the sum it adds to.")
        when = read_when(each.get("when") or {}, where)
        weights.append(Weight(when, _points(each.get("points"), where), _text(each, "why", where)))
    return base, tuple(weights)


def _points(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST_POINTS:
        raise RoutingInvalid(f"The points of {where} are a whole number from 1 to {MOST_POINTS}.")
    return value


def _check_rules(rules: Sequence[Rule]) -> None:
    keys = [rule.key for rule in rules]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise RoutingInvalid(f"Two rules are called {twice[0]}. Give each its own key.")
    for stage in Stage:
        of_stage = [rule for rule in rules if rule.stage is stage]
        if not of_stage or of_stage[-1].when != When():
            raise RoutingInvalid(
                f"The last rule of the {stage} stage must have no condition, so that every line finds a queue."
            )
        for position, rule in enumerate(of_stage):
            hider = next((earlier for earlier in of_stage[:position] if earlier.when.covers(rule.when)), None)
            if hider is not None:
                raise RoutingInvalid(
                    f"Rule {rule.key} can never be reached: everything it takes, rule {hider.key} takes before it."
                )


def _example(block: Any, number: int) -> Example:
    if not isinstance(block, dict) or not isinstance(block.get("facts"), dict):
        raise RoutingInvalid(f"Example {number} is a mapping with key, facts and rule.")
    key = _text(block, "key", f"example {number}")
    known = {name: value for name, value in block["facts"].items() if name not in {"flags", "lines"}}
    strange = sorted(set(known) - OPEN_KEYS - set(WORDS))
    strange += [name for name, value in known.items() if name in WORDS and str(value) not in WORDS[name]]
    flags = frozenset(map(str, block["facts"].get("flags") or ()))
    lines = block["facts"].get("lines", 1)
    if strange or flags - WORDS["flags"] or not isinstance(lines, int):
        raise RoutingInvalid(
            f"Example {key} has facts that mean nothing here: {', '.join(strange) or 'flags or lines'}."
        )
    facts = Facts(flags=flags, lines=lines, **{name: str(value) for name, value in known.items()})
    return Example(key, facts, _text(block, "rule", f"example {key}"))


def _check_examples(routing: Routing) -> None:
    for example in routing.examples:
        rule = rule_for(routing, example.facts, complexity_of(routing, example.facts).points)
        if rule.key != example.rule:
            raise RoutingInvalid(
                f"Example {example.key} should be taken by rule {example.rule}, but rule {rule.key} takes it."
            )


def check_queues(routing: Routing, *, known: Mapping[str, str], without_owner: Collection[str]) -> None:
    """Refuse a document that names queues nobody could work.

    Args:
        routing: the document.
        known: the plan's open queues, with their stage.
        without_owner: keys of queues that no active person owns.

    Raises:
        RoutingInvalid: naming the rule and its queue.
    """
    for rule in routing.rules:
        if rule.queue not in known:
            raise RoutingInvalid(f"Rule {rule.key} names the queue {rule.queue}, which is not open in this plan.")
        if known[rule.queue] != rule.stage:
            raise RoutingInvalid(
                f"Rule {rule.key} is for the {rule.stage} stage, but the queue {rule.queue} is for {known[rule.queue]}."
            )
        if rule.queue in without_owner:
            raise RoutingInvalid(f"The queue {rule.queue} of rule {rule.key} has no owner. Name one first.")
