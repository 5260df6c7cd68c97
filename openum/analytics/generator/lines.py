"""Claim lines of one chunk, gathered by columns: codes are numbers of words until they are written."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from openum.analytics.generator.population import Numbers

INSTITUTIONAL, PROFESSIONAL = 1, 2


class Words:
    """The codes of one column by number; 0 is none."""

    def __init__(self, texts: tuple[str, ...] = ()) -> None:
        self.texts = list(texts)
        self.numbers = {text: number for number, text in enumerate(texts, start=1)}

    def __call__(self, text: str) -> int:
        """Return a code's number, a new one for a new code."""
        if not text:
            return 0
        if text not in self.numbers:
            self.texts.append(text)
            self.numbers[text] = len(self.texts)
        return self.numbers[text]

    def all_of(self, texts: list[str]) -> Numbers:
        """Return the numbers of several codes."""
        return np.array([self(text) for text in texts], dtype=np.int32)

    def written(self, numbers: Numbers) -> pa.Array:
        """Return a column of codes, null for 0."""
        return pa.DictionaryArray.from_arrays(
            pa.array(numbers - 1, mask=numbers == 0, type=pa.int32()), pa.array(self.texts, type=pa.string())
        )


WORDS = (
    "bill", "revenue", "procedure", "modifier", "place", "drg", "disposition", "admit_source", "admit_type", "diagnosis",
    "inpatient_procedure",
)  # fmt: skip

DEFAULTS: dict[str, Any] = {
    "who": None, "claim": None, "line": None, "kind": PROFESSIONAL, "claim_starts": None, "claim_ends": None, "starts": None,
    "ends": None, "admitted": 0, "discharged": 0, "units": 1.0, "allowed": None, "facility": 0, "rendering": 0, "billing": 0,
    **dict.fromkeys(WORDS, 0),
}  # fmt: skip
"""The columns of a gathered line; None must be given."""


class Lines:
    """What is gathered. Claims are numbered from 0 in each chunk, their lines from 1."""

    def __init__(self, vocabulary: Mapping[str, Words]) -> None:
        self.vocabulary = vocabulary
        self.blocks: list[dict[str, Any]] = []
        self.claims = 0

    def new_claims(self, count: int) -> Numbers:
        """Return the numbers of new claims."""
        first = self.claims
        self.claims += count
        return np.arange(first, first + count)

    def add(self, **columns: Any) -> None:
        """Add lines by columns; a single value stands for all of them."""
        count = len(columns["who"])
        if count:
            columns.setdefault("claim_starts", columns.get("starts"))
            columns.setdefault("starts", columns["claim_starts"])
            columns.setdefault("claim_ends", columns.get("ends", columns["claim_starts"]))
            columns.setdefault("ends", columns["claim_ends"])
            columns.setdefault("line", 1)
            self.blocks.append(columns)

    def visits(self, who: Numbers, day: Numbers, **columns: Any) -> Numbers:
        """Add claims of one line and one day; return their numbers."""
        claims = self.new_claims(len(who))
        self.add(who=who, claim=claims, claim_starts=day, **columns)
        return claims

    def gathered(self) -> dict[str, Numbers]:
        """Return all lines as one set of columns."""
        sizes = [len(block["who"]) for block in self.blocks]
        return {
            name: np.concatenate(
                [
                    np.broadcast_to(np.asarray(block.get(name, default)), size)
                    for block, size in zip(self.blocks, sizes, strict=True)
                ]
            )
            for name, default in DEFAULTS.items()
        }
