"""What agreement a plan asks for, as published data: `policies/agreement/terms.yaml`."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import openum
from openum.agreement.rules.measuring import Marks

FILE = Path(openum.__file__).resolve().parent.parent / "policies" / "agreement" / "terms.yaml"


@dataclass(frozen=True)
class Terms:
    """The whole file."""

    version: int
    marks: Marks
    most_vignettes: int
    least_readers: int
    source: str


@cache
def terms() -> Terms:
    """Return the terms; they are read once."""
    held: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    passing, corrective = held["passing"], held["corrective"]
    marks = Marks(
        agreement=Fraction(passing["agreement_percent"], 100),
        kappa=Fraction(passing["kappa"]),
        corrective_agreement=Fraction(corrective["agreement_percent"], 100),
        corrective_kappa=Fraction(corrective["kappa"]),
        read_again_below=Fraction(held["read_again_below"]),
    )
    return Terms(
        version=held["version"], marks=marks, most_vignettes=held["most_vignettes"],
        least_readers=held["least_readers"], source=held["source"],
    )  # fmt: skip
