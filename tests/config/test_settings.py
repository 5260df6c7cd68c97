"""A wrong setting stops the start with one sentence."""

import os
import subprocess
import sys

import pytest

from openum.config.settings import _database
from openum.live.changes import how_to_listen

SECRET = "0123456789" * 5


def start(tmp_path, **changes):
    base = {
        "OPENUM_DATA": str(tmp_path),
        "OPENUM_SECRET_KEY": SECRET,
        "OPENUM_SEAL_KEY": SECRET,
        "OPENUM_ALLOWED_HOSTS": "um.example.org",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENUM_")}
    environment = kept | base | changes | {"DJANGO_SETTINGS_MODULE": "openum.config.settings"}
    environment = {name: value for name, value in environment.items() if value is not None}
    code = "from django.conf import settings as s; s.DEBUG; print(s.DATABASES['default']['ENGINE'], s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS)"
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout.strip(), answer.stderr.strip().split("\n")[-1]


def test_good_settings_start_with_secure_cookies(tmp_path):
    assert start(tmp_path) == (0, "openum.db.fairsqlite True 31536000", "")


def test_postgres_is_chosen_by_its_address(tmp_path):
    code, said, _ = start(tmp_path, OPENUM_DATABASE_URL="postgresql://u:p%40ss@db.example.org:5433/um?sslmode=require")
    assert (code, said) == (0, "openum.db.keptpostgres True 31536000")


@pytest.mark.parametrize(
    ("asked", "threshold"), [("", 3), ("?prepared=off", None), ("?prepared=on&sslmode=require", 3)]
)
def test_a_pooler_may_forbid_prepared_statements(asked, threshold):
    options = _database(f"postgresql://u:p@db.example.org/um{asked}")["OPTIONS"]
    assert (options["prepare_threshold"], "options" in options, "prepared" in options) == (
        threshold,
        bool(threshold),
        False,
    )


def test_who_listens_for_changes_connects_as_safely_as_everybody():
    listening = how_to_listen(_database("postgresql://u:p%40ss@db.example.org:5433/um?sslmode=verify-full"))
    assert listening == {
        "dbname": "um", "user": "u", "password": "p@ss", "host": "db.example.org", "port": "5433", "sslmode": "verify-full",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"OPENUM_DATA": None}, "OPENUM_DATA is not set. Give the directory that holds this installation's data."),
        ({"OPENUM_DATA": "/nowhere/at/all"}, "OPENUM_DATA names a directory that does not exist. Create it first."),
        (
            {"OPENUM_SECRET_KEY": "short"},
            "OPENUM_SECRET_KEY is not set or is shorter than 32 characters, and secrets.json in OPENUM_DATA has none.",
        ),
        (
            {"OPENUM_SEAL_KEY": None},
            "OPENUM_SEAL_KEY is not set or is shorter than 32 characters, and secrets.json in OPENUM_DATA has none.",
        ),
        (
            {"OPENUM_ALLOWED_HOSTS": None},
            "OPENUM_ALLOWED_HOSTS is not set. Give the host names people use, separated by commas.",
        ),
        (
            {"OPENUM_UDAP_PLAN": "sandbox"},
            "Set all of OPENUM_UDAP_ANCHORS, OPENUM_UDAP_CERTIFICATE, OPENUM_UDAP_KEY, OPENUM_UDAP_PLAN, or none of them.",
        ),
        (
            dict.fromkeys(
                ("OPENUM_UDAP_ANCHORS", "OPENUM_UDAP_CERTIFICATE", "OPENUM_UDAP_KEY", "OPENUM_UDAP_PLAN"), "x"
            ),
            "OPENUM_UDAP_ANCHORS, OPENUM_UDAP_CERTIFICATE and OPENUM_UDAP_KEY must each name a file.",
        ),
        (
            {"OPENUM_DATABASE_URL": "postgresql://u:p@db.example.org/um?prepared=maybe"},
            "In OPENUM_DATABASE_URL prepared must be on or off.",
        ),
        ({"OPENUM_DEBUG": "perhaps"}, "OPENUM_DEBUG must be 0 or 1."),
        ({"OPENUM_MAX_BODY_BYTES": "4 MB"}, "OPENUM_MAX_BODY_BYTES must be a whole number."),
        (
            {"OPENUM_DATABASE_URL": "mysql://x/y"},
            "OPENUM_DATABASE_URL must look like postgresql://user:password@host:5432/name.",
        ),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, changes, sentence):
    code, _, last = start(tmp_path, **changes)
    assert code == 1
    assert last == f"django.core.exceptions.ImproperlyConfigured: {sentence}"
