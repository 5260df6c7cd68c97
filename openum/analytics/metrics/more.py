"""What can be asked for beside the files that are always written: cuts, completion, the list behind a number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openum.analytics.metrics.report import DEFINED_BY, READMISSIONS, STAY_METRICS
from openum.vocabulary.errors import Invalid

CUTS = ("product", "provider", "service", "age_band", "language")

NARROWED_BY = ("payer", "month", "person_id", *CUTS)

LISTED = (
    *(name for name in DEFINED_BY if name not in {"admits", "days"}),
    *(f"{name}_{unit}" for name in STAY_METRICS.values() for unit in ("admits", "days")),
    *(f"{name}_{ending}" for name in READMISSIONS for ending in ("index", "30")),
)
"""The metrics that have a list."""


class WishUnknown(Invalid):
    """A cut, a metric or a column that there is none of."""

    code = "wish-unknown"


@dataclass(frozen=True)
class More:
    """What is asked for: the cuts, completion, a metric's list and what narrows it (column and value)."""

    cuts: tuple[str, ...] = ()
    completion: bool = False
    listed: str = ""
    where: tuple[tuple[str, str], ...] = ()

    @property
    def is_asked(self) -> bool:
        """Say whether anything is."""
        return bool(self.cuts or self.completion or self.listed)


def more(by: str, completion: bool, listed: str, where: Sequence[str]) -> More:
    """Return what a person wrote as a wish.

    Raises:
        WishUnknown: a word that means nothing; the sentence names those that do.
    """
    cuts = tuple(dict.fromkeys(word.strip() for word in by.split(",") if word.strip()))
    if unknown := [cut for cut in cuts if cut not in CUTS]:
        raise WishUnknown(f"There is no cut by {unknown[0]}. Choose of {', '.join(CUTS)}.")
    if listed and listed not in LISTED:
        raise WishUnknown(f"There is no list of {listed}. Choose of {', '.join(LISTED)}.")
    if where and not listed:
        raise WishUnknown("A list is narrowed, and none is asked for. Name its metric with --list.")
    return More(cuts, completion, listed, tuple(map(condition, where)))


def condition(written: str) -> tuple[str, str]:
    """Return column and value of `column=value`.

    Raises:
        WishUnknown: it is not of that form, or no column that a list is narrowed by.
    """
    column, sign, value = written.partition("=")
    if not sign or column not in NARROWED_BY:
        raise WishUnknown(f"“{written}” narrows nothing. Write column=value with one of {', '.join(NARROWED_BY)}.")
    if column == "month" and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise WishUnknown(f"“{value}” is no month. Write it as 2024-03.")
    return column, value
