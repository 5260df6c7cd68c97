"""The terms of claim review, as published data: `policies/retrospective/terms.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

import openum

FILE = Path(openum.__file__).resolve().parent.parent / "policies" / "retrospective" / "terms.yaml"


@dataclass(frozen=True)
class Term:
    """A number of calendar days and where it stands written."""

    days: int
    citation: str
    source_verified: bool


@dataclass(frozen=True)
class Terms:
    """The whole file."""

    reply: Term
    prompt_pay: Mapping[str, Term]
    """By line of business."""


@cache
def terms() -> Terms:
    """Return the terms; they are read once."""
    held = yaml.safe_load(FILE.read_text("utf-8"))
    return Terms(
        reply=Term(**held["reply"]),
        prompt_pay={
            business: Term(row["days"], row["citation"], row["source_verified"])
            for row in held["prompt_pay"]
            for business in row["lines_of_business"]
        },
    )
