"""The index of a foreign key goes where the beginning of another index is the same column."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Drop what another index already answers, or nobody asks."""

    dependencies: ClassVar = [("cases", "0005_informationitem_months_back"), ("clocks", "0003_breaches_and_escalations")]

    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS clocks_clock_request_id_0f543bdc",
                    "CREATE INDEX clocks_clock_request_id_0f543bdc ON clocks_clock (request_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="clock", name="request",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="clocks", to="cases.request"),
                )
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS clocks_clockfact_request_id_e9e6d40c",
                    "CREATE INDEX clocks_clockfact_request_id_e9e6d40c ON clocks_clockfact (request_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="clockfact", name="request",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="clock_facts", to="cases.request"),
                )
            ],
        ),
    ]
