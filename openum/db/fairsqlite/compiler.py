"""Django's SQL compiler, remembering what never changes: the quoted name, the converters and the columns of a model.

A page or a submission asks for some dozens of rows with the columns of several tables each. Naming those columns anew
for every question takes half of the time of asking. What is remembered depends on the models alone, never on data.
"""

from typing import Any

from django.db.models.expressions import Col
from django.db.models.sql import compiler

_NAMES: dict[tuple[str, str], str] = {}
_COLUMNS: dict[tuple[type, str], list[Any]] = {}
_MOST = 20_000
"""Entries kept at most; aliases of unusual queries could otherwise add up."""


class _Remembering(compiler.SQLCompiler):
    """What all kinds of statements share."""

    def compile(self, node: Any) -> tuple[str, Any]:
        """Return the SQL of a node; a plain column is looked up."""
        if node.__class__ is not Col or not node.alias:
            return super().compile(node)
        key = (node.alias, str(node.target.column))
        name = _NAMES.get(key)
        if name is None:
            quote = self.connection.ops.quote_name
            name = f"{quote(key[0])}.{quote(key[1])}"
            if len(_NAMES) < _MOST:
                _NAMES[key] = name
        return name, []

    def get_converters(self, expressions: Any) -> dict[int, Any]:
        """Return what turns database values into Python values, by the place of the column."""
        expressions = list(expressions)
        if not all(each.__class__ is Col for each in expressions):
            return super().get_converters(expressions)
        known: dict[tuple[int, int], tuple[list[Any], Any]] = self.connection.ops.converters_of_fields  # type: ignore[attr-defined]
        found: dict[int, Any] = {}
        for place, column in enumerate(expressions):
            key = (id(column.target), id(column.output_field))
            entry = known.get(key)
            if entry is None:
                converters = self.connection.ops.get_db_converters(column) + column.get_db_converters(self.connection)
                entry = (converters, column)  # keeping the column keeps its fields, so that their ids stay their own
                if len(known) < _MOST:
                    known[key] = entry
            if entry[0]:
                found[place] = (entry[0], column)
        return found

    def get_default_columns(
        self, select_mask: Any, start_alias: Any = None, opts: Any = None, from_parent: Any = None
    ) -> list[Any]:
        """Return the columns of a whole model under an alias."""
        meta = opts or self.query.get_meta()
        if meta is None or select_mask or from_parent or meta.parents or meta.proxy:
            return super().get_default_columns(select_mask, start_alias, opts, from_parent)
        alias = start_alias or self.query.get_initial_alias()
        key = (meta.model, alias)
        columns = _COLUMNS.get(key)
        if columns is None:
            columns = [field.get_col(alias) for field in meta.concrete_fields]
            if len(_COLUMNS) < _MOST:
                _COLUMNS[key] = columns
        return list(columns)


class SQLCompiler(_Remembering):
    """SELECT."""


class SQLInsertCompiler(_Remembering, compiler.SQLInsertCompiler):
    """INSERT."""


class SQLDeleteCompiler(_Remembering, compiler.SQLDeleteCompiler):
    """DELETE."""


class SQLUpdateCompiler(_Remembering, compiler.SQLUpdateCompiler):
    """UPDATE."""


class SQLAggregateCompiler(_Remembering, compiler.SQLAggregateCompiler):
    """SELECT over a subquery."""
