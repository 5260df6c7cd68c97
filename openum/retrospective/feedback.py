"""What a provider is told about patterns in its claims: a letter to learn from, not an accusation. Pure."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from openum.design.typeset import pdf_of
from openum.retrospective.rules.patterns import Pattern

SOURCE: Final = Path(__file__).with_name("feedback.typ")
HEADS: Final = (
    "service",
    "diagnosis",
    "population",
    "found",
    "of_all_found",
    "nothing_in_it",
    "in_review",
    "confirmed",
)
"""Columns of the pack; counts without persons."""


def rows_of(found: Sequence[Pattern]) -> list[tuple[str, ...]]:
    """Return the counts of a provider's patterns as texts."""
    return [
        (
            each.key.service, each.key.diagnosis, each.key.population, str(each.leads), str(each.of_provider),
            str(each.dismissed), str(each.in_review), str(each.confirmed),
        )
        for each in found
    ]  # fmt: skip


def letter(*, plan: str, phone: str, provider: str, found: Sequence[Pattern], dated: date) -> bytes:
    """Return the letter as a tagged PDF."""
    data: dict[str, Any] = {
        "plan": plan, "phone": phone, "provider": provider, "dated": dated.isoformat(),
        "rows": [list(row) for row in rows_of(found)],
    }  # fmt: skip
    return pdf_of(SOURCE, data)[0]
