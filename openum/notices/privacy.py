"""Who may get a letter about a member: the member, a parent of a minor, nobody else. Pure.

The subscriber as such never gets a copy (45 CFR 164.522(b)). A parent or guardian of a minor reads the minor's letters
(164.502(g)(3)), except what the minor may decide alone: those services go to the minor, and the copy for the parent
does not tell of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class CopyFor(StrEnum):
    """Whose copy of a member's letter it is."""

    MEMBER = ""
    GUARDIAN = "guardian"


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One copy of a letter and the lines that it may not tell of."""

    whose: CopyFor
    hides: frozenset[int]


def copies(*, is_a_minor: bool, is_confidential: bool, groups: Mapping[int, str]) -> tuple[Copy, ...]:
    """List the copies of a member's letter.

    Args:
        is_confidential: the member asked for communication at another place or by other means.
        groups: sensitive group of each line by its key; empty for an ordinary line.
    """
    own = Copy(whose=CopyFor.MEMBER, hides=frozenset())
    hidden = frozenset(line for line, group in groups.items() if group)
    if not is_a_minor or is_confidential:
        return (own,)
    if not hidden:
        return (Copy(whose=CopyFor.GUARDIAN, hides=frozenset()),)
    if len(hidden) == len(groups):
        return (own,)
    return (own, Copy(whose=CopyFor.GUARDIAN, hides=hidden))
