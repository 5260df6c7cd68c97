"""The place of a link on its page is as fixed as its other columns: the trigger is made anew over all of them."""

from django.db import migrations

TABLE = "criteria_evidencelink"
CLOSING = ("confirmed_by_id", "confirmed_at", "unlinked_by_id", "unlinked_at")


def forbid(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor not in {"sqlite", "postgresql"}:
        return
    with schema_editor.connection.cursor() as cursor:
        found = schema_editor.connection.introspection.get_table_description(cursor, TABLE)
    columns = ", ".join(f'"{name}"' for name in sorted(column.name for column in found) if name not in CLOSING)
    schema_editor.execute(f"DROP TRIGGER {TABLE}_fixed" + (f" ON {TABLE}" if vendor == "postgresql" else ""))
    refuses = (
        f"BEGIN SELECT RAISE(ABORT, '{TABLE} rows are never changed'); END"
        if vendor == "sqlite"
        else "FOR EACH ROW EXECUTE FUNCTION criteria_refuse()"
    )
    schema_editor.execute(f"CREATE TRIGGER {TABLE}_fixed BEFORE UPDATE OF {columns} ON {TABLE} {refuses}")


class Migration(migrations.Migration):
    dependencies = [("criteria", "0011_region")]
    operations = [migrations.RunPython(forbid, migrations.RunPython.noop)]
