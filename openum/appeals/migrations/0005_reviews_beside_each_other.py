"""In an integrated plan two programs' reviews may follow one appeal: one of each body."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appeals", "0004_reviews_taken_back")]

    operations = [
        migrations.RemoveConstraint(model_name="appeal", name="one_review_follows"),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                fields=["follows", "body"], condition=~models.Q(state="taken_back"), name="one_review_follows"
            ),
        ),
    ]
