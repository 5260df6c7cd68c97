"""Puts the columns of definitions together: a table for all that can be computed at once, then one for the next.

A definition is a column, beside those that need nothing of each other. One statement with an expression for each
definition takes DuckDB seconds to plan, since every step carries the nested types of all others; tables that stand
side by side, row by row, take milliseconds, and nothing is copied from one to the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r'\b[rdhpq]\d+b?\b|"[A-Z][^"]*"')
_TEXT: Final = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the statement that reads those before it."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Retrieve:
    """The places of resources with one of some codes, by the place of the code path and the code numbers."""

    name: str
    place: int
    numbers: tuple[int, ...]


def names_in(sql: str) -> frozenset[str]:
    """Return the columns an expression reads."""
    return frozenset(_NAME.findall(_TEXT.sub("''", sql)))


@dataclass(frozen=True, slots=True)
class Plan:
    """Statements in order: `tables` to create, and the `query` that reads the answers."""

    tables: tuple[tuple[str, str], ...]  # name, query
    query: str

    @property
    def text(self) -> str:
        """The whole plan, for inspection."""
        made = [f"CREATE TEMP TABLE {name} AS {query}" for name, query in self.tables]
        return ";\n".join([*made, self.query])


def plan(columns: Sequence[Column], outputs: Sequence[str], base: Sequence[str]) -> Plan:
    """Return the statements.

    Args:
        columns: in an order in which each reads only earlier ones.
        outputs: expressions to select, after the case's number.
        base: columns of the table `cases`, as SQL names them.
    """
    reads = {c.name: names_in(c.sql) for c in columns}
    wanted = frozenset().union(*map(names_in, outputs)) if outputs else frozenset[str]()
    needed = _closure(wanted, reads)
    used = [c for c in columns if c.name in needed]
    home = dict.fromkeys(base, "cases")
    level: dict[str, int] = {}
    for column in used:
        level[column.name] = 1 + max((level.get(n, 0) for n in reads[column.name]), default=0)
    tables: list[tuple[str, str]] = []
    for depth in range(1, max(level.values(), default=0) + 1):
        here = [c for c in used if level[c.name] == depth]
        made = ", ".join(f"{c.sql} AS {c.name}" for c in here)
        sources = frozenset().union(*(reads[c.name] for c in here))
        tables.append((f"level{depth}", f"SELECT {made} FROM {_beside(sources, home)}"))
        home |= {c.name: f"level{depth}" for c in here}
    query = f"SELECT {', '.join(['pid', *outputs])} FROM {_beside(wanted, home)}"
    return Plan(tuple(tables), query)


def _beside(names: frozenset[str], home: dict[str, str]) -> str:
    """Return the tables of some columns side by side; all have one row a case, in the order of the cases."""
    tables = sorted({home[n] for n in names if n in home} - {"cases"})
    return " POSITIONAL JOIN ".join(["cases", *tables])


def _closure(wanted: frozenset[str], reads: dict[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += reads.get(name, ())
    return frozenset(found)
