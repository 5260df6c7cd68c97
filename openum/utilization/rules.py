"""From the files of `openum metrics` to the figures of a statement: whole payers by month, and a year by each cut. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

YEAR = 12
"""Months of a year's figure: the last ones that are mature, or the last of all where so many are not."""
MOST_GROUPS = 40
"""Groups of one cut that are kept, those with most of the metric first; the file has all of them."""
MEMBER_MONTHS = "member_months"
ALL = "ALL"


class Unit(StrEnum):
    """What a value is, as the files say it."""

    RATE = "per 1,000 a year"
    MONEY = "dollars per member month"
    DAYS = "days"
    SHARE = "share"
    COUNT = "member months"


BY_MEMBERS = frozenset({Unit.RATE, Unit.MONEY})
"""Units whose denominator is the member months of all who belong to a group, whether anything happened to them or not."""
OF_MEMBERS = frozenset({"product", "age_band", "language"})
"""Cuts that a member belongs to; a provider and a service have no members of their own, so the payer's count."""


class StatementState(StrEnum):
    """How a statement stands."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class ListState(StrEnum):
    """How the list behind a number stands."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number: `month` is empty for a year, `cut` and `group` for the whole of a payer."""

    metric: str
    definition: str
    payer: str
    month: str = ""
    cut: str = ""
    group: str = ""
    numerator: float
    denominator: float | None
    value: float | None
    unit: str
    maturity: str = ""


def valued(unit: str, numerator: float, denominator: float | None) -> float | None:
    """Return the value of a figure: a rate for 1,000 members a year, dollars a member month, days, or a share of one."""
    if unit == Unit.COUNT:
        return numerator
    if not denominator:
        return None
    return numerator * (12_000 if unit == Unit.RATE else 1) / denominator


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What the rows of `metrics_by_cut.csv` add up to."""

    below: dict[tuple[str, str, str, str], float]
    """Member months by payer, month, cut and group; cut and group are empty for the payer."""
    found: dict[tuple[str, str, str, str, str], tuple[float, float]]
    """Numerator and own denominator by metric, payer, month, cut and group."""
    described: dict[str, tuple[str, str]]
    """Definition and unit of each metric."""
    months: dict[str, str]
    """The months in order, each with its maturity."""


def sums_of(rows: Iterable[Mapping[str, str]]) -> Sums:
    """Add up the rows of all cuts; the products of a payer make the payer."""
    below: dict[tuple[str, str, str, str], float] = defaultdict(float)
    found: dict[tuple[str, str, str, str, str], tuple[float, float]] = {}
    described: dict[str, tuple[str, str]] = {}
    months: dict[str, str] = {}
    for row in rows:
        metric, payer, month, cut, group = row["metric"], row["payer"], row["month"], row["cut"], row["group"]
        if month == ALL:
            continue
        numerator, denominator = float(row["numerator"] or 0), float(row["denominator"] or 0)
        months[month] = row["maturity"]
        described.setdefault(metric, (row["definition"], row["unit"]))
        places = [(cut, group)] + ([("", "")] if cut == "product" else [])
        for place in places:
            if metric == MEMBER_MONTHS:
                below[payer, month, *place] += numerator
            before = found.get((metric, payer, month, *place), (0.0, 0.0))
            found[metric, payer, month, *place] = (before[0] + numerator, before[1] + denominator)
    return Sums(below=dict(below), found=found, described=described, months=dict(sorted(months.items())))


def year_of(months: Mapping[str, str]) -> tuple[str, ...]:
    """Return the months of the year that is shown: the last mature ones, or the last of all."""
    mature = [month for month, maturity in months.items() if maturity == "mature"]
    return tuple((mature if len(mature) >= YEAR else list(months))[-YEAR:])


def figures(sums: Sums) -> Iterator[Figure]:
    """Yield each payer's figures by month, then the year's by payer and by the largest groups of each cut."""
    whole = {key[:3]: value for key, value in sums.found.items() if not key[3]}
    for metric, payer in sorted({key[:2] for key in whole}):
        is_by_members = sums.described[metric][1] in BY_MEMBERS
        for month in sums.months:
            members = sums.below.get((payer, month, "", ""), 0.0)
            numerator, own = whole.get((metric, payer, month), (0.0, 0.0))
            if (metric, payer, month) in whole or (is_by_members and members):  # nothing happened: that is a figure too
                below = members if is_by_members else own
                yield _figure(sums, metric, payer, month=month, numerator=numerator, denominator=below)
    yield from _of_a_year(sums)


def _of_a_year(sums: Sums) -> Iterator[Figure]:
    year = frozenset(year_of(sums.months))
    totals: dict[tuple[str, str, str, str], tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    below: dict[tuple[str, str, str], float] = defaultdict(float)
    for (payer, month, cut, group), count in sums.below.items():
        if month in year:
            below[payer, cut, group] += count
    for (metric, payer, month, cut, group), (numerator, own) in sums.found.items():
        if month in year:
            before = totals[metric, payer, cut, group]
            totals[metric, payer, cut, group] = (before[0] + numerator, before[1] + own)
    for (metric, payer, cut), groups in sorted(_grouped(totals).items()):
        for group, (numerator, own) in groups:
            place = (payer, cut, group) if cut in OF_MEMBERS else (payer, "", "")
            is_by_members = sums.described[metric][1] in BY_MEMBERS
            yield _figure(
                sums, metric, payer, cut=cut, group=group, numerator=numerator,
                denominator=below.get(place, 0.0) if is_by_members else own,
            )  # fmt: skip


def _grouped(
    totals: Mapping[tuple[str, str, str, str], tuple[float, float]],
) -> dict[tuple[str, str, str], Sequence[tuple[str, tuple[float, float]]]]:
    by_cut: dict[tuple[str, str, str], list[tuple[str, tuple[float, float]]]] = defaultdict(list)
    for (metric, payer, cut, group), sums in totals.items():
        by_cut[metric, payer, cut].append((group, sums))
    return {
        key: sorted(groups, key=lambda each: (-each[1][0], each[0]))[:MOST_GROUPS] for key, groups in by_cut.items()
    }


def _figure(
    sums: Sums, metric: str, payer: str, *, numerator: float, denominator: float, month: str = "", cut: str = "",
    group: str = "",
) -> Figure:  # fmt: skip
    definition, unit = sums.described[metric]
    return Figure(
        metric=metric, definition=definition, payer=payer, month=month, cut=cut, group=group, numerator=numerator,
        denominator=denominator if unit != Unit.COUNT else None, value=valued(unit, numerator, denominator), unit=unit,
        maturity=sums.months[month] if month else "",
    )  # fmt: skip
