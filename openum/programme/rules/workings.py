"""What became of appeals and why decisions did not hold, and how much work people had. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from openum.programme.rules.measuring import percent, rounded

DAYS_A_WEEK = 7
FOR_THE_MEMBER = frozenset({"overturned", "partly"})


@dataclass(frozen=True)
class AppealSeen:
    """One decided appeal.

    Attributes:
        early: the plan said yes on new evidence before its own decision; it is in no rate of decisions.
    """

    line_of_business: str
    level: int
    body: str
    outcome: str
    early: bool


@dataclass(frozen=True)
class AppealRow:
    """The appeals that one body decided at one level under one law. `share` is per cent of `decided`."""

    line_of_business: str
    level: int
    body: str
    decided: int
    upheld: int
    overturned: int
    partly: int
    early: int
    share: str | None


def appeals_by_level(seen: Iterable[AppealSeen]) -> list[AppealRow]:
    """Count appeals by law, level and who decided; the share is of those decided fully or partly for the member."""
    groups: dict[tuple[str, int, str], Counter[str]] = defaultdict(Counter)
    for each in seen:
        groups[each.line_of_business, each.level, each.body]["early" if each.early else each.outcome] += 1
    rows = []
    for (law, level, body), counts in sorted(groups.items()):
        decided = counts.total() - counts["early"]
        won = sum(counts[outcome] for outcome in FOR_THE_MEMBER)
        rows.append(
            AppealRow(
                law, level, body, decided, counts["upheld"], counts["overturned"], counts["partly"], counts["early"],
                percent(won, decided),
            )
        )  # fmt: skip
    return rows


@dataclass(frozen=True, order=True)
class Cause:
    """Why a decision did not hold: `kind` is node, fact or step; `key` the criterion, where one failed."""

    because: str
    kind: str
    guideline: str
    key: str


def causes(seen: Iterable[Cause]) -> list[tuple[Cause, int]]:
    """Count causes, the most frequent first."""
    return sorted(Counter(seen).items(), key=lambda each: (-each[1], each[0]))


@dataclass(frozen=True)
class Load:
    """What a crew did in a period: acts, different people, hours of work, and hours a week of each of them."""

    crew: str
    acts: int
    people: int
    hours: str
    hours_a_week: str
    hours_a_week_each: str | None


def load(
    acts: Mapping[str, int], people: Mapping[str, int], crews: Mapping[str, Mapping[str, int]], *, days: int
) -> list[Load]:
    """Return the work of each crew.

    Args:
        acts: how often each act was done by people in the period.
        people: how many people of each crew did any of them.
        crews: minutes of each act, by crew; an act that no crew lists takes no time.
        days: length of the period, in days.
    """
    weeks = Fraction(days, DAYS_A_WEEK)
    rows = []
    for crew, minutes in crews.items():
        hours = Fraction(sum(acts.get(name, 0) * each for name, each in minutes.items()), 60)
        heads = people.get(crew, 0)
        rows.append(
            Load(
                crew, sum(acts.get(name, 0) for name in minutes), heads, rounded(hours), rounded(hours / weeks),
                rounded(hours / weeks / heads) if heads else None,
            )
        )  # fmt: skip
    return rows
