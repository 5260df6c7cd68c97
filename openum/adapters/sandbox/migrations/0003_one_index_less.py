"""By the plan of a recorded message nobody looks."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Drop what another index already answers, or nobody asks."""

    dependencies: ClassVar = [("accounts", "0001_initial"), ("sandbox", "0002_conversations")]

    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS sandbox_recordedmessage_plan_id_e749e3c2",
                    "CREATE INDEX sandbox_recordedmessage_plan_id_e749e3c2 ON sandbox_recordedmessage (plan_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="recordedmessage", name="plan",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.plan"),
                )
            ],
        ),
    ]
