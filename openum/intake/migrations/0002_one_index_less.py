"""Two indexes of look-alikes go: one begins another index, by the other nobody looks."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Drop what another index already answers, or nobody asks."""

    dependencies: ClassVar = [("intake", "0001_initial"), ("cases", "0005_informationitem_months_back"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS intake_duplicatehint_request_id_cf413e41",
                    "CREATE INDEX intake_duplicatehint_request_id_cf413e41 ON intake_duplicatehint (request_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="duplicatehint", name="request",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="duplicate_hints", to="cases.request"),
                )
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS intake_duplicatehint_settled_by_id_621b1a99",
                    "CREATE INDEX intake_duplicatehint_settled_by_id_621b1a99 ON intake_duplicatehint (settled_by_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="duplicatehint", name="settled_by",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, blank=True, null=True, related_name="+", to=settings.AUTH_USER_MODEL),
                )
            ],
        ),
    ]
