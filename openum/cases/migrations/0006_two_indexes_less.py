"""What belongs to a line is found by the unique index, which begins with the line."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Drop what another index already answers, or nobody asks."""

    dependencies: ClassVar = [("cases", "0005_informationitem_months_back")]

    operations: ClassVar = [
        migrations.RunSQL(
            "DROP INDEX IF EXISTS cases_serviceline_diagnoses_serviceline_id_8556fbef",
            "CREATE INDEX cases_serviceline_diagnoses_serviceline_id_8556fbef ON cases_serviceline_diagnoses (serviceline_id)",
        ),
        migrations.RunSQL(
            "DROP INDEX IF EXISTS cases_serviceline_providers_serviceline_id_0965a939",
            "CREATE INDEX cases_serviceline_providers_serviceline_id_0965a939 ON cases_serviceline_providers (serviceline_id)",
        ),
    ]
