"""How the public metrics are read, as published data: `policies/programme/public_metrics.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import openum

FILE = Path(openum.__file__).resolve().parent.parent / "policies" / "programme" / "public_metrics.yaml"


@dataclass(frozen=True)
class Posting:
    """Which law makes a line of business post, and for what: a contract, plan, state or issuer."""

    line_of_business: str
    level: str
    citation: str


@dataclass(frozen=True)
class Book:
    """The whole file."""

    version: int
    postings: tuple[Posting, ...]
    counted_kinds: frozenset[str]
    drug_codes: tuple[str, ...]
    elements: tuple[Mapping[str, str], ...]
    notes: tuple[Mapping[str, str], ...]
    posted_by: tuple[int, int]

    def due_on(self, year: int) -> date:
        """Return the last day to post the figures of a year."""
        return date(year + 1, *self.posted_by)


@cache
def book() -> Book:
    """Return the book; it is read once."""
    held: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return Book(
        version=held["version"],
        postings=tuple(Posting(**row) for row in held["levels"]),
        counted_kinds=frozenset(held["counted_kinds"]),
        drug_codes=tuple(held["drug_codes"]),
        elements=tuple(held["elements"]),
        notes=tuple(held["notes"]),
        posted_by=(held["posted_by"]["month"], held["posted_by"]["day"]),
    )
