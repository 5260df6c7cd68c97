"""Who stands on which list of `openum attention`: its tables joined by person. Only people on a list are kept. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

Row = Mapping[str, str]

RECENT = timedelta(days=30)
"""Discharges of so many days before the last one in the claims stand on the list."""
ILL = 2
"""Charlson points (weights of 1987) from which a member stands on the list of long-term illness."""


class ListKind(StrEnum):
    """The lists, each with its column `is_…` on a listed person."""

    HIGH_COST = "high-cost"
    RISING = "rising"
    DISCHARGED = "discharged"
    ILL = "ill"
    HCC = "hcc"
    EXPECTED = "expected"


class ListsState(StrEnum):
    """How far the lists of a plan are."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


@dataclass(kw_only=True)
class Entry:
    """One person of the claims and what the lists say. Money in cents; None where a list says nothing."""

    person_id: str
    is_high_cost: bool = False
    is_rising: bool = False
    is_discharged: bool = False
    is_ill: bool = False
    is_hcc: bool = False
    is_expected: bool = False
    rank: int | None = None
    threshold: int = 0
    """Whole dollars of the highest threshold passed; 0 below all."""
    paid_12m: int | None = None
    paid_6m: int | None = None
    paid_6m_before: int | None = None
    discharged: date | None = None
    lace: int | None = None
    lace_most: int | None = None
    hospital: int | None = None
    hospital_most: int | None = None
    missing: list[str] = field(default_factory=list)
    charlson: int | None = None
    elixhauser: int | None = None
    hcc: Decimal | None = None
    hcc_left_out: str = ""
    year: int | None = None
    """Calendar year of the diagnoses behind charlson, elixhauser and hcc."""
    conditions: list[str] = field(default_factory=list)
    """Categories as system:category."""
    expected: int | None = None
    expected_months: int | None = None
    """Months ahead that `expected` is for."""
    drivers: list[str] = field(default_factory=list)
    """Why so much is expected, in words."""


def listed(
    *, high_cost: Iterable[Row], rising: Iterable[Row], discharges: Iterable[Row], scores: Iterable[Row],
    conditions: Iterable[Row], expected: Iterable[Row], most: int,
) -> list[Entry]:  # fmt: skip
    """Return everybody on a list, each once, by number.

    Args:
        high_cost: rows of high_cost.csv; the other tables likewise.
        scores: rows of comorbidity_scores.csv; of a person the year with the most points among the last two years counts.
        expected: rows of expected_cost.csv; none where the model is refused.
        most: how many of the illest, of the highest HCC scores and of the highest expected costs are kept.
    """
    found: dict[str, Entry] = {}

    def of(row: Row) -> Entry:
        return found.setdefault(row["person_id"], Entry(person_id=row["person_id"]))

    for row in high_cost:
        one = of(row)
        one.is_high_cost, one.rank, one.threshold = True, int(row["rank"]), int(row["threshold"])
        one.paid_12m = cents(row["paid_12m"])
    for row in rising:
        one = of(row)
        one.is_rising, one.paid_6m, one.paid_6m_before = True, cents(row["paid_last_6m"]), cents(row["paid_6m_before"])
    for row in last_discharges(discharges):
        one = of(row)
        one.is_discharged, one.discharged = True, date.fromisoformat(row["disch"][:10])
        one.lace, one.lace_most = int(row["lace"]), int(row["lace_most"])
        one.hospital, one.hospital_most = int(row["hospital"]), int(row["hospital_most"])
        one.missing = [part.strip() for part in row["missing"].split(";") if part.strip()]
    best = best_years(scores)
    for row in highest(best.values(), "charlson_1987", most, least=ILL):
        of(row).is_ill = True
    for row in highest((row for row in best.values() if row["hcc_v28"]), "hcc_v28", most, least=Decimal("0.001")):
        if int(row["hccs"]):
            of(row).is_hcc = True
    dollars = {row["person_id"]: row for row in expected}
    for row in highest(dollars.values(), "expected_dollars", most, least=0):
        of(row).is_expected = True
    for person, one in found.items():
        if person in dollars:
            told = dollars[person]
            one.expected, one.expected_months = cents(told["expected_dollars"]), int(told["months"])
            one.drivers = [part.strip() for part in told["drivers"].split(";") if part.strip()]
        year = best.get(person)
        if year is not None:
            one.charlson, one.elixhauser = int(Decimal(year["charlson_1987"])), int(year["elixhauser_count"])
            one.hcc = Decimal(year["hcc_v28"]).quantize(Decimal("0.001")) if year["hcc_v28"] else None
            one.hcc_left_out, one.year = year["hcc_partial"], int(year["year"])
    for row in conditions:
        named = found.get(row["person_id"])
        if named is not None and named.year == int(row["year"]):
            named.conditions.append(f"{row['system']}:{row['category']}")
    return sorted(found.values(), key=lambda one: one.person_id)


def cents(dollars: str) -> int:
    """Return an amount in cents."""
    return int((Decimal(dollars) * 100).to_integral_value())


def last_discharges(rows: Iterable[Row]) -> list[Row]:
    """Return the last discharge of each person, of those within `RECENT` of the last one of all."""
    last: dict[str, Row] = {}
    for row in rows:
        known = last.get(row["person_id"])
        if known is None or known["disch"] < row["disch"]:
            last[row["person_id"]] = row
    if not last:
        return []
    until = max(date.fromisoformat(row["disch"][:10]) for row in last.values())
    return [row for row in last.values() if until - date.fromisoformat(row["disch"][:10]) <= RECENT]


def best_years(rows: Iterable[Row]) -> dict[str, Row]:
    """Return of each person the year with the most Charlson points among the last two years; of two alike the later."""
    rows = list(rows)
    latest = max((int(row["year"]) for row in rows), default=0)
    best: dict[str, Row] = {}
    for row in rows:
        if int(row["year"]) < latest - 1:
            continue
        known = best.get(row["person_id"])
        if known is None or _weight(known) < _weight(row):
            best[row["person_id"]] = row
    return best


def _weight(row: Row) -> tuple[Decimal, Decimal, int]:
    return Decimal(row["charlson_1987"]), Decimal(row["elixhauser_count"]), int(row["year"])


def highest(rows: Iterable[Row], column: str, most: int, *, least: Decimal | int) -> list[Row]:
    """Return the rows with the highest values that reach `least`, at most so many; of two alike by number of person."""
    enough = (row for row in rows if Decimal(row[column]) >= least)
    return sorted(enough, key=lambda row: (-Decimal(row[column]), row["person_id"]))[:most]
