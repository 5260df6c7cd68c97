"""The database itself refuses to change a saved text, a review, a vote, or what an evaluation read.

SQLite drops triggers when a later migration rebuilds a table: such a migration must run `forbid` again.
"""

from django.db import migrations

TABLES = ("criteria_drafttext", "criteria_draftreview", "criteria_committeevote", "criteria_evaluationinput")


def forbid(apps, schema_editor):
    for table in TABLES:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(
                f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"
            )
        elif schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION criteria_refuse()"
            )


def allow(apps, schema_editor):
    for table in TABLES:
        suffix = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {table}_fixed{suffix}")


class Migration(migrations.Migration):
    dependencies = [("criteria", "0003_guideline_lifecycle")]
    operations = [migrations.RunPython(forbid, allow)]
