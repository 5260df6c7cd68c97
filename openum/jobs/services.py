"""Put work into the table."""

from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from openum.db import plain


def enqueue(kind: str, payload: dict[str, Any], *, run_at: datetime, dedupe_key: str | None = None) -> bool:
    """Add a job in the caller's transaction: it exists if and only if the caller's work does.

    Args:
        kind: names the handler.
        payload: public ids and words only, no member data; it is stored as JSON.
        run_at: aware instant on openum's clock from which the job may run.
        dedupe_key: at most one job ever has this key; a second one is not added.

    Returns:
        Whether a job was added.
    """
    at = connection.ops.adapt_datetimefield_value(run_at)
    body = orjson.dumps(payload, default=str).decode()
    cast = "%s::jsonb" if connection.vendor == "postgresql" else "%s"
    made = plain.execute(
        "INSERT INTO jobs_job (kind, payload, state, run_at, attempt, fence, lease_until_us, dedupe_key, last_error)"
        f" VALUES (%s, {cast}, 'waiting', %s, 0, 0, 0, %s, '') ON CONFLICT (dedupe_key) DO NOTHING RETURNING id",
        [kind, body, at, dedupe_key],
    )
    return bool(made)
