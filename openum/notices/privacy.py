"""Who may get a letter about a member: the member, a parent of a minor, nobody else. Pure.

The subscriber as such never gets a copy (45 CFR 164.522(b)). A parent or guardian of a minor reads the minor's letters
(164.502(g)(3)), except what the minor may decide alone: those services go to the minor, and the copy for the parent
does not tell of them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from openum.vocabulary.packs import read_yaml


class CopyFor(StrEnum):
    """Whose copy of a member's letter it is."""

    MEMBER = ""
    GUARDIAN = "guardian"


@dataclass(frozen=True, kw_only=True)
class SensitiveRow:
    """One group of services, by the first characters of diagnoses and service codes, dots left out."""

    key: str
    title: str
    diagnoses: tuple[str, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sensitive:
    """The published list of services that only the member hears of, and from which age a member is an adult."""

    adult_from_years: int
    rows: tuple[SensitiveRow, ...]

    @classmethod
    def parse(cls, body: str) -> "Sensitive":
        """Read the policy file."""
        raw = read_yaml(body)
        return cls(
            adult_from_years=int(raw["adult_from_years"]),
            rows=tuple(
                SensitiveRow(
                    key=row["key"], title=row["title"], diagnoses=tuple(map(str, row["diagnoses"])),
                    services=tuple(map(str, row["services"])),
                )
                for row in raw["rows"]
            ),
        )  # fmt: skip

    def group_of(self, *, code: str, diagnoses: Collection[str]) -> str:
        """Return the key of the group a line belongs to; empty when it is not sensitive."""
        plain = [each.replace(".", "").upper() for each in diagnoses]
        for row in self.rows:
            if code.upper().startswith(row.services or ("\0",)):
                return row.key
            if any(each.startswith(row.diagnoses) for each in plain if row.diagnoses):
                return row.key
        return ""


NONE_LISTED: Final = Sensitive(adult_from_years=18, rows=())


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One copy of a letter and the lines that it may not tell of."""

    whose: CopyFor
    hides: frozenset[int]


def is_minor(birth_date: date | None, *, on: date, adult_from_years: int) -> bool:
    """Say whether a person is not yet an adult on a day; with an unknown day of birth the person is one."""
    if birth_date is None:
        return False
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    return years < adult_from_years


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
