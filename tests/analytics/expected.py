"""Where the shared samples lie, and reading of result files."""

import csv
from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "synthetic_claims_10k"

needs_sample = pytest.mark.skipif(not SAMPLE.is_dir(), reason="the folder of shared claims is not beside this checkout")


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
