"""Counts what two versions of a guideline would have answered, and keeps small groups from being recognised. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from openum.vocabulary.terms import FindingValue

SMALLEST: Final = 11
"""Groups of fewer people are not shown: the cell-size rule of the Centers for Medicare & Medicaid Services."""
_BANDS: Final = ((18, "0-17"), (45, "18-44"), (65, "45-64"), (75, "65-74"), (200, "75+"))
NOT_KNOWN: Final = ""


class Dimension(StrEnum):
    """By what the counts are split."""

    SERVICE = "service"
    PRODUCT = "product"
    AGE = "age"
    LANGUAGE = "language"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Facts:
    """Where a case is counted. `person` tells people apart and is never shown."""

    person: str
    service: str
    product: str
    age: str
    language: str
    region: str

    def group(self, dimension: Dimension) -> str:
        """Return the group of a dimension the case belongs to."""
        return str(getattr(self, dimension.value))


@dataclass(frozen=True, slots=True)
class Answered:
    """What one version says of one case.

    Attributes:
        value: the answer of the tree; None when the version does not hold for the case.
        questions: open criteria that could still change the outcome.
        approved: whether the engine would have approved: all met, and an approval rule for the service.
        leaves: the value of each criterion.
    """

    value: FindingValue | None
    questions: int = 0
    approved: bool = False
    leaves: Mapping[str, str] = field(default_factory=dict)


def age_band(age: int | None) -> str:
    """Return the band of completed years."""
    return NOT_KNOWN if age is None else next(name for limit, name in _BANDS if age < limit)


def age_on(born: date | None, day: date) -> int | None:
    """Return completed years on a day."""
    return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass
class _Side:
    """Counts of one version."""

    cases: int = 0
    met: int = 0
    not_met: int = 0
    unknown: int = 0
    approved: int = 0
    questions: int = 0

    def add(self, answered: Answered) -> None:
        if answered.value is None:
            return
        self.cases += 1
        self.approved += answered.approved
        self.questions += answered.questions
        if answered.value is FindingValue.MET:
            self.met += 1
        elif answered.value is FindingValue.NOT_MET:
            self.not_met += 1
        else:
            self.unknown += 1


@dataclass
class _Group:
    """Counts of one group of cases."""

    draft: _Side = field(default_factory=_Side)
    base: _Side = field(default_factory=_Side)
    cases: int = 0
    changed: int = 0
    people: set[str] = field(default_factory=set)
    affected: set[str] = field(default_factory=set)

    def add(self, facts: Facts, draft: Answered, base: Answered) -> None:
        self.cases += 1
        self.people.add(facts.person)
        self.draft.add(draft)
        self.base.add(base)
        if (draft.value, draft.approved) != (base.value, base.approved):
            self.changed += 1
            self.affected.add(facts.person)

    def row(self, name: str) -> dict[str, Any]:
        return {
            "group": name,
            "cases": self.cases,
            "people": len(self.people),
            "changed": self.changed,
            "affected": len(self.affected),
            "draft": vars(self.draft).copy(),
            "base": vars(self.base).copy(),
        }


class Tally:
    """Adds cases up, and answers the report."""

    def __init__(self) -> None:
        self._total = _Group()
        self._groups: dict[Dimension, dict[str, _Group]] = {dimension: {} for dimension in Dimension}
        self._moves: dict[tuple[str, str], set[str]] = {}
        self._move_cases: dict[tuple[str, str], int] = {}
        self._leaves: dict[str, dict[str, int]] = {}
        self.failed = 0

    def add(self, facts: Facts, draft: Answered, base: Answered) -> None:
        """Add one case."""
        self._total.add(facts, draft, base)
        for dimension, groups in self._groups.items():
            groups.setdefault(facts.group(dimension), _Group()).add(facts, draft, base)
        move = (_word(base), _word(draft))
        self._moves.setdefault(move, set()).add(facts.person)
        self._move_cases[move] = self._move_cases.get(move, 0) + 1
        for key, value in draft.leaves.items():
            counts = self._leaves.setdefault(key, {"met": 0, "not_met": 0, "unknown": 0})
            counts[value] += 1

    def report(self) -> dict[str, Any]:
        """Return everything counted, in a fixed order, with small groups withheld."""
        moves = [
            {"from": before, "to": after, "cases": self._move_cases[before, after], "people": len(people)}
            for (before, after), people in sorted(self._moves.items())
        ]
        return {
            "total": guarded(self._total.row("all")),
            "by": {
                dimension.value: withheld([group.row(name) for name, group in sorted(groups.items())])
                for dimension, groups in self._groups.items()
            },
            "moves": withheld(moves),
            "leaves": [{"key": key} | _guarded_answers(counts) for key, counts in sorted(self._leaves.items())],
            "failed": self.failed,
            "smallest": SMALLEST,
        }


def _word(answered: Answered) -> str:
    if answered.value is None:
        return "out-of-scope"
    return "approved" if answered.approved else answered.value.value


_SHOWN_ALWAYS: Final = frozenset({"group", "from", "to"})
_ANSWERS: Final = ("met", "not_met", "unknown")


def withheld(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of which none can be recognised: counts of small groups are taken out.

    Where only one group is small, its counts could be had by taking the others from the total: then those of the next
    larger group are taken out too. Within a group that is shown, single small counts become None.
    """
    found = [dict(row) for row in rows]
    small = [row for row in found if row["people"] < SMALLEST]
    if len(small) == 1 and len(found) > 1:
        small.append(min((row for row in found if row is not small[0]), key=lambda row: int(row["people"])))
    return [_emptied(row) if any(row is other for other in small) else guarded(row) for row in found]


def _emptied(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in _SHOWN_ALWAYS} | {"withheld": True}


def guarded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose small counts are None, and those from which they could be worked out."""
    found = dict(row)
    for name in ("changed", "affected"):
        if name in found and 0 < found[name] < SMALLEST:
            found["changed"] = found["affected"] = None
            break
    for name in ("draft", "base"):
        if name in found:
            found[name] = _guarded_side(found[name])
            if row["people"] < SMALLEST:
                found[name]["questions"] = None
    return found


def _guarded_side(side: Mapping[str, int]) -> dict[str, int | None]:
    found = dict(side) | _guarded_answers(side)
    if 0 < side["approved"] < SMALLEST or (found["met"] is None and side["approved"]):
        found["approved"] = None
    return found


def _guarded_answers(side: Mapping[str, int]) -> dict[str, int | None]:
    found: dict[str, int | None] = {name: side[name] for name in _ANSWERS}
    small = [name for name in _ANSWERS if 0 < side[name] < SMALLEST]
    if len(small) == 1:
        others = [name for name in _ANSWERS if name not in small and side[name]]
        small += [min(others, key=lambda name: side[name])] if others else []
    for name in small:
        found[name] = None
    return found
