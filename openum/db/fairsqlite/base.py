"""A SQLite backend whose writers queue on a file lock.

SQLite's own busy handler polls with growing sleeps, so with several writers the unlucky ones starve (99th
percentile of 300 ms and more). A blocking lock around the outermost transaction lets them pass in turn.
The kernel drops the lock when a process is killed. Reads outside a transaction take no lock.
"""

import fcntl
import os
from typing import Any

from django.core.management.color import Style
from django.db.backends.sqlite3 import base as sqlite3_base
from django.db.backends.sqlite3 import operations as sqlite3_operations


class DatabaseOperations(sqlite3_operations.DatabaseOperations):
    """SQLite operations; emptying the database sets the triggers that protect append-only tables aside."""

    compiler_module = "openum.db.fairsqlite.compiler"

    def __init__(self, connection: Any) -> None:
        """Start with nothing remembered (see `compiler`)."""
        super().__init__(connection)
        self.converters_of_fields: dict[tuple[int, int], tuple[list[Any], Any]] = {}

    def sql_flush(
        self, style: Style, tables: Any, *, reset_sequences: bool = False, allow_cascade: bool = False
    ) -> list[str]:
        """Return the statements that empty the tables. Only the test runner and an owner's flush use this."""
        statements = super().sql_flush(style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        drops = [f"DROP TRIGGER {self.quote_name(name)}" for name, _ in triggers]
        return [*drops, *statements, *(sql for _, sql in triggers)]


class DatabaseWrapper(sqlite3_base.DatabaseWrapper):
    """Connection that holds ``<database>.lock`` while its outermost transaction runs."""

    ops_class = DatabaseOperations
    _lock_fd: int | None = None

    def _lock(self) -> None:
        name = str(self.settings_dict["NAME"])
        if name == ":memory:" or name.startswith("file:"):
            return
        if self._lock_fd is None:
            self._lock_fd = os.open(f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock_fd, fcntl.LOCK_EX)

    def _unlock(self) -> None:
        if self._lock_fd is not None:
            fcntl.flock(self._lock_fd, fcntl.LOCK_UN)

    def _start_transaction_under_autocommit(self) -> None:
        self._lock()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._unlock()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._unlock()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._unlock()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self._lock_fd is not None:
                os.close(self._lock_fd)
                self._lock_fd = None
