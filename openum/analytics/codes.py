"""The codes, definitions and reference tables that metrics rest on: data under `policies/analytics`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import openum

PACK = Path(openum.__file__).resolve().parent.parent / "policies" / "analytics"
"""The pack shipped beside the package."""

REFERENCE = PACK / "reference"
"""Public reference tables; a plan may give a folder of its own with files of the same names and columns."""


@dataclass(frozen=True)
class Definition:
    """What a number means, by its published id."""

    id: str
    name: str
    rule: str


@cache
def codes() -> dict[str, Any]:
    """Return the code lists by name."""
    found: dict[str, Any] = yaml.safe_load((PACK / "codes.yaml").read_text("utf-8"))
    return found


@cache
def definitions() -> dict[str, Definition]:
    """Return the definitions by id."""
    rows = yaml.safe_load((PACK / "definitions.yaml").read_text("utf-8"))
    return {row["id"]: Definition(**row) for row in rows}


@cache
def cuts() -> dict[str, Any]:
    """Return by what metrics are cut, with the definition of each, and how complete a month is."""
    found: dict[str, Any] = yaml.safe_load((PACK / "cuts.yaml").read_text("utf-8"))
    return found
