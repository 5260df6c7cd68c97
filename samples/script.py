"""The whole world as data: the same seed, instant and size give the same people and plots in every process."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random

from samples import members, plots
from samples.members import Person
from samples.places import Places
from samples.plots import Cast, Orderer, Plot

SEED = 20_261_123


@dataclass(frozen=True)
class Size:
    """How large a world is."""

    members: int = 10_000
    cases: int = 3_000
    days: int = 365


FULL = Size()


@dataclass(frozen=True)
class Script:
    """Who there is and what happens."""

    at: datetime
    size: Size
    people: tuple[Person, ...]
    seed: int = SEED

    @classmethod
    def write(cls, *, at: datetime, size: Size, seed: int = SEED) -> "Script":
        """Draw the people; the plots follow when the practices are known."""
        return cls(
            at=at, size=size, seed=seed, people=tuple(members.people(Random(seed), size=size.members, today=at.date()))
        )

    @cached_property
    def first_day(self) -> date:
        """The day before the first receipt."""
        return self.at.date() - timedelta(days=self.size.days + 2)

    def cast(self, places: Places) -> Cast:
        """Return who may take part: members with electronic letters; orderers in the order of the directory."""
        names = {row.pk: key for key, row in places.organizations.items()}
        orderers: dict[str, list[Orderer]] = {}
        for npi in sorted(places.practitioners):
            specialty = places.practitioners[npi].specialty
            orderers.setdefault(specialty, []).append(Orderer(npi, names[places.practice_of[npi].pk]))
        taking_part = [person for person in self.people if person.notice_format == "electronic" and not person.is_named]
        return Cast(members=taking_part, orderers=orderers, facilities=_FACILITIES)

    def plots(self, places: Places) -> list[Plot]:
        """Return the plots of the earlier cases, oldest receipt first."""
        rng = Random(self.seed + 2)
        return plots.earlier(rng, self.cast(places), count=self.size.cases, until=self.at, days=self.size.days)


_FACILITIES = {
    "lumbar-mri": "9000001021", "joint-mri": "9000001021", "head-mri": "9000001021", "body-ct": "9000001021",
    "heart-imaging": "9000001021", "knee-arthroplasty": "9000001054", "knee-arthroscopy": "9000001054",
    "injection": "9000001054", "bariatric": "9000001062", "spine-surgery": "9000001062", "heart-catheter": "9000001088",
    "infusion": "9000001062", "oncology": "9000001062",
}  # fmt: skip
