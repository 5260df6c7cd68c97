"""Find out which cases, papers and loads of claims have changed: by SQLite's data version, or by PostgreSQL's notifications."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

from django.conf import settings

_POLL_SECONDS = 0.05
_OF_STATEMENTS = {"server_side_binding", "prepare_threshold", "options"}
"""Settings of the connection that say how statements are run; a listener runs one."""


async def changed_cases() -> AsyncIterator[str]:
    """Yield the public id (hex) of each case, of a paper that was read, or of a load of claims that moved, as its events are committed, for ever."""
    database = settings.DATABASES["default"]
    source = _from_postgres(database) if "postgres" in database["ENGINE"] else _from_sqlite(database)
    async for case in source:
        yield case


async def _from_sqlite(database: dict[str, Any]) -> AsyncIterator[str]:
    """Ask for the data version 20 times a second: that costs two microseconds, and nothing is read until it moves."""
    connection = sqlite3.connect(f"file:{database['NAME']}?mode=ro", uri=True, isolation_level=None)
    try:
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM audit_eventrow").fetchone()
        version = None
        while True:
            (now,) = connection.execute("PRAGMA data_version").fetchone()
            if now != version:
                version = now
                rows = connection.execute(
                    "SELECT id, CASE WHEN type = 'PageRead' THEN replace(json_extract(data, '$.paper_id'), '-', '')"
                    " WHEN type = 'ClaimsFileMoved' THEN replace(json_extract(data, '$.load_id'), '-', '')"
                    " ELSE case_id END FROM audit_eventrow WHERE id > ? ORDER BY id",
                    [last],
                ).fetchall()
                for last, case in rows:  # noqa: B007 the last id seen is kept
                    if case:
                        yield case
            await asyncio.sleep(_POLL_SECONDS)
    finally:
        connection.close()


async def _from_postgres(database: dict[str, Any]) -> AsyncIterator[str]:
    """Listen to what the events table's trigger announces at every commit."""
    import psycopg

    connection = await psycopg.AsyncConnection.connect(**how_to_listen(database), autocommit=True)
    async with connection:
        await connection.execute("LISTEN openum_cases")
        async for notification in connection.notifies():
            yield notification.payload.replace("-", "")


def how_to_listen(database: dict[str, Any]) -> dict[str, Any]:
    """Return what a listening connection is opened with: where, as whom, and as safely as every other (`sslmode` …)."""
    safely = {key: value for key, value in database["OPTIONS"].items() if key not in _OF_STATEMENTS}
    return {
        **safely,
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"],
        "port": database["PORT"] or None,
    }
