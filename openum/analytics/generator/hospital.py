"""Inpatient stays of one chunk, with readmissions and rehabilitation."""

from dataclasses import dataclass

import numpy as np

from openum.analytics.generator.people import People
from openum.analytics.generator.population import Numbers, Period, any_provider, lengths_of_stay, population

ACUTE, PSYCHIATRIC, REHABILITATION, DELIVERY = range(4)

CHAIN = 5
"""Readmissions of readmissions, at most."""


@dataclass
class Stays:
    """True stays before billing; one entry per stay."""

    who: Numbers
    admit: Numbers
    days: Numbers
    group: Numbers
    """Index into the table of DRGs."""
    kind: Numbers
    facility: Numbers
    via_emergency: Numbers
    disposition: Numbers
    """As a number of the two digits, such as 1 for 01."""
    is_readmission: Numbers

    @property
    def discharge(self) -> Numbers:
        """Return the day of discharge."""
        return self.admit + self.days

    def only(self, chosen: Numbers) -> "Stays":
        """Return some of the stays."""
        return Stays(**{name: column[chosen] for name, column in vars(self).items()})


def joined(parts: list[Stays]) -> Stays:
    """Put stays together."""
    return Stays(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])})


class Hospital:
    """Draws the stays of one chunk."""

    def __init__(self, draw: np.random.Generator, people: People, period: Period, members: int) -> None:
        self.draw, self.people, self.period, self.members = draw, people, period, members
        numbers = population()
        rows = numbers["drgs"]
        single = [
            [*numbers["psychiatric"][:2], "", 0], [*numbers["rehabilitation"], "", 0], [*numbers["delivery_vaginal"], 0],
            [*numbers["delivery_section"], 1],
        ]  # fmt: skip
        self.table = [row[:4] for row in rows] + single
        self.psychiatric, self.rehabilitation, self.vaginal, self.section = range(len(rows), len(rows) + 4)
        self.mix = np.cumsum(np.array([[row[4 + line] for row in rows] for line in range(3)]), axis=1)
        known = lengths_of_stay()
        means = np.array([known.get(row[0], (2.5, 3.0, 1.0)) for row in self.table])
        means[self.psychiatric, :2] = (7.0, 9.0)
        means[self.rehabilitation, :2] = (10.5, 12.0)
        self.mu = np.log(means[:, 0])
        self.sigma = np.sqrt(2 * np.log(np.maximum(means[:, 1] / means[:, 0], 1.02)))
        self.weight = means[:, 2]
        self.is_surgical = np.array([bool(row[3]) for row in self.table])

    def drawn(self) -> Stays:
        """Draw all stays: background, deliveries, readmissions and rehabilitation; none overlaps another."""
        first = apart(joined([self.background(), self.deliveries()]))
        found, latest = [first], first
        for _ in range(CHAIN):
            latest = self.readmissions(latest)
            if not len(latest.who):
                break
            found.append(latest)
        return apart(joined([*found, self.rehabilitations(joined(found))]))

    def made(self, who: Numbers, admit: Numbers, group: Numbers, kind: Numbers) -> Stays:
        """Complete stays by what is drawn for each: days, place, way in and way out; only those of enrolled members."""
        inside = self.people.enrolled(who, admit)
        who, admit, group, kind = who[inside], admit[inside], group[inside], kind[inside]
        count, draw = len(who), self.draw
        facility = any_provider(draw, self.members, "hospital", count)
        for value, role in ((PSYCHIATRIC, "psychiatric"), (REHABILITATION, "rehabilitation")):
            chosen = kind == value
            facility[chosen] = any_provider(draw, self.members, role, int(chosen.sum()))
        slow = 1.06 + 0.12 * np.sin(facility * 1.7)
        days = np.exp(self.mu[group] + self.sigma[group] * draw.normal(size=count)) * slow
        days = np.maximum(1, np.rint(days)).astype(np.int64).clip(1, 90)
        last = np.minimum(self.period.ends, self.people.ends[who])
        ended = admit + days <= last
        days = np.where(ended, days, np.maximum(0, last - admit))
        disposition = self.dispositions(who, kind, ended)
        via = (draw.random(count) < 0.72) & (kind == ACUTE) & ~self.is_surgical[group]
        return Stays(who, admit, days, group, kind, facility, via, disposition, np.zeros(count, dtype=bool))

    def dispositions(self, who: Numbers, kind: Numbers, ended: Numbers) -> Numbers:
        """Draw how stays end: home, nursing facility, home health, rehabilitation, transfer, against advice, died."""
        count = len(who)
        old = self.people.age[who] >= 65
        chance = self.draw.random(count)
        died = np.minimum(0.30, np.where(old, 0.022, 0.006) * self.people.risk[who] ** 0.5)
        steps = np.cumsum(
            np.stack(
                [
                    died,
                    *(
                        np.where(old, a, b)
                        for a, b in ((0.02, 0.006), (0.01, 0.012), (0.025, 0.004), (0.19, 0.02), (0.20, 0.05))
                    ),
                ]
            ),
            axis=0,
        )
        found = np.select([chance < step for step in steps], [20, 2, 7, 62, 3, 6], default=1)
        found = np.where(kind == ACUTE, found, 1)
        return np.where(ended, found, 30)

    def background(self) -> Stays:
        """Draw the admissions that nothing else explains, more in winter."""
        numbers, people, draw = population(), self.people, self.draw
        years = (people.ends - people.starts + 1) / 365.25
        rate = np.array(numbers["admissions_per_1000"])[people.line] / 1000 * people.risk * years
        who = np.repeat(np.arange(people.count), draw.poisson(rate))
        admit = any_day(draw, people, who)
        season = 1 + numbers["winter"] * np.cos(2 * np.pi * ((admit - self.period.starts) % 365.25) / 365.25)
        kept = draw.random(len(who)) < season / (1 + numbers["winter"])
        who, admit = who[kept], admit[kept]
        line = people.line[who]
        mix = self.mix[line]
        group = (draw.random(len(who))[:, None] * mix[:, -1:] > mix).sum(axis=1)
        is_psychiatric = (draw.random(len(who)) < np.array(numbers["psychiatric_share"])[line]) & (people.age[who] >= 6)
        return self.made(
            who, admit, np.where(is_psychiatric, self.psychiatric, group), np.where(is_psychiatric, PSYCHIATRIC, ACUTE)
        )

    def deliveries(self) -> Stays:
        """Draw deliveries of women between 17 and 42, at most one in the period."""
        people, draw = self.people, self.draw
        years = (people.ends - people.starts + 1) / 365.25
        fertile = people.is_female & (people.age >= 17) & (people.age <= 42)
        rate = np.array(population()["deliveries_per_1000_women"])[people.line] / 1000 * years * fertile
        who = np.flatnonzero(draw.random(people.count) < rate)
        group = np.where(draw.random(len(who)) < 0.32, self.section, self.vaginal)
        return self.made(who, any_day(draw, people, who), group, np.full(len(who), DELIVERY))

    def readmissions(self, after: Stays) -> Stays:
        """Draw the acute stays within 30 days after acute stays; transfers arrive on the day they left."""
        draw, people = self.draw, self.people
        hospital = 1 + 0.25 * np.sin(after.facility * 2.3)
        base = np.array(population()["readmission"])[people.line[after.who]]
        chance = np.minimum(0.6, base * people.risk[after.who] ** 0.45 * hospital)
        goes_home = (after.kind == ACUTE) & ~np.isin(after.disposition, (2, 20, 30))
        moved = (after.kind == ACUTE) & (after.disposition == 2)
        again = (goes_home & (draw.random(len(after.who)) < chance)) | moved
        delay = np.minimum(30, 1 + draw.exponential(10, len(after.who)).astype(np.int64))
        admit = after.discharge + np.where(moved, 0, delay)
        who, admit, moved = after.who[again], admit[again], moved[again]
        mix = self.mix[people.line[who]]
        group = (draw.random(len(who))[:, None] * mix[:, -1:] > mix).sum(axis=1)
        group = np.where(draw.random(len(who)) < 0.35, after.group[again], group)
        made = self.made(who, admit, group, np.full(len(who), ACUTE))
        made.is_readmission[:] = True
        return made

    def rehabilitations(self, after: Stays) -> Stays:
        """Return the stays in a rehabilitation hospital that follow a discharge to one, the same day."""
        chosen = after.disposition == 62
        count = int(chosen.sum())
        return self.made(
            after.who[chosen],
            after.discharge[chosen],
            np.full(count, self.rehabilitation),
            np.full(count, REHABILITATION),
        )

    def price(self, stays: Stays) -> Numbers:
        """Return allowed dollars of the facility by stay."""
        factor = np.array(population()["price_factor"])[self.people.line[stays.who]]
        base = population()["base_price_usd"] * self.weight[stays.group] * factor
        noise: Numbers = np.exp(self.draw.normal(0, 0.35, len(stays.who)) - 0.06)
        priced: Numbers = base * noise
        return priced


def any_day(draw: np.random.Generator, people: People, who: Numbers) -> Numbers:
    """Draw a day between a member's first and last day of enrolment."""
    days: Numbers = (draw.random(len(who)) * (people.ends[who] - people.starts[who] + 1)).astype(np.int64)
    drawn: Numbers = people.starts[who] + days
    return drawn


def apart(stays: Stays) -> Stays:
    """Leave out stays that begin before an earlier one of the member has ended; a transfer may begin on that day."""
    order = np.lexsort((stays.kind, stays.admit, stays.who))
    stays = stays.only(order)
    kept = np.ones(len(stays.who), dtype=bool)
    who, admit, discharge = stays.who, stays.admit, stays.discharge
    disposition = stays.disposition
    last_who, last_end, last_how = -1, -1, 0
    for number in range(len(who)):
        if who[number] == last_who and (
            last_how == 20 or admit[number] < last_end or (admit[number] == last_end and last_how not in {2, 62})
        ):
            kept[number] = False
            continue
        last_who, last_end, last_how = who[number], discharge[number], disposition[number]
    return stays.only(kept)
