"""Django's SQL compiler, remembering what never changes: the quoted name, the converters and the columns of a model.

A page or a submission asks for some dozens of rows with the columns of several tables each. Naming those columns anew
for every question takes half of the time of asking. What is remembered depends on the models alone, never on data.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models.expressions import Col
from django.db.models.sql import compiler

_COLUMNS: dict[tuple[type, str], list[Any]] = {}
_MOST = 20_000
"""Entries kept at most; aliases of unusual queries could otherwise add up."""
_NOTHING: tuple[Any, ...] = ()
"""The parameters of a column."""


class Remembering(compiler.SQLCompiler):
    """What all kinds of statements share, on every database."""

    def compile(self, node: Any) -> tuple[str, Any]:
        """Return the SQL of a node; a plain column is named without asking it."""
        if node.__class__ is not Col or not node.alias:
            return super().compile(node)
        quote = self.quote_name_unless_alias
        return f"{quote(node.alias)}.{quote(str(node.target.column))}", []

    def get_select(self, with_col_aliases: bool = False) -> tuple[list[Any], Any, dict[str, int]]:
        """Return the selected columns, what models they make, and the places of annotations.

        Whole models and their related ones are named at once; every other selection is Django's.
        """
        query = self.query
        is_plain = query.default_cols and not (
            with_col_aliases or query.distinct or query.annotation_select or query.extra_select or query.selected
        )
        if not is_plain:
            return super().get_select(with_col_aliases)
        mask = query.get_select_mask()
        select: list[Any] = [(column, None) for column in self.get_default_columns(mask)]
        made: dict[str, Any] = {"model": query.model, "select_fields": list(range(len(select)))}
        if query.select_related:
            made["related_klass_infos"] = self.get_related_selections(select, mask)
            if _inherits(made):
                return super().get_select(with_col_aliases)
        aliases = {column.alias for column, _ in select}
        heads = {alias: self.quote_name_unless_alias(alias) for alias in aliases}
        named = [(column, (f'{heads[column.alias]}."{column.target.column}"', _NOTHING), None) for column, _ in select]
        return named, made, {}

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

    def _order_by_pairs(self) -> Iterator[Any]:  # type: ignore[override]
        """Return what a statement is sorted by, named anew.

        Django names a selected column by its place, and to find it makes every selected column comparable, at several
        times the cost of naming it; that is left to statements where the place matters.
        """
        query = self.query
        if query.combinator or query.distinct or query.group_by is not None or query.annotations or query.extra_select:
            yield from super()._order_by_pairs()  # type: ignore[misc]
            return
        selected, self.select = self.select, []
        try:
            yield from super()._order_by_pairs()  # type: ignore[misc]
        finally:
            self.select = selected


def _inherits(made: dict[str, Any]) -> bool:
    """Say whether a related model is read as a child of the one it is related to."""
    return any(each["from_parent"] or _inherits(each) for each in made.get("related_klass_infos", ()))
