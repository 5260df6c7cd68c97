"""Codes found necessary during an approved operation: what a plan's policy lets be added after it. Pure.

Software adds what a published row permits, or passes the code to a person; it never refuses one. The row speaks of codes,
of how many, and of how long after the day of the service they may be told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineOfBusiness

ADDED_CODES = "added-codes"
"""Kind of the policy rows."""


class AddedCodesInvalid(Invalid):
    """A document of codes that may be added cannot be published as it stands."""

    code: ClassVar[str] = "added-codes-invalid"


class CodeNotAddable(Conflict):
    """Nothing can be added to this authorization as asked; a new request always can be sent."""

    code: ClassVar[str] = "code-not-addable"


class Why(StrEnum):
    """Why a code was added at once, or why a person looks at it."""

    PERMITTED = "permitted"
    NO_POLICY = "no_policy"
    NOT_IN_FAMILY = "not_in_family"
    TOO_LATE = "too_late"
    TOO_MANY = "too_many"
    OTHER_DAY = "other_day"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One family: what may be added to what. Codes are written `CPT|20985`; a star at the end means "begins with".

    Attributes:
        days_after: calendar days after the day of the service within which the code is told, the plan's days.
        most_units: of the added code.
    """

    key: str
    authorized: tuple[str, ...]
    may_be_added: tuple[str, ...]
    days_after: int
    most_units: int
    citation: str
    lines_of_business: frozenset[str] = frozenset()

    def is_of(self, *, authorized: str, line_of_business: str) -> bool:
        """Say whether the row speaks of an authorized code in a product."""
        allowed = not self.lines_of_business or line_of_business in self.lines_of_business
        return allowed and _is_one_of(self.authorized, authorized)


@dataclass(frozen=True, kw_only=True)
class Added:
    """What is told after an operation: the code on the authorization, the code beside it, when it was done and told."""

    authorized: str
    code: str
    units: float
    line_of_business: str
    done_on: date
    told_on: date
    authorized_from: date
    authorized_to: date | None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Whether the policy permits an addition, why, and by which row."""

    why: Why
    row: Row | None = None

    @property
    def is_permitted(self) -> bool:
        """Say whether a published row permits it."""
        return self.why is Why.PERMITTED


def found(added: Added, rows: Sequence[Row]) -> Finding:
    """Return what the rows of a policy say of an addition; the row that permits it wins, else the nearest reason."""
    if not added.authorized_from <= added.done_on or (
        added.authorized_to is not None and added.done_on >= added.authorized_to
    ):
        return Finding(why=Why.OTHER_DAY)
    own = [row for row in rows if row.is_of(authorized=added.authorized, line_of_business=added.line_of_business)]
    if not own:
        return Finding(why=Why.NO_POLICY)
    family = [row for row in own if _is_one_of(row.may_be_added, added.code)]
    if not family:
        return Finding(why=Why.NOT_IN_FAMILY)
    days = (added.told_on - added.done_on).days
    in_time = [row for row in family if days <= row.days_after]
    if not in_time:
        return Finding(why=Why.TOO_LATE, row=family[0])
    enough = [row for row in in_time if added.units <= row.most_units]
    if not enough:
        return Finding(why=Why.TOO_MANY, row=in_time[0])
    return Finding(why=Why.PERMITTED, row=enough[0])


def _is_one_of(patterns: Sequence[str], code: str) -> bool:
    return any(code.startswith(each[:-1]) if each.endswith("*") else code == each for each in patterns)


@lru_cache(maxsize=64)
def rows_of(body: str) -> tuple[Row, ...]:
    """Parse a document of added codes.

    Raises:
        AddedCodesInvalid: a row lacks a part, or a part has the wrong form; the sentence names the row.
    """
    rows: list[Row] = []
    document = read_yaml(body)
    given: Any = document.get("rows") if isinstance(document, Mapping) else None
    if not isinstance(given, list) or not given:
        raise AddedCodesInvalid("Write `rows` as a list of families.")
    for number, row in enumerate(given, start=1):
        rows.append(_row_of(row, f"Row {number}"))
    keys = [row.key for row in rows]
    if len(keys) != len(set(keys)):
        raise AddedCodesInvalid("Two rows have the same key. Give each its own.")
    return tuple(rows)


def _row_of(row: Any, where: str) -> Row:
    if not isinstance(row, Mapping) or not row.get("key"):
        raise AddedCodesInvalid(f"{where}: give it a `key`.")
    where = f"Row {row['key']}"
    for name in ("authorized", "may_be_added"):
        codes = row.get(name)
        if not isinstance(codes, list) or not codes or not all("|" in str(each) for each in codes):
            raise AddedCodesInvalid(f"{where}: write `{name}` as a list of codes, each with its system: CPT|20985.")
    for name in ("days_after", "most_units"):
        number = row.get(name)
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise AddedCodesInvalid(f"{where}: `{name}` is a whole number from 1 up.")
    if not row.get("citation"):
        raise AddedCodesInvalid(f"{where}: say in `citation` where this stands.")
    businesses = frozenset(str(each) for each in row.get("lines_of_business", []))
    wrong = sorted(businesses - set(LineOfBusiness))
    if wrong:
        raise AddedCodesInvalid(f"{where}: `{wrong[0]}` is no line of business.")
    return Row(
        key=str(row["key"]),
        authorized=tuple(str(each) for each in row["authorized"]),
        may_be_added=tuple(str(each) for each in row["may_be_added"]),
        days_after=row["days_after"],
        most_units=row["most_units"],
        citation=str(row["citation"]),
        lines_of_business=businesses,
    )
