"""Rows of the director's page that folders above it contribute; they register from `apps.ready()`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openum.accounts.models import User


@dataclass(frozen=True)
class Row:
    """One row: its anchor, title and template, and what the template is given; None where there is nothing to show.

    `place` is its number on the page, and the key that leads to it; the page's own rows are 1 to 3.
    """

    key: str
    title: str
    template: str
    context: Callable[[User], Mapping[str, Any] | None]
    place: int


_ROWS: dict[str, Row] = {}


def register(row: Row) -> None:
    """Add a row below the page's own; called once at start."""
    _ROWS[row.key] = row


def rows() -> tuple[Row, ...]:
    """Return the rows in the order of their places."""
    return tuple(sorted(_ROWS.values(), key=lambda row: row.place))
