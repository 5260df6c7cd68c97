"""The compilers of PostgreSQL, remembering (see openum/db/compiling.py)."""

from django.db.backends.postgresql import compiler

from openum.db.compiling import Remembering


class SQLCompiler(Remembering, compiler.SQLCompiler):
    """SELECT."""


class SQLInsertCompiler(Remembering, compiler.SQLInsertCompiler):
    """INSERT."""


class SQLDeleteCompiler(Remembering, compiler.SQLDeleteCompiler):
    """DELETE."""


class SQLUpdateCompiler(Remembering, compiler.SQLUpdateCompiler):
    """UPDATE."""


class SQLAggregateCompiler(Remembering, compiler.SQLAggregateCompiler):
    """SELECT over a subquery."""
