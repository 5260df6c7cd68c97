"""What may be chosen in a comparison of coordinated with uncoordinated care, and why one is refused."""

from dataclasses import dataclass
from typing import ClassVar

from openum.vocabulary.errors import Invalid, Missing

MONTHS_BEFORE = 12
"""Whole months of enrolment that everybody needs before the month of the start."""

LEAST_SETS = 30
"""Fewer matched sets than these give no interval that anybody should read."""

LEAST_SHOWN = 11
"""Groups of fewer people are not described, so that nobody is recognised (as CMS keeps back cells of 1 to 10)."""

OUTCOMES = ("paid", "admissions", "ed_visits", "bed_days", "readmissions")
"""What is compared, in this order everywhere; `paid` is medical and pharmacy, in cents inside and in dollars outside."""

LABELS = {
    "paid": "Paid", "admissions": "Acute admissions", "ed_visits": "Emergency visits", "bed_days": "Bed days",
    "readmissions": "Readmissions within 30 days",
}  # fmt: skip
"""The outcomes in words."""

VARIABLE_LABELS = {
    "age": "age in years",
    "log_paid": "log of paid dollars a month",
    "log_paid_recent": "log of paid dollars a month, last three",
    "admissions": "acute admissions",
    "ed_visits": "emergency visits",
    "illnesses": "categories of illness",
}
"""What people are alike in, in words."""

ALL = "ALL"
"""All programmes together."""


class CohortInvalid(Invalid):
    """The file of coordinated people cannot be read as given."""

    code: ClassVar[str] = "cohort-invalid"


class PeopleUnknown(Invalid):
    """The file names people whom the enrolment does not."""

    code: ClassVar[str] = "people-unknown"


class NoFollowUp(Missing):
    """Nobody of the file was enrolled long enough before and after the start."""

    code: ClassVar[str] = "no-follow-up"


class TooFewPeople(Invalid):
    """There are too few people to compare."""

    code: ClassVar[str] = "too-few-people"


class ChoiceInvalid(Invalid):
    """A number that was chosen for the comparison makes none."""

    code: ClassVar[str] = "value-choice-invalid"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How a comparison is made.

    Attributes:
        neighbours: people alike looked for, at most, for each coordinated one.
        caliper: largest distance (Mahalanobis, in standard deviations) at which two people are alike.
        least_follow_up: whole months after the start in which everybody must be enrolled.
        most_follow_up: months after the start that are looked at.
        draws: bootstrap samples.
        seed: of every draw and of the order of matching.
        cost_pmpm: US dollars that the programme costs for a coordinated person and month; none when not known.
    """

    neighbours: int = 3
    caliper: float = 0.5
    least_follow_up: int = 3
    most_follow_up: int = 12
    draws: int = 2000
    seed: int = 1
    cost_pmpm: float | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no comparison.

        Raises:
            ChoiceInvalid: naming the option and its limits.
        """
        limits = (
            ("--neighbours", self.neighbours, 1, 20),
            ("--caliper", self.caliper, 0.01, 10),
            ("--least-follow-up", self.least_follow_up, 1, 60),
            ("--most-follow-up", self.most_follow_up, self.least_follow_up, 60),
            ("--draws", self.draws, 200, 100_000),
            ("--seed", self.seed, 0, 2**63),
            ("--programme-cost", self.cost_pmpm or 0.0, 0, 1_000_000),
        )
        for name, given, least, most in limits:
            if not least <= given <= most:
                raise ChoiceInvalid(f"{name} is {given}. Give a number from {least} to {most}.")
