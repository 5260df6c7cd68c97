"""The index of a foreign key goes where the beginning of another index is the same column."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Drop what another index already answers, or nobody asks."""

    dependencies: ClassVar = [("accounts", "0001_initial"), ("directory", "0002_code_list_is_complete")]

    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS directory_member_plan_id_dc14db7d",
                    "CREATE INDEX directory_member_plan_id_dc14db7d ON directory_member (plan_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="member", name="plan",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="members", to="accounts.plan"),
                )
            ],
        ),
    ]
