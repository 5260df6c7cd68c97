"""Pharmacy fills of one chunk: maintenance by condition and adherence, specialty, acute and opioid fills."""

from dataclasses import dataclass

import numpy as np

from openum.analytics.generator.hospital import any_day
from openum.analytics.generator.lines import Words
from openum.analytics.generator.people import People
from openum.analytics.generator.population import Numbers, Period, any_provider, population


@dataclass(frozen=True)
class Fills:
    """One entry per fill."""

    who: Numbers
    day: Numbers
    drug: Numbers
    days_supply: Numbers
    price: Numbers
    prescriber: Numbers
    pharmacy: Numbers


def draw_fills(draw: np.random.Generator, people: People, period: Period, members: int, drugs: Words) -> Fills:
    """Draw the fills of a chunk; a member keeps one prescriber and one pharmacy per drug."""
    numbers = population()
    parts = [
        maintained(
            draw, people, period, people.conditions[condition] & (draw.random(people.count) < share), drugs(ndc), price
        )
        for condition, share, price, ndc in numbers["maintenance"]
    ]
    share, price, ndc = numbers["specialty"]
    sick = people.risk * people.engagement > 0.15
    parts.append(maintained(draw, people, period, sick & (draw.random(people.count) < share), drugs(ndc), price))
    parts += [
        once(draw, people, numbers[rate], drugs(ndc), price)
        for rate, (price, ndc) in (("acute_fills", numbers["acute"]), ("opioid_fills", numbers["opioid"]))
    ]
    who, day, drug, supply, cost = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    free = people.enrolled(who, day)
    who, day, drug, supply, cost = who[free], day[free], drug[free], supply[free], cost[free]
    first = any_provider(draw, members, "primary", people.count)
    store = any_provider(draw, members, "pharmacy", people.count)
    return Fills(who, day, drug, supply, cost * draw.lognormal(-0.02, 0.2, len(who)), first[who], store[who])


def maintained(
    draw: np.random.Generator, people: People, period: Period, takes: Numbers, drug: int, price: float
) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
    """Return thirty-day fills of those who take a drug; how regularly is drawn for each."""
    who = np.flatnonzero(takes & (people.engagement > 0.02))
    gap = 30 / draw.beta(6, 2, len(who)).clip(0.3)
    start = people.starts[who] + draw.integers(0, 60, len(who))
    count = np.maximum(0, ((people.ends[who] - start) / gap)).astype(np.int64)
    which = np.repeat(np.arange(len(who)), count)
    number = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    day = start[which] + (number * gap[which]).astype(np.int64)
    size = len(which)
    return who[which], day, np.full(size, drug), np.full(size, 30), np.full(size, float(price))


def once(
    draw: np.random.Generator, people: People, rate: list[float], drug: int, price: float
) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
    """Return single fills of ten days."""
    years = (people.ends - people.starts + 1) / 365.25
    who = np.repeat(np.arange(people.count), draw.poisson(np.array(rate)[people.line] * people.engagement**0.7 * years))
    size = len(who)
    return who, any_day(draw, people, who), np.full(size, drug), np.full(size, 10), np.full(size, float(price))
