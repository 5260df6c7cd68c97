"""Periods of days, half-open inside: [start, end). Letters and FHIR show inclusive ends; convert at the edge."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
    """Days from `start` up to but not including `end`; an open end is None."""

    start: date
    end: date | None

    def __post_init__(self) -> None:
        """Refuse an end before the start."""
        if self.end is not None and self.end < self.start:
            raise ValueError("A period cannot end before it starts.")

    @classmethod
    def from_inclusive(cls, first: date, last: date | None) -> "Period":
        """Make a period from first and last day, as people and FHIR write it."""
        return cls(first, last + timedelta(days=1) if last else None)

    @property
    def last_day(self) -> date | None:
        """The last day that belongs to the period, as letters and FHIR show it."""
        return self.end - timedelta(days=1) if self.end else None

    def holds(self, day: date) -> bool:
        """Say whether a day lies inside."""
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Period") -> bool:
        """Say whether the two periods share a day."""
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)
