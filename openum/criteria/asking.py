"""Ask only what matters: which open criteria can still change the outcome, and in which order to ask. Pure.

An open criterion matters when some answers of the other open ones exist with which its answer decides the outcome.
In a tree where each criterion stands once that is so exactly while every group above it is unknown: a settled group
settles all below it. Once the outcome is known nothing matters any more, because learning more never changes a known
answer.

The order asks first what is likely to settle the whole soonest. Each criterion has a likelihood of being met (one half
where nobody counted) and a cost (the questions it takes). In a group that needs k of n, the next child is one that is
both among the first k by cost per chance of being met and among the first n-k+1 by cost per chance of not being met:
for all the one most likely to fail for its cost, for any the one most likely to suffice. Within one group no other
order asks fewer questions on average (Ben-Dov, Optimal testing procedures for special structures of coherent systems,
Management Science 1981); groups inside groups are taken as one question with their own expected cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from openum.criteria.tree import Leaf, Mode, Node, value_of
from openum.vocabulary.terms import FindingValue

_EVEN = 0.5
_SURELY = 0.999


@dataclass(frozen=True, slots=True)
class _Part:
    """An open part of the tree, taken as one question."""

    order: tuple[str, ...]
    """Its criteria, the first to ask first."""
    met: float
    """How likely it comes out met."""
    cost: float
    """How many questions it takes on average until it is settled."""


def questions(
    root: Node,
    findings: Mapping[str, FindingValue],
    *,
    likelihood: Mapping[str, float] | None = None,
    costs: Mapping[str, float] | None = None,
) -> tuple[str, ...]:
    """Return the keys of the open criteria whose answer can still change the outcome, the first to ask first.

    Args:
        root: the tree.
        findings: what is known; a criterion that is absent is unknown.
        likelihood: how often each criterion is met, from 0 to 1; one half where absent.
        costs: how many questions each criterion takes; one where absent.

    Returns:
        Nothing when the outcome is known.
    """
    part = _part(root, findings, likelihood or {}, costs or {})
    return part.order if part else ()


def expected_cost(
    root: Node,
    findings: Mapping[str, FindingValue],
    *,
    likelihood: Mapping[str, float] | None = None,
    costs: Mapping[str, float] | None = None,
) -> float:
    """Return how many questions it takes on average until the outcome is known, when asked in this order."""
    part = _part(root, findings, likelihood or {}, costs or {})
    return part.cost if part else 0.0


def _part(
    node: Node, findings: Mapping[str, FindingValue], likelihood: Mapping[str, float], costs: Mapping[str, float]
) -> _Part | None:
    """Return the open part below a node, or None where the node is settled."""
    if value_of(node, findings) is not FindingValue.UNKNOWN:
        return None
    if isinstance(node, Leaf):
        met = min(max(likelihood.get(node.key, _EVEN), 1 - _SURELY), _SURELY)
        return _Part((node.key,), met, costs.get(node.key, 1.0))
    parts = [found for child in node.children if (found := _part(child, findings, likelihood, costs)) is not None]
    if node.mode is Mode.NOT:
        return _Part(parts[0].order, 1 - parts[0].met, parts[0].cost)
    known = [value_of(child, findings) for child in node.children]
    needed = node.needed - known.count(FindingValue.MET)
    ordered = _ordered(parts, needed)
    met, cost = _outlook(ordered, needed)
    return _Part(tuple(key for part in ordered for key in part.order), met, cost)


def _ordered(parts: list[_Part], needed: int) -> list[_Part]:
    """Put the open parts of a group into the order of asking; `needed` of them must be met."""
    waiting = list(parts)
    ordered: list[_Part] = []
    while waiting:
        needed = min(max(needed, 1), len(waiting))
        by_met = sorted(waiting, key=lambda part: part.cost / part.met)[:needed]
        by_not = sorted(waiting, key=lambda part: part.cost / (1 - part.met))[: len(waiting) - needed + 1]
        chosen = next(part for part in by_not if part in by_met)
        waiting.remove(chosen)
        ordered.append(chosen)
        needed -= chosen.met >= _EVEN
    return ordered


def _outlook(ordered: list[_Part], needed: int) -> tuple[float, float]:
    """Return how likely enough parts are met, and the questions asked on average until that is settled."""
    reached = {0: 1.0}
    """How likely each number of met parts is while the group is still open."""
    likely_met, cost = 0.0, 0.0
    for position, part in enumerate(ordered):
        cost += part.cost * sum(reached.values())
        left = len(ordered) - position - 1
        following: dict[int, float] = {}
        for count, chance in reached.items():
            for now, share in ((count + 1, part.met), (count, 1 - part.met)):
                if now >= needed:
                    likely_met += chance * share
                elif now + left >= needed:
                    following[now] = following.get(now, 0.0) + chance * share
        reached = following
    return likely_met, cost
