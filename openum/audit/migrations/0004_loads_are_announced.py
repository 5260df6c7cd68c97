"""On PostgreSQL the events of a load of claims are announced too, as those of a case and of a paper are."""

from typing import ClassVar

from django.db import migrations

_HEAD = (
    "CREATE OR REPLACE FUNCTION audit_notify() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.case_id IS NOT NULL THEN PERFORM pg_notify('openum_cases', NEW.case_id::text); "
)
_PAPERS = (
    "ELSIF NEW.type = 'PageRead' THEN PERFORM pg_notify('openum_cases', NEW.data::json->>'paper_id'); "
)
_LOADS = (
    "ELSIF NEW.type = 'ClaimsFileMoved' THEN PERFORM pg_notify('openum_cases', NEW.data::json->>'load_id'); "
)
_TAIL = "END IF; RETURN NULL; END $$"


def _announce(schema_editor, sql: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(sql, params=None)


def forwards(apps, schema_editor):
    """Announce files that moved."""
    _announce(schema_editor, _HEAD + _PAPERS + _LOADS + _TAIL)


def backwards(apps, schema_editor):
    """Announce cases and papers."""
    _announce(schema_editor, _HEAD + _PAPERS + _TAIL)


class Migration(migrations.Migration):
    """Who looks at a load of claims hears how far it is."""

    dependencies: ClassVar = [("audit", "0003_papers_are_announced")]

    operations: ClassVar = [migrations.RunPython(forwards, backwards)]
