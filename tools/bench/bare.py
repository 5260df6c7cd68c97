"""The yardstick: a Django view without middleware that parses a bundle and inserts four rows in one durable transaction.

Same server, same database engine and settings, same number of processes and threads as OpenUM's own.
"""

import os
from pathlib import Path

import django
import orjson
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from openum.jobs.parent import end_with_parent

if not settings.configured:
    settings.configure(
        SECRET_KEY="bare" * 10,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        DATA_UPLOAD_MAX_MEMORY_SIZE=16 * 1024 * 1024,
        DATABASES={
            "default": {
                "ENGINE": "openum.db.fairsqlite",
                "NAME": str(Path(os.environ["OPENUM_DATA"]) / "bare.sqlite3"),
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
                },
            }
        },
    )
    django.setup()

TABLES = """
CREATE TABLE IF NOT EXISTS bare_submission (id INTEGER PRIMARY KEY, digest TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS bare_case (id INTEGER PRIMARY KEY, number TEXT NOT NULL, member TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bare_line (id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL REFERENCES bare_case, code TEXT);
CREATE TABLE IF NOT EXISTS bare_event (id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL REFERENCES bare_case, kind TEXT);
"""


def create_tables() -> None:
    """Create the four tables."""
    with connection.cursor() as cursor:
        for statement in TABLES.strip().split("\n"):
            cursor.execute(statement)


@csrf_exempt
def submit(request: HttpRequest) -> HttpResponse:
    """Parse, check the least, insert four rows, answer."""
    body = request.body
    bundle = orjson.loads(body)
    entries = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    claim = entries["Claim"]
    code = claim["item"][0]["productOrService"]["coding"][0]["code"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_submission (digest, body) VALUES (%s, %s)", [str(hash(body)), body])
        cursor.execute(
            "INSERT INTO bare_case (number, member) VALUES (%s, %s)", ["C", entries["Patient"].get("id", "")]
        )
        case = cursor.lastrowid
        cursor.execute("INSERT INTO bare_line (case_id, code) VALUES (%s, %s)", [case, code])
        cursor.execute("INSERT INTO bare_event (case_id, kind) VALUES (%s, %s)", [case, "submitted"])
    return HttpResponse(
        orjson.dumps({"resourceType": "ClaimResponse", "id": str(case)}), content_type="application/json"
    )


urlpatterns = [path("submit", submit)]
application = get_wsgi_application()
end_with_parent()
