"""Which kinds of rows a case has. Most cases lack most of them, and a page that knows need not ask for each.

Each folder declares its kinds where it registers its sections; one statement then asks for all of them at once.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.db.models import Model

from openum.cases.models import Case
from openum.db import plain
from openum.db.reading import is_drawn, once_a_page

_KINDS: dict[type[Model], str] = {}
_STAND_IN = -1
"""Stands for the key of the case while the statement is made; no row has it."""


def declare(kinds: Iterable[type[Model]], path: str) -> None:
    """Let pages learn beforehand whether a case has rows of these kinds; called once at start.

    Args:
        path: leads from a row to its case, as in a filter.
    """
    _KINDS.update(dict.fromkeys(kinds, path))


def holds(case: Case, kind: type[Model]) -> bool:
    """Say whether a case may have rows of a kind, whoever may see them. Where no page is drawn, nobody knows: it may.

    Raises:
        KeyError: nobody declared the kind, which is a mistake in the programme.
    """
    return not is_drawn() or _held(case)[kind]


@once_a_page(lambda case: case.pk)
def _held(case: Case) -> dict[type[Model], bool]:
    kinds = tuple(_KINDS.items())
    sql, parameters = _statement(plain.database().vendor, kinds)
    (row,) = plain.execute(sql, [case.pk if one == _STAND_IN else one for one in parameters])
    return {kind: bool(found) for (kind, _), found in zip(kinds, row, strict=True)}


@lru_cache(maxsize=2)
def _statement(vendor: str, kinds: tuple[tuple[type[Model], str], ...]) -> tuple[str, tuple[object, ...]]:
    asked, parameters = [], []
    for kind, path in kinds:
        rows = kind._base_manager.filter(**{path: _STAND_IN})  # noqa: SLF001 - Django offers no other name
        sql, given = rows.query.exists().sql_with_params()
        asked.append(f"EXISTS({sql})")
        parameters += given
    return f"SELECT {', '.join(asked)}", tuple(parameters)
