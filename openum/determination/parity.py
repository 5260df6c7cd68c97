"""Parity: mental health and substance use beside medical and surgical care, as rules are applied (45 CFR 146.136).

No database, no clock, no web. Counts and hours only: nobody is ranked, no threshold judges by itself.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from openum.vocabulary.terms import ServiceClass


@dataclass(frozen=True, kw_only=True)
class Applied:
    """How the rules were applied to one line.

    Attributes:
        hours: from receipt to the first decision; None while it is open.
    """

    benefit_class: str
    service_class: str
    was_reviewed: bool
    was_refused: bool
    was_asked: bool
    hours: float | None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One side of a comparison in one benefit class; shares are of `lines`, None where there is none."""

    benefit_class: str
    side: str
    lines: int
    reviewed: float | None
    asked: float | None
    refused: float | None
    median_hours: float | None


MENTAL, MEDICAL = "mental_health_and_substance_use", "medical_surgical"


def side_of(service_class: str) -> str:
    """Return the side of the comparison a kind of condition stands on."""
    return MEDICAL if service_class == ServiceClass.MEDICAL_SURGICAL else MENTAL


def compare(lines: Iterable[Applied]) -> list[Figures]:
    """Return both sides of every benefit class that occurs, classes in order, mental health first."""
    groups: dict[tuple[str, str], list[Applied]] = {}
    for line in lines:
        groups.setdefault((line.benefit_class, side_of(line.service_class)), []).append(line)
    classes = sorted({benefit_class for benefit_class, _ in groups})
    return [
        _figures(benefit_class, side, groups.get((benefit_class, side), []))
        for benefit_class in classes
        for side in (MENTAL, MEDICAL)
    ]


def _figures(benefit_class: str, side: str, lines: list[Applied]) -> Figures:
    hours = [line.hours for line in lines if line.hours is not None]
    return Figures(
        benefit_class=benefit_class,
        side=side,
        lines=len(lines),
        reviewed=_share(line.was_reviewed for line in lines),
        asked=_share(line.was_asked for line in lines),
        refused=_share(line.was_refused for line in lines),
        median_hours=round(median(hours), 1) if hours else None,
    )


def _share(answers: Iterable[bool]) -> float | None:
    known = list(answers)
    return round(sum(known) / len(known), 4) if known else None


def as_stored(figures: Iterable[Figures]) -> list[dict[str, Any]]:
    """Return figures as plain data, to keep."""
    return [asdict(each) for each in figures]
