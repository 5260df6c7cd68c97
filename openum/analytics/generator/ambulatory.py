"""Care outside stays of one chunk: emergency, offices, imaging, laboratory, procedures, therapy, equipment, dialysis."""

from math import gamma

import numpy as np

from openum.analytics.generator.hospital import Stays, any_day
from openum.analytics.generator.lines import INSTITUTIONAL, Lines
from openum.analytics.generator.people import MEDICARE, People
from openum.analytics.generator.population import Numbers, Period, any_provider, population

READING = "26"

SPAN = 1 << 20
"""More than any day's number, so that member and day make one key."""


class Ambulatory:
    """Draws and bills the care of one chunk that is not a stay."""

    def __init__(
        self, draw: np.random.Generator, people: People, period: Period, members: int, lines: Lines, stays: Stays
    ) -> None:
        self.draw, self.people, self.period, self.members, self.lines = draw, people, period, members, lines
        self.words = lines.vocabulary
        self.diagnosis = self.usual_diagnosis()
        self.years = (people.ends - people.starts + 1) / 365.25
        self.inpatient = Calendar(stays)
        self.prices = population()["prices_usd"]

    def usual_diagnosis(self) -> Numbers:
        """Return each member's leading condition; a general examination for the healthy."""
        code = np.full(self.people.count, self.words["diagnosis"]("Z0000"))
        for name, row in population()["conditions"].items():
            code[self.people.conditions[name]] = self.words["diagnosis"](row[4])
        return code

    def drawn(self, kind: str) -> tuple[Numbers, Numbers]:
        """Draw members and days of one kind of care; days in hospital and without enrolment are left out."""
        row = population()["ambulatory"][kind]
        people = self.people
        need = people.engagement ** row["engagement"] * people.risk ** row["risk"]
        rate = np.array(row["rate"])[people.line] * need / average_need(row["engagement"], row["risk"]) * self.years
        who = np.repeat(np.arange(people.count), self.draw.poisson(np.minimum(rate, 60)))
        day = any_day(self.draw, people, who)
        free = people.enrolled(who, day) & ~self.inpatient(who, day)
        return who[free], day[free]

    def one_of(self, kind: str, count: int) -> Numbers:
        """Draw a procedure of a kind for each event."""
        codes = self.words["procedure"].all_of(population()["procedures"][kind])
        return codes[self.draw.integers(0, len(codes), count)]

    def provider(self, role: str, count: int) -> Numbers:
        """Draw a provider of a role for each event."""
        return any_provider(self.draw, self.members, role, count)

    def bill(self) -> None:
        """Add all claims."""
        self.emergency()
        self.offices()
        self.outpatient("clinic", "0510", "G0463")
        for kind, revenue in (("mri", "0610"), ("ct", "0350"), ("pet", "0404")):
            self.imaging(kind, revenue)
        self.films()
        self.outpatient("surgery", "0360")
        self.plain("surgery_centre", "24", "surgery_centre", modifier="SG")
        self.plain("urgent", "20", "primary", procedure="99203")
        self.plain("laboratory", "81", "laboratory")
        self.plain("behavioural", "11", "behavioural")
        self.plain("preventive", "11", "primary")
        self.series("therapy", 14, 3, "11", "therapist", modifier="GP", procedure="97110")
        self.series("equipment", 6, 30, "12", "equipment", modifier="RR")
        self.dialysis()
        self.chemotherapy()

    def plain(self, kind: str, place: str, role: str, *, modifier: str = "", procedure: str = "") -> None:
        """Add professional claims of one line."""
        who, day = self.drawn(kind)
        code = np.full(len(who), self.words["procedure"](procedure)) if procedure else self.one_of(kind, len(who))
        self.lines.visits(
            who, day, place=self.words["place"](place), procedure=code, modifier=self.words["modifier"](modifier),
            diagnosis=self.diagnosis[who], allowed=float(self.prices[kind]), rendering=self.provider(role, len(who)),
        )  # fmt: skip

    def emergency(self) -> None:
        """Add emergency visits that end at home: the facility's claim, an image for some, and the physician's."""
        who, day = self.drawn("emergency")
        code = self.one_of("emergency", len(who))
        facility = self.provider("hospital", len(who))
        price = self.priced(population()["procedures"]["emergency"], code)
        claims = self.lines.visits(
            who, day, kind=INSTITUTIONAL, bill=self.words["bill"]("131"), revenue=self.words["revenue"]("0450"), procedure=code,
            diagnosis=self.diagnosis[who], disposition=self.words["disposition"]("01"), allowed=price, facility=facility, billing=facility,
        )  # fmt: skip
        scanned = np.flatnonzero(self.draw.random(len(who)) < 0.22)
        self.lines.add(
            who=who[scanned], claim=claims[scanned], line=2, kind=INSTITUTIONAL, claim_starts=day[scanned], bill=self.words["bill"]("131"),
            revenue=self.words["revenue"]("0352"), procedure=self.words["procedure"]("70450"), diagnosis=self.diagnosis[who[scanned]],
            disposition=self.words["disposition"]("01"), allowed=float(self.prices["ct"]), facility=facility[scanned], billing=facility[scanned],
        )  # fmt: skip
        self.lines.visits(
            who, day, place=self.words["place"]("23"), procedure=code, diagnosis=self.diagnosis[who], allowed=price * 0.35,
            rendering=self.provider("emergency", len(who)),
        )  # fmt: skip

    def priced(self, codes: list[str], chosen: Numbers) -> Numbers:
        """Return the price of each chosen procedure."""
        table = np.zeros(len(self.words["procedure"].texts) + 1)
        for code in codes:
            table[self.words["procedure"](code)] = self.prices[code]
        return table[chosen]

    def offices(self) -> None:
        """Add visits to primary care and specialists, some of them by telehealth."""
        numbers = population()
        codes = numbers["procedures"]["office"]
        limits = np.cumsum(numbers["procedures"]["office_weights"])
        telehealth = self.words["place"]("02"), self.words["place"]("10")
        for role in ("primary", "specialist"):
            who, day = self.drawn(role)
            level = np.searchsorted(limits, self.draw.random(len(who)), side="right").clip(0, len(codes) - 1)
            code = self.words["procedure"].all_of(codes)[level]
            remote = self.draw.random(len(who)) < numbers["telehealth"]
            place = np.where(remote, telehealth[1], self.words["place"]("11"))
            usual = self.usual_provider(role, who)
            self.lines.visits(
                who, day, place=place, procedure=code, modifier=np.where(remote, self.words["modifier"]("95"), 0),
                diagnosis=self.diagnosis[who], allowed=self.priced(codes, code), rendering=usual,
            )  # fmt: skip

    def usual_provider(self, role: str, who: Numbers) -> Numbers:
        """Return the provider a member sees as a rule: the same one in three visits of four."""
        usual = self.provider(role, self.people.count)
        return np.where(self.draw.random(len(who)) < 0.75, usual[who], self.provider(role, len(who)))

    def outpatient(self, kind: str, revenue: str, procedure: str = "") -> None:
        """Add outpatient hospital claims of one line."""
        who, day = self.drawn(kind)
        code = np.full(len(who), self.words["procedure"](procedure)) if procedure else self.one_of(kind, len(who))
        self.facility(who, day, code, revenue, float(self.prices[kind]))

    def facility(self, who: Numbers, day: Numbers, code: Numbers, revenue: str, price: float) -> None:
        """Add outpatient facility claims."""
        place = self.provider("hospital", len(who))
        self.lines.visits(
            who, day, kind=INSTITUTIONAL, bill=self.words["bill"]("131"), revenue=self.words["revenue"](revenue), procedure=code,
            diagnosis=self.diagnosis[who], disposition=self.words["disposition"]("01"), allowed=price, facility=place, billing=place,
        )  # fmt: skip

    def imaging(self, kind: str, revenue: str) -> None:
        """Add images: at a hospital with a reading of its own, or whole at an office."""
        who, day = self.drawn(kind)
        code = self.one_of(kind, len(who))
        price = float(self.prices[kind])
        at_hospital = self.draw.random(len(who)) < 0.7
        self.facility(who[at_hospital], day[at_hospital], code[at_hospital], revenue, price)
        share = np.where(at_hospital, self.prices["reading_share"], 1.0)
        self.lines.visits(
            who, day, place=np.where(at_hospital, self.words["place"]("22"), self.words["place"]("11")), procedure=code,
            modifier=np.where(at_hospital, self.words["modifier"](READING), 0), diagnosis=self.diagnosis[who], allowed=price * share,
            rendering=self.provider("radiologist", len(who)),
        )  # fmt: skip

    def films(self) -> None:
        """Add plain images, half of them at a hospital."""
        who, day = self.drawn("film")
        code = self.one_of("film", len(who))
        at_hospital = self.draw.random(len(who)) < 0.5
        self.facility(who[at_hospital], day[at_hospital], code[at_hospital], "0320", float(self.prices["film"]))
        office = ~at_hospital
        self.lines.visits(
            who[office], day[office], place=self.words["place"]("11"), procedure=code[office], diagnosis=self.diagnosis[who[office]],
            allowed=float(self.prices["film"]), rendering=self.provider("radiologist", int(office.sum())),
        )  # fmt: skip

    def series(
        self, kind: str, times: int, every: int, place: str, role: str, *, modifier: str, procedure: str = ""
    ) -> None:
        """Add courses of care: so many claims, so many days apart, by one provider."""
        first, day = self.drawn(kind)
        count = self.draw.integers(max(1, times // 2), times + 1, len(first))
        which = np.repeat(np.arange(len(first)), count)
        number = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        who, on = first[which], day[which] + number * every
        code = np.full(len(first), self.words["procedure"](procedure)) if procedure else self.one_of(kind, len(first))
        provider = self.provider(role, len(first))
        free = self.people.enrolled(who, on) & ~self.inpatient(who, on)
        who, on, which = who[free], on[free], which[free]
        self.lines.visits(
            who, on, place=self.words["place"](place), procedure=code[which], modifier=self.words["modifier"](modifier),
            diagnosis=self.diagnosis[who], units=1.0, allowed=float(self.prices[kind]), rendering=provider[which],
        )  # fmt: skip

    def monthly(self, chosen: Numbers) -> tuple[Numbers, Numbers]:
        """Return a member and the first day of each enrolled month, for the chosen members."""
        who = np.repeat(np.flatnonzero(chosen), self.period.months)
        day = np.tile(self.period.month_starts[:-1], int(chosen.sum()))
        free = self.people.enrolled(who, day) & ~self.inpatient(who, day)
        return who[free], day[free]

    def dialysis(self) -> None:
        """Add a monthly dialysis claim for those whose kidneys have failed."""
        who, day = self.monthly(self.people.conditions["ESRD"])
        place = self.provider("dialysis", len(who))
        self.lines.visits(
            who, day, kind=INSTITUTIONAL, bill=self.words["bill"]("721"), revenue=self.words["revenue"]("0821"),
            procedure=self.words["procedure"]("90999"), diagnosis=self.words["diagnosis"]("N186"), units=13.0,
            disposition=self.words["disposition"]("01"), allowed=float(self.prices["dialysis"]), facility=place, billing=place,
        )  # fmt: skip

    def chemotherapy(self) -> None:
        """Add courses of infused drugs for a part of those with cancer."""
        people = self.people
        treated = people.conditions["CANCER"] & (
            self.draw.random(people.count) < np.where(people.line == MEDICARE, 0.05, 0.08)
        )
        who, day = self.monthly(treated)
        start = people.starts + (self.draw.random(people.count) * 500).astype(np.int64)
        during = (day >= start[who]) & (day < start[who] + 180)
        who, day = who[during], day[during]
        self.facility(who, day, self.one_of("chemotherapy", len(who)), "0636", float(self.prices["chemotherapy"]))


def average_need(engagement: float, risk: float) -> float:
    """Return the mean of engagement^a × risk^b, so that rates come out as stated: gamma moments and a fitted lognormal."""
    shape = 0.55
    of_engagement = gamma(shape + engagement) / gamma(shape) / shape**engagement
    return float(of_engagement * np.exp(-0.75 * risk * (1 - risk)))


class Calendar:
    """Which days a member spends in hospital: looked up by member and day."""

    def __init__(self, stays: Stays) -> None:
        order = np.lexsort((stays.admit, stays.who))
        self.keys = stays.who[order].astype(np.int64) * SPAN + stays.admit[order]
        self.ends = stays.who[order].astype(np.int64) * SPAN + stays.discharge[order]

    def __call__(self, who: Numbers, day: Numbers) -> Numbers:
        """Say for events whether the member was in hospital that day, the days of coming and going included."""
        if not len(self.keys):
            return np.zeros(len(who), dtype=bool)
        key = who.astype(np.int64) * SPAN + day
        before = np.searchsorted(self.keys, key, side="right") - 1
        inside: Numbers = (before >= 0) & (key <= self.ends[before.clip(0)])
        return inside
