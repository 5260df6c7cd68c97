"""Django's PostgreSQL backend with the remembering compilers."""

from typing import Any

from django.db.backends.postgresql import base as postgresql_base
from django.db.backends.postgresql import operations as postgresql_operations


class DatabaseOperations(postgresql_operations.DatabaseOperations):
    """PostgreSQL operations whose compilers remember."""

    compiler_module = "openum.db.keptpostgres.compiler"

    def __init__(self, connection: Any) -> None:
        """Start with nothing remembered (see `compiling`)."""
        super().__init__(connection)
        self.converters_of_fields: dict[tuple[int, int], tuple[list[Any], Any]] = {}


class DatabaseWrapper(postgresql_base.DatabaseWrapper):
    """Connection to PostgreSQL."""

    ops_class = DatabaseOperations
