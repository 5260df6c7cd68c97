"""On PostgreSQL the events of a paper at the intake desk are announced too, as those of a case are."""

from typing import ClassVar

from django.db import migrations

_HEAD = (
    "CREATE OR REPLACE FUNCTION audit_notify() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.case_id IS NOT NULL THEN PERFORM pg_notify('openum_cases', NEW.case_id::text); "
)
_PAPERS = (
    "ELSIF NEW.type = 'PageRead' THEN PERFORM pg_notify('openum_cases', NEW.data::json->>'paper_id'); "
)
_TAIL = "END IF; RETURN NULL; END $$"


def _announce(schema_editor, sql: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(sql, params=None)


def forwards(apps, schema_editor):
    """Announce pages that were read."""
    _announce(schema_editor, _HEAD + _PAPERS + _TAIL)


def backwards(apps, schema_editor):
    """Announce cases alone."""
    _announce(schema_editor, _HEAD + _TAIL)


class Migration(migrations.Migration):
    """Who looks at a paper hears when a page was read."""

    dependencies: ClassVar = [("audit", "0002_append_only")]

    operations: ClassVar = [migrations.RunPython(forwards, backwards)]
