"""Thresholds and minutes of the adviser and the ledger, as published data: `policies/programme/worth.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import openum
from openum.programme.rules.worth import HUNDRED, Effort, Profile, Terms

FILE = Path(openum.__file__).resolve().parent.parent / "policies" / "programme" / "worth.yaml"


@dataclass(frozen=True)
class Kept:
    """Services whose request the committee keeps, by the first characters of the code, with the reason by language."""

    system: str
    begins: str
    reason: Mapping[str, str]


@dataclass(frozen=True)
class Worth:
    """The whole file. `crews` holds the minutes of each act by the crew that does it."""

    version: int
    days: int
    terms: Terms
    effort: Effort
    crews: Mapping[str, Mapping[str, int]]
    kept: tuple[Kept, ...]
    profiles: tuple[Profile, ...]


@cache
def worth() -> Worth:
    """Return the terms; they are read once."""
    held: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    acts = held["acts"]
    profiles = tuple(
        Profile(**{**row, "lines_of_business": frozenset(row["lines_of_business"])}) for row in held["profiles"]
    )
    assert all(profile.approved_percent < HUNDRED for profile in profiles)
    return Worth(
        version=held["version"],
        days=held["days"],
        terms=Terms(**held["adviser"]),
        effort=Effort(
            minutes={name: minutes for row in acts for name, minutes in row["minutes"].items()},
            cents={name: row["cents_per_minute"] for row in acts for name in row["minutes"]},
        ),
        crews={row["who"]: row["minutes"] for row in acts},
        kept=tuple(Kept(**row) for row in held["keep"]),
        profiles=profiles,
    )
