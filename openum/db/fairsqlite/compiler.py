"""The compilers of SQLite, remembering (see openum/db/compiling.py)."""

from django.db.models.sql import compiler

from openum.db.compiling import Remembering


class SQLCompiler(Remembering):
    """SELECT."""


class SQLInsertCompiler(Remembering, compiler.SQLInsertCompiler):
    """INSERT."""


class SQLDeleteCompiler(Remembering, compiler.SQLDeleteCompiler):
    """DELETE."""


class SQLUpdateCompiler(Remembering, compiler.SQLUpdateCompiler):
    """UPDATE."""


class SQLAggregateCompiler(Remembering, compiler.SQLAggregateCompiler):
    """SELECT over a subquery."""
