"""Members of one chunk: who they are, when they are enrolled, what they suffer from, and how much care they will use."""

from dataclasses import dataclass

import numpy as np

from openum.analytics.generator.population import Numbers, Period, population

COMMERCIAL, MEDICAID, MEDICARE = range(3)
LINES = ("commercial", "medicaid", "medicare")


@dataclass(frozen=True)
class People:
    """One chunk of members; every array has one entry per member. Days are counted from 1970."""

    first_number: int
    line: Numbers
    is_female: Numbers
    age: Numbers
    born: Numbers
    starts: Numbers
    ends: Numbers
    died: Numbers
    """Day of death, 0 for the living."""
    gap_starts: Numbers
    gap_ends: Numbers
    """First day without and first day with enrolment again; both 0 when there is no gap."""
    conditions: dict[str, Numbers]
    risk: Numbers
    """Mean 1 in each line of business."""
    engagement: Numbers
    """How readily a member sees a doctor; mean 1, many near 0."""

    @property
    def count(self) -> int:
        """Return how many members there are."""
        return len(self.line)

    def enrolled(self, who: Numbers, day: Numbers) -> Numbers:
        """Say for events on a day whether the member was enrolled."""
        inside = (day >= self.starts[who]) & (day <= self.ends[who])
        return inside & ~((day >= self.gap_starts[who]) & (day < self.gap_ends[who]))


def draw_people(draw: np.random.Generator, first_number: int, count: int, period: Period) -> People:
    """Draw a chunk of members."""
    numbers = population()
    line = np.searchsorted(np.cumsum(numbers["share"]), draw.random(count), side="right").clip(0, 2)
    is_female = draw.random(count) < np.array(numbers["female"])[line]
    age = ages(draw, line)
    born = period.starts - (age * 365.25).astype(np.int32) - draw.integers(0, 365, count)
    frailty = draw.normal(0, 1, count)
    conditions = draw_conditions(draw, age, frailty)
    effect = sum((weight[3] * conditions[name] for name, weight in numbers["conditions"].items()), np.zeros(count))
    raw = np.exp(0.78 * frailty + draw.normal(0, 0.85, count) + effect + 0.012 * np.maximum(age - 65, 0))
    risk = raw / np.array([expected_risk(kind) for kind in LINES])[line]
    starts, ends, died, gap_starts, gap_ends = enrolment(draw, line, age, risk, period)
    return People(
        first_number, line, is_female, age, born.astype(np.int32), starts, ends, died, gap_starts, gap_ends, conditions,
        np.minimum(risk, 40), draw.gamma(0.55, 1 / 0.55, count),
    )  # fmt: skip


def expected_risk(kind: str) -> float:
    """Return what the raw risk is on average, so that it is the same whatever the chunk: measured once on a large draw."""
    return {"commercial": 2.36, "medicaid": 2.27, "medicare": 4.09}[kind]


def ages(draw: np.random.Generator, line: Numbers) -> Numbers:
    """Draw ages in whole years: children, adults of working age, the elderly, and the disabled in Medicare."""
    numbers = population()
    count = len(line)
    is_child = draw.random(count) < np.array(numbers["children"])[line]
    child = draw.integers(0, 18, count)
    adult = 18 + (46 * draw.beta(1.25, 1.15, count)).astype(np.int64)
    elderly = 65 + np.minimum(draw.gamma(2.0, 4.6, count), 34).astype(np.int64)
    disabled = draw.integers(30, 65, count)
    medicare = np.where(draw.random(count) < numbers["under_65_medicare"], disabled, elderly)
    return np.where(line == MEDICARE, medicare, np.where(is_child, child, adult))


def draw_conditions(draw: np.random.Generator, age: Numbers, frailty: Numbers) -> dict[str, Numbers]:
    """Draw chronic conditions, likelier with age and frailty."""
    found = {}
    young = np.where(age < 18, -1.5, 0.0)
    for name, (intercept, slope, weight, _effect, _code) in population()["conditions"].items():
        odds = intercept + slope * (age - 50) / 10 + weight * frailty + young
        found[name] = draw.random(len(age)) < 1 / (1 + np.exp(-odds))
    return found


def enrolment(
    draw: np.random.Generator, line: Numbers, age: Numbers, risk: Numbers, period: Period
) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
    """Draw first and last day of enrolment, death, and a gap of two to four months for a few; deaths end it at the month's end."""
    numbers, count = population(), len(line)
    months, firsts = period.months, period.month_starts
    joins = np.where(draw.random(count) < numbers["late_joiners"], draw.integers(0, max(1, months - 1), count), 0)
    leaves = np.where(
        draw.random(count) < numbers["leavers"], joins + draw.integers(1, months + 1, count), months
    ).clip(1, months)
    yearly = np.minimum(0.25, 0.0009 * np.exp(0.085 * np.maximum(age - 50, 0)) * risk**0.7)
    month_of_death = np.ceil(draw.exponential(12 / yearly)).astype(np.int64)
    dies = (joins + month_of_death) < leaves
    last_month = np.where(dies, joins + month_of_death, leaves).clip(1, months)
    day_of_death = firsts[last_month - 1] + draw.integers(0, 28, count)
    has_gap = (draw.random(count) < numbers["gaps"]) & (last_month - joins >= 8)
    gap_from = joins + 2 + (draw.random(count) * np.maximum(last_month - joins - 6, 1)).astype(np.int64)
    gap_to = gap_from + draw.integers(2, 5, count)
    zero = np.zeros(count, dtype=np.int32)
    return (
        firsts[joins], firsts[last_month] - 1, np.where(dies, day_of_death, zero).astype(np.int32),
        np.where(has_gap, firsts[gap_from.clip(0, months)], zero), np.where(has_gap, firsts[gap_to.clip(0, months)], zero),
    )  # fmt: skip
