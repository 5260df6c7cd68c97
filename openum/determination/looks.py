"""Which approvals by software a person looks at again, and for whom rules approve less often. Pure.

The draw is a function of the approval's own public id: nobody chooses it, anybody can work it out again. A look takes no
approval back: what was approved stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

from openum.vocabulary.errors import Conflict, Invalid

LEAST_WORDS = 20


class NothingToLookAt(Conflict):
    """The decision is no approval by software, or somebody looked at it already."""

    code: ClassVar[str] = "nothing-to-look-at"


class DifferenceUnsaid(Invalid):
    """Who would not have approved says why."""

    code: ClassVar[str] = "difference-unsaid"


class Why(StrEnum):
    """Why an approval is looked at."""

    CHANCE = "chance"
    NEW_RULE = "new_rule"
    AIMED = "aimed"


@dataclass(frozen=True, kw_only=True)
class LookTerms:
    """How many approvals are looked at, and from when on a difference between groups is marked. Days, percent, counts."""

    share_percent: int
    first_of_a_rule: int
    look_back_days: int
    least_of_a_group: int
    mark_below_percent: int
    citation: str


def read_terms(document: Mapping[str, Any]) -> LookTerms | None:
    """Build the terms of a published file; None where it has none.

    Raises:
        TypeError: a field is missing or unknown.
    """
    given = document.get("audit")
    return LookTerms(**given) if given else None


@dataclass(frozen=True, slots=True)
class Approved:
    """One approval by software, as the draw needs it; `rule` is the row it rests on, one for each version."""

    key: int
    public_id: UUID
    rule: int


def is_drawn(public_id: UUID, *, share_percent: int) -> bool:
    """Say whether chance draws an approval: the first eight bytes of the SHA-256 of its public id, to the hundredth."""
    return int.from_bytes(sha256(public_id.bytes).digest()[:8]) % 10_000 < share_percent * 100


def drawn(rows: Iterable[Approved], terms: LookTerms, *, known_rules: frozenset[int]) -> dict[int, Why]:
    """Return the approvals to look at, each with why, in the order given.

    Args:
        rows: approvals in the order of time.
        known_rules: rules that approved before the first of the rows; they are no longer new.
    """
    counts: dict[int, int] = {}
    found: dict[int, Why] = {}
    for row in rows:
        counts[row.rule] = counts.get(row.rule, 0) + 1
        if row.rule not in known_rules and counts[row.rule] <= terms.first_of_a_rule:
            found[row.key] = Why.NEW_RULE
        elif is_drawn(row.public_id, share_percent=terms.share_percent):
            found[row.key] = Why.CHANCE
    return found


def check_look(*, agrees: bool, words: str) -> None:
    """Refuse a difference without its reason.

    Raises:
        DifferenceUnsaid: too short to explain anything.
    """
    if not agrees and len(words.strip()) < LEAST_WORDS:
        raise DifferenceUnsaid("Say in a sentence what the rule overlooked. Whoever keeps the rule reads it.")


@dataclass(frozen=True, kw_only=True)
class Group:
    """How often rules approved for one group of members, and what people found who looked again.

    Attributes:
        lines: decided services of the group.
        is_marked: rules approve clearly less often than for the group they approve for most.
    """

    about: str
    name: str
    lines: int
    by_rule: int
    looked_at: int
    differ: int
    is_marked: bool = False

    @property
    def share(self) -> float | None:
        """Share of the decided services that a rule approved."""
        return self.by_rule / self.lines if self.lines else None


def marked(groups: Sequence[Group], terms: LookTerms) -> list[Group]:
    """Mark the groups for which rules approve clearly less often; too small a group neither marks nor is marked."""
    found = []
    for group in groups:
        shares = [
            one.share for one in groups
            if one.about == group.about and one.lines >= terms.least_of_a_group and one.share is not None
        ]  # fmt: skip
        best, own = max(shares, default=0.0), group.share
        is_less = (
            group.lines >= terms.least_of_a_group and own is not None and own * 100 < best * terms.mark_below_percent
        )
        found.append(replace(group, is_marked=is_less))
    return found
