"""A review outside that was taken back frees its place: another may follow the same appeal."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appeals", "0003_undecided_reviews")]

    operations = [
        migrations.AlterField(
            model_name="appeal",
            name="follows",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="followed_by",
                to="appeals.appeal",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                fields=["follows"], condition=~models.Q(state="taken_back"), name="one_review_follows"
            ),
        ),
    ]
