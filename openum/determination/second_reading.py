"""Decisions that two people make: which ones a plan's policy names, who may read, and what an agreement covers. Pure.

Machines neither ask for an agreement nor give one: where the policy wants an approval read, software passes it to a
person. A reading stops no clock.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

import yaml

from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineOfBusiness, LineStatus, ReasonClass, ServiceClass

SECOND_READINGS = "second-readings"
"""Kind of the policy rows."""
READ_DECISIONS = (
    LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED, LineStatus.TERMINATED_WITH_NOTICE, LineStatus.APPROVED,
)  # fmt: skip
"""What a row may name. A closing on the short administrative list and a decided appeal have rules of their own."""


class SecondReadingsInvalid(Invalid):
    """A document of second readings cannot be published as it stands."""

    code: ClassVar[str] = "second-readings-invalid"


class SecondReadingMissing(Conflict):
    """The plan wants a second clinician to agree first, and no agreement with this very content holds.

    Attributes:
        wanted: what a second clinician would agree to; for the service that asks for the reading, never for a sentence.
    """

    code: ClassVar[str] = "second-reading-missing"

    def __init__(self, sentence: str, wanted: "Wanted") -> None:
        """Keep what is to be read beside the sentence."""
        super().__init__(sentence)
        self.wanted = wanted


class NotTheSecondReader(NotAllowed):
    """Who decides cannot read for themselves, nor can somebody who reports to them where that matters."""

    code: ClassVar[str] = "not-the-second-reader"


class ReadingSettled(Conflict):
    """The reading was answered or taken back meanwhile."""

    code: ClassVar[str] = "reading-settled"


class NoReadingAsked(Conflict):
    """The policy of the plan asks for no second reading of this decision."""

    code: ClassVar[str] = "no-reading-asked"


class WordsMissing(Invalid):
    """Sending back, or going on without a reading, says why."""

    code: ClassVar[str] = "words-missing"


class TooEarlyToGoOn(Conflict):
    """There is still time for the second clinician to read."""

    code: ClassVar[str] = "too-early-to-go-on"


class NotTried(Conflict):
    """A document is published only after it was tried as it stands."""

    code: ClassVar[str] = "not-tried"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What of a decision a row can name; `amount_cents` is None where the request named no price."""

    decision: str
    reason_class: str
    line_of_business: str
    specialty: str
    service_class: str
    code: str
    units: float | None = None
    amount_cents: int | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of decision that two people make; an empty set means any.

    Attributes:
        codes: whole codes, or beginnings of codes written with a star at the end.
        holds_hours: how long an agreement holds.
        gives_way_hours: in the last so many hours before the deadline who decides may go on unread, with the reason on
            record; 0 never. A safeguard that may not give way can make the plan late.
    """

    key: str
    decisions: frozenset[str]
    because: Mapping[str, str]
    citation: str
    reason_classes: frozenset[str] = frozenset()
    lines_of_business: frozenset[str] = frozenset()
    specialties: frozenset[str] = frozenset()
    service_classes: frozenset[str] = frozenset()
    codes: tuple[str, ...] = ()
    least_amount_usd: int | None = None
    least_units: int | None = None
    not_subordinate: bool = False
    holds_hours: int = 72
    gives_way_hours: int = 0

    def names(self, facts: Facts) -> bool:
        """Say whether a decision is one of these; without a price or units no floor of them is reached."""
        if facts.decision not in self.decisions:
            return False
        for allowed, value in (
            (self.reason_classes, facts.reason_class), (self.lines_of_business, facts.line_of_business),
            (self.specialties, facts.specialty), (self.service_classes, facts.service_class),
        ):  # fmt: skip
            if allowed and value not in allowed:
                return False
        if self.codes and not any(_is_code(each, facts.code) for each in self.codes):
            return False
        if self.least_amount_usd is not None and (facts.amount_cents or 0) < self.least_amount_usd * 100:
            return False
        return self.least_units is None or (facts.units or 0) >= self.least_units


def _is_code(pattern: str, code: str) -> bool:
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the rows that name a decision ask together: the strictest of each."""

    rows: tuple[Row, ...]

    @property
    def not_subordinate(self) -> bool:
        """Whether nobody may read who reports to the one who decides."""
        return any(row.not_subordinate for row in self.rows)

    @property
    def holds(self) -> timedelta:
        """How long an agreement holds."""
        return timedelta(hours=min(row.holds_hours for row in self.rows))

    @property
    def gives_way(self) -> timedelta:
        """How long before the deadline the reading gives way; nothing where it never does."""
        return timedelta(hours=min(row.gives_way_hours for row in self.rows))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a second clinician is given to read, and the digest of it that the agreement covers."""

    asked: Asked
    content: Mapping[str, Any]
    digest: str


def asked_of(rows: Sequence[Row], facts: Facts) -> Asked | None:
    """Return what the rows ask of a decision, or None."""
    found = tuple(row for row in rows if row.names(facts))
    return Asked(rows=found) if found else None


def check_may_read(*, reader: str, asker: str, superiors: Collection[str], not_subordinate: bool) -> None:
    """Refuse a reader who is the one who decides, or who reports to them.

    Args:
        superiors: the public ids of everybody above the reader.

    Raises:
        NotTheSecondReader: naming which.
    """
    if reader == asker:
        raise NotTheSecondReader("You asked for this reading. Another clinician has to read it.")
    if not_subordinate and asker in superiors:
        raise NotTheSecondReader("You report to the clinician who decides. Somebody who does not has to read this one.")


def check_may_go_on(*, gives_way: timedelta, due_at: datetime | None, at: datetime) -> None:
    """Refuse to go on unread while there is time to read, or where the plan lets nobody go on.

    Raises:
        TooEarlyToGoOn: with what to do.
    """
    if not gives_way:
        raise TooEarlyToGoOn(
            "The plan lets nobody sign this unread. Hand the reading to a colleague who can do it now."
        )
    if due_at is None or at < due_at - gives_way:
        hours = int(gives_way.total_seconds() // 3600)
        raise TooEarlyToGoOn(
            f"Only in the last {hours} hours before the deadline can this go on unread. Ask a colleague."
        )


_SETS: dict[str, frozenset[str] | None] = {
    "decisions": frozenset(READ_DECISIONS), "reason_classes": frozenset(ReasonClass),
    "lines_of_business": frozenset(LineOfBusiness), "service_classes": frozenset(ServiceClass), "specialties": None,
}  # fmt: skip
_NUMBERS = {"least_amount_usd": 1, "least_units": 1, "holds_hours": 1, "gives_way_hours": 0}
_WORDS = {"key", "citation", "because", "codes", "not_subordinate"}


@dataclass(frozen=True, kw_only=True)
class Document:
    """A published document of second readings."""

    key: str
    version: str
    source: str
    effective_from: date
    rows: tuple[Row, ...]


@lru_cache(maxsize=32)
def read_document(body: str) -> Document:
    """Read a document of second readings.

    Raises:
        SecondReadingsInvalid: naming the row and what to write instead.
    """
    try:
        front = read_yaml(body)
    except yaml.YAMLError as fault:
        raise SecondReadingsInvalid(f"This is not YAML: {fault}") from fault
    if not isinstance(front, dict) or not isinstance(front.get("rows"), list):
        raise SecondReadingsInvalid("The document needs `rows`, a list of the decisions that two people make.")
    for name in ("key", "version", "source"):
        if not front.get(name):
            raise SecondReadingsInvalid(f"The document needs `{name}`.")
    if not isinstance(front.get("effective_from"), date):
        raise SecondReadingsInvalid("The document needs `effective_from`, a day such as 2026-01-01.")
    rows = tuple(_row(given, f"row {number}") for number, given in enumerate(front["rows"], start=1))
    keys = [row.key for row in rows]
    if len(set(keys)) < len(keys):
        raise SecondReadingsInvalid("Two rows have the same `key`. Give each its own.")
    return Document(
        key=str(front["key"]), version=str(front["version"]), source=str(front["source"]),
        effective_from=front["effective_from"], rows=rows,
    )  # fmt: skip


def _row(given: object, where: str) -> Row:
    if not isinstance(given, dict) or not given.get("key"):
        raise SecondReadingsInvalid(f"{where}: give it a `key` of its own.")
    where = f"{where} ({given['key']})"
    unknown = sorted(set(given) - set(_SETS) - set(_NUMBERS) - _WORDS)
    if unknown:
        raise SecondReadingsInvalid(f"{where}: `{unknown[0]}` is not known. Remove it, or correct its spelling.")
    if not given.get("decisions"):
        raise SecondReadingsInvalid(f"{where}: name its `decisions`, of {', '.join(READ_DECISIONS)}.")
    if not given.get("citation"):
        raise SecondReadingsInvalid(f"{where}: name its `citation`, the policy that asks for two people.")
    because = given.get("because")
    if not isinstance(because, dict) or not because.get("en"):
        raise SecondReadingsInvalid(f"{where}: say in `because`, at least `en`, why two people decide.")
    return Row(
        key=str(given["key"]), citation=str(given["citation"]), because=because,
        codes=tuple(str(each) for each in given.get("codes", ())),
        not_subordinate=bool(given.get("not_subordinate", False)),
        **{name: _words_of(given, name, allowed, where) for name, allowed in _SETS.items()},  # type: ignore[arg-type]
        **{name: _number_of(given, name, least, where) for name, least in _NUMBERS.items() if name in given},  # type: ignore[arg-type]
    )  # fmt: skip


def _words_of(given: Mapping[str, Any], name: str, allowed: frozenset[str] | None, where: str) -> frozenset[str]:
    words = given.get(name, [])
    if not isinstance(words, list):
        raise SecondReadingsInvalid(f"{where}: write `{name}` as a list.")
    wrong = [str(word) for word in words if allowed is not None and word not in allowed]
    if wrong and allowed is not None:
        raise SecondReadingsInvalid(f"{where}: `{wrong[0]}` is none of the {name}: {', '.join(sorted(allowed))}.")
    return frozenset(str(word) for word in words)


def _number_of(given: Mapping[str, Any], name: str, least: int, where: str) -> int:
    value = given[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise SecondReadingsInvalid(f"{where}: `{name}` is a whole number from {least} up.")
    return value
