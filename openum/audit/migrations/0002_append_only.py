"""The database itself refuses to change or remove an event, a seal or a sealed head."""

from django.db import migrations

TABLES = ("audit_eventrow", "audit_seal", "audit_sealedhead")


def forbid(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        for table in TABLES:
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
    elif vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            params=None,
        )
        schema_editor.execute(
            "CREATE FUNCTION audit_notify() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF NEW.case_id IS NOT NULL THEN PERFORM pg_notify('openum_cases', NEW.case_id::text); END IF; "
            "RETURN NULL; END $$"
        )
        for table in TABLES:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
            )
        schema_editor.execute(
            "CREATE TRIGGER audit_eventrow_notify AFTER INSERT ON audit_eventrow "
            "FOR EACH ROW EXECUTE FUNCTION audit_notify()"
        )


def allow(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        for table in TABLES:
            for verb in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}")
    elif vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER audit_eventrow_notify ON audit_eventrow")
        for table in TABLES:
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        schema_editor.execute("DROP FUNCTION audit_refuse()")
        schema_editor.execute("DROP FUNCTION audit_notify()")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
