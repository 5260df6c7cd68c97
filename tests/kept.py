"""The database as the run began: kept once, and put back after each test that commits.

Such a test leaves an emptied database behind (Django flushes it). Put back, every test finds the same rows with the
same keys, whatever ran before it, and the small world is built once a process.

On SQLite the empty tables are kept from run to run as well, beside what else pytest keeps: all migrations together
take far longer than most tests. They are made anew as soon as a migration, or what makes tables beside them, differs.
"""

import hashlib
import os
import sqlite3
from importlib.metadata import version
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

import openum

_SCHEMA = "kept"
_copies: dict[str, sqlite3.Connection] = {}


def tables_file(folder: Path) -> Path | None:
    """Return where the tables of this code are kept in `folder`; none on PostgreSQL."""
    if connection.vendor != "sqlite":
        return None
    root = Path(openum.__file__).parent
    digest = hashlib.sha256(version("django").encode() + sqlite3.sqlite_version.encode())
    for path in sorted({*root.rglob("migrations/*.py"), *(root / "db").rglob("*.py"), *root.rglob("apps.py")}):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return folder / f"{digest.hexdigest()}.sqlite3"


def keep_tables(path: Path) -> None:
    """Keep the empty tables in a file; those of older code go."""
    connection.ensure_connection()
    made = path.with_suffix(f".{os.getpid()}")
    with sqlite3.connect(made) as copy:
        connection.connection.backup(copy)
    copy.close()
    for older in set(path.parent.glob("*.sqlite3")) - {path}:
        older.unlink(missing_ok=True)
    made.replace(path)


def lay_tables(path: Path) -> None:
    """Fill the database with the empty tables that were kept."""
    connection.ensure_connection()
    copy = sqlite3.connect(path)
    copy.backup(connection.connection)
    copy.close()


def keep() -> None:
    """Keep what stands in the database."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        copy = _copies[connection.alias] = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(copy)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {_SCHEMA}")
        for table in _tables(cursor, "public"):
            cursor.execute(f'CREATE TABLE {_SCHEMA}."{table}" AS TABLE public."{table}"')


def put_back() -> None:
    """Make the database what it was, triggers and constraints aside; sequences go on, so that no key comes twice."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        _copies[connection.alias].backup(connection.connection)
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            tables = _tables(cursor, _SCHEMA)
            cursor.execute("TRUNCATE {}".format(", ".join(f'public."{table}"' for table in tables)))
            for table in tables:
                cursor.execute(f'INSERT INTO public."{table}" SELECT * FROM {_SCHEMA}."{table}"')
    ContentType.objects.clear_cache()


def _tables(cursor, schema: str) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", [schema])
    return [name for (name,) in cursor.fetchall()]
