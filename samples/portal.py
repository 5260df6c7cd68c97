"""The knee request of the tour as a practice types it into the portal, and the papers it sends later. Pure.

Nothing of it is loaded: the journey and the tour make the request themselves. Every name, number and date is a parameter.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from samples import codes, named
from samples.documents import pdf, picture


@dataclass(frozen=True, kw_only=True)
class KneeRequest:
    """A knee replacement asked for without the X-ray report and the therapy record.

    Attributes:
        asked_on: the day of the request; every other day is relative to it.
        visits, weeks: the therapy that was given: too short for the guideline.
        injections: days of injections that only the conversation between clinicians brings up.
    """

    member_number: str = named.ROSA_ALVAREZ.number
    given: str = named.ROSA_ALVAREZ.given
    family: str = named.ROSA_ALVAREZ.family
    born: date = named.ROSA_ALVAREZ.born
    surgeon: str = named.LINDQVIST
    surgeon_name: str = "Dr. Tobias Lindqvist"
    facility: str = named.BAYLINE_SURGERY_PAVILION
    facility_name: str = "Bayline Surgery Pavilion"
    code: str = "27447"
    modifier: str = "RT"
    diagnoses: tuple[str, ...] = ("M17.11", "Z68.34")
    asked_on: date = date(2026, 11, 24)
    planned_on: date = date(2026, 12, 17)
    pain_since: date = date(2026, 2, 10)
    body_mass: str = "34.2"
    blood_sugar: str = "6.9"
    film_on: date = date(2026, 11, 9)
    grade: int = 4
    visits: int = 8
    weeks: int = 7
    first_visit: date = date(2026, 8, 24)
    injections: tuple[date, date] = (date(2026, 8, 11), date(2026, 10, 6))
    extra: dict[str, str] = field(default_factory=dict)

    def moved(self, days: int) -> "KneeRequest":
        """Return the same story on other days."""
        step = timedelta(days=days)
        return replace(
            self,
            asked_on=self.asked_on + step,
            planned_on=self.planned_on + step,
            pain_since=self.pain_since + step,
            film_on=self.film_on + step,
            first_visit=self.first_visit + step,
            injections=(self.injections[0] + step, self.injections[1] + step),
        )

    @property
    def side(self) -> str:
        """Right or left, in words."""
        return {"RT": "right", "LT": "left"}.get(self.modifier, "")

    def fields(self) -> dict[str, str]:
        """Return the fields of the portal form by their names."""
        fields = {
            "member_number": self.member_number,
            "family_name": self.family,
            "given_name": self.given,
            "birth_date": self.born.isoformat(),
            "ordering_npi": self.surgeon,
            "ordering_name": self.surgeon_name,
            "facility_npi": self.facility,
            "facility_name": self.facility_name,
            "urgency": "standard",
            "place": "24",
            "line_count": "1",
            "line1-code_system": codes.CPT,
            "line1-code": self.code,
            "line1-modifiers": self.modifier,
            "line1-units": "1",
            "line1-unit": "",
            "line1-first_day": self.planned_on.isoformat(),
            "line1-last_day": self.planned_on.isoformat(),
            **{f"diagnosis{number}": code for number, code in enumerate(self.diagnoses, start=1)},
        }
        for link, kind, value in self.answers():
            fields[f"answer.{link}"] = value
            fields[f"kind.{link}"] = kind
        return fields | self.extra

    def answers(self) -> list[tuple[str, str, str]]:
        """Return what the practice answers in the form: link, kind, value. The film and the therapy are left open."""
        return [
            ("knee.side", "choice", self.side),
            ("knee.pain-onset", "date", self.pain_since.isoformat()),
            ("knee.limits-function", "yes-no", "yes"),
            ("knee.active-infection", "yes-no", "no"),
            ("knee.bmi", "number", self.body_mass),
            ("knee.diabetes", "yes-no", "yes"),
            ("knee.hba1c", "number", self.blood_sugar),
        ]

    def visit_days(self) -> list[date]:
        """Return the days of the therapy visits, spread over the weeks."""
        last = self.weeks * 7
        return [
            self.first_visit + timedelta(days=round(last * number / (self.visits - 1))) for number in range(self.visits)
        ]


def film_report(knee: KneeRequest) -> bytes:
    """Return the X-ray report as a PDF."""
    return pdf(
        "X-ray of the knee, standing",
        [
            f"Patient: {knee.given} {knee.family}, born {knee.born.isoformat()}",
            f"Date of the film: {knee.film_on.isoformat()}",
            f"{knee.side.capitalize()} knee, weight-bearing, front and side.",
            "",
            "Joint space of the inner compartment is gone, large bone spurs, hardened bone below the joint.",
            f"Kellgren-Lawrence grade {knee.grade}.",
            "No fracture. No sign of infection.",
        ],
    )


def therapy_log(knee: KneeRequest) -> bytes:
    """Return the therapist's log as a PDF."""
    visits = knee.visit_days()
    return pdf(
        "Therapy log",
        [
            f"Patient: {knee.given} {knee.family}, born {knee.born.isoformat()}",
            f"{knee.side.capitalize()} knee, therapy exercises, {len(visits)} visits over {knee.weeks} weeks",
            "",
            *[
                f"{number}. {day.isoformat()}  exercises, range of motion, ice"
                for number, day in enumerate(visits, start=1)
            ],
        ],
    )


def therapy_log_picture(knee: KneeRequest) -> bytes:
    """Return the log as a picture, as a phone camera sends it."""
    return picture(therapy_log(knee))


def conversation_note(knee: KneeRequest) -> bytes:
    """Return the note that the practice uploads after the conversation between clinicians."""
    first, second = knee.injections
    return pdf(
        "Note of the surgeon",
        [
            f"Patient: {knee.given} {knee.family}, born {knee.born.isoformat()}",
            f"Injections into the {knee.side} knee on {first.isoformat()} and {second.isoformat()}, relief of days only.",
            f"Therapy was stopped by the therapist after {knee.visits} visits because the knee kept swelling.",
            "Further therapy is not advised.",
        ],
    )
