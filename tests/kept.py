"""The database as the run began: kept once, and put back after each test that commits.

Such a test leaves an emptied database behind (Django flushes it). Put back, every test finds the same rows with the
same keys, whatever ran before it, and the small world is built once a process.
"""

import sqlite3

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

_SCHEMA = "kept"
_copies: dict[str, sqlite3.Connection] = {}


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
