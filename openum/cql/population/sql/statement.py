"""Puts the columns of definitions together: a table for all that can be computed at once, then one for the next.

A definition is a column, beside those that need nothing of each other. One statement with an expression for each
definition takes DuckDB seconds to plan, since every step carries the nested types of all others; tables that stand
side by side, row by row, take milliseconds, and nothing is copied from one to the next. Definitions that need nothing
of each other go into two lanes, which are planned and run at the same time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r'\b[rdhpq]\d+b?\b|"[A-Z][^"]*"')
_LANES: Final = 2
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
    """Statements.

    Attributes:
        lanes: tables to create, by name and query, in order; lanes need nothing of each other.
        query: reads the answers, when all tables are there.
    """

    lanes: tuple[tuple[tuple[str, str], ...], ...]
    query: str

    @property
    def text(self) -> str:
        """The whole plan, for inspection."""
        made = [f"CREATE TABLE {name} AS {query}" for lane in self.lanes for name, query in lane]
        return ";\n".join([*made, self.query])


def plan(columns: Sequence[Column], outputs: Sequence[str], base: Sequence[str]) -> Plan:
    """Return the statements.

    Args:
        columns: in an order in which each reads only earlier ones.
        outputs: expressions to select, after the case's number.
        base: columns of the table `cases`, as SQL names them.
    """
    reads = {c.name: names_in(c.sql) for c in columns}
    outputs = _written_out(columns, outputs, reads)
    wanted = frozenset().union(*map(names_in, outputs)) if outputs else frozenset[str]()
    needed = _closure(wanted, reads)
    used = [c for c in columns if c.name in needed]
    home = dict.fromkeys(base, "cases")
    level: dict[str, int] = {}
    for column in used:
        level[column.name] = 1 + max((level.get(n, 0) for n in reads[column.name]), default=0)
    lanes: list[tuple[tuple[str, str], ...]] = []
    for number, members in enumerate(_lanes(used, reads), 1):
        tables: list[tuple[str, str]] = []
        for depth in range(1, 1 + max(level[c.name] for c in members)):
            here = [c for c in members if level[c.name] == depth]
            made = ", ".join(f"{c.sql} AS {c.name}" for c in here)
            sources = frozenset().union(*(reads[c.name] for c in here))
            tables.append((f"lane{number}_{depth}", f"SELECT {made} FROM {_beside(sources, home)}"))
            home |= {c.name: f"lane{number}_{depth}" for c in here}
        lanes.append(tuple(tables))
    query = f"SELECT {', '.join(['pid', *outputs])} FROM {_beside(wanted, home)}"
    return Plan(tuple(lanes), query)


def _lanes(columns: Sequence[Column], reads: Mapping[str, frozenset[str]]) -> list[list[Column]]:
    """Return the columns in groups about as much work each, of which none reads a column of another."""
    group = {column.name: {column.name} for column in columns}
    for column in columns:
        for name in reads[column.name] & group.keys():
            if group[name] is not group[column.name]:
                joined = group[name] | group[column.name]
                group |= dict.fromkeys(joined, joined)
    sql = {column.name: column.sql for column in columns}
    distinct = {id(names): names for names in group.values()}
    lanes: list[list[str]] = [[] for _ in range(_LANES)]
    for names in sorted(distinct.values(), key=lambda names: -sum(len(sql[n]) for n in names)):
        min(lanes, key=lambda lane: sum(len(sql[n]) for n in lane)).extend(names)
    return [[c for c in columns if c.name in lane] for lane in lanes if lane]


def _written_out(columns: Sequence[Column], outputs: Sequence[str], reads: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the outputs, with the expression in place of a column over others that nothing else reads.

    A column over the cases alone is planned faster beside its kin than where tables are joined.
    """
    often = Counter(name for names in (*reads.values(), *map(names_in, outputs)) for name in names)
    alone = {c.name: c.sql for c in columns if often[c.name] == 1 and not reads.keys().isdisjoint(reads[c.name])}
    return [alone.get(output, output) for output in outputs]


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
