"""The database itself refuses to change a finding, a link or a frozen map; only closing columns may be set.

SQLite drops triggers when a later migration rebuilds a table: such a migration must run `forbid` again.
"""

from django.db import migrations

CLOSING = {
    "criteria_finding": ("superseded_at",),
    "criteria_evidencelink": ("confirmed_by_id", "confirmed_at", "unlinked_by_id", "unlinked_at"),
    "criteria_evidencemap": (),
}


def _fixed_columns(schema_editor, table):
    with schema_editor.connection.cursor() as cursor:
        columns = [column.name for column in schema_editor.connection.introspection.get_table_description(cursor, table)]
    return ", ".join(f'"{name}"' for name in columns if name not in CLOSING[table])


def forbid(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        for table in CLOSING:
            columns = _fixed_columns(schema_editor, table)
            schema_editor.execute(
                f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {columns} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"
            )
        schema_editor.execute(
            "CREATE TRIGGER criteria_finding_once BEFORE UPDATE OF superseded_at ON criteria_finding "
            "WHEN OLD.superseded_at IS NOT NULL "
            "BEGIN SELECT RAISE(ABORT, 'a superseded finding stays superseded'); END"
        )
    elif vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION criteria_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME; END $$",
            params=None,
        )
        for table in CLOSING:
            columns = _fixed_columns(schema_editor, table)
            schema_editor.execute(
                f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {columns} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION criteria_refuse()"
            )
        schema_editor.execute(
            "CREATE TRIGGER criteria_finding_once BEFORE UPDATE OF superseded_at ON criteria_finding "
            "FOR EACH ROW WHEN (OLD.superseded_at IS NOT NULL) EXECUTE FUNCTION criteria_refuse()"
        )


def allow(apps, schema_editor):
    suffix = {"sqlite": lambda table: "", "postgresql": lambda table: f" ON {table}"}.get(schema_editor.connection.vendor)
    if suffix is None:
        return
    for table in CLOSING:
        schema_editor.execute(f"DROP TRIGGER {table}_fixed{suffix(table)}")
    schema_editor.execute(f"DROP TRIGGER criteria_finding_once{suffix('criteria_finding')}")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION criteria_refuse()")


class Migration(migrations.Migration):
    dependencies = [("criteria", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
