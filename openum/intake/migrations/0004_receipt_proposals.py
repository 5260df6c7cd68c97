"""Corrections of receipt times that wait for a second person."""

import django.db.models.deletion
import openum.vocabulary.identifiers
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table."""

    dependencies = [
        ('cases', '0008_line_by_service'),
        ('intake', '0003_papers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReceiptProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=openum.vocabulary.identifiers.new_uuid7, editable=False, unique=True)),
                ('received_at', models.DateTimeField()),
                ('reason', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('is_confirmed', models.BooleanField(blank=True, null=True)),
                ('proposed_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipt_proposals', to='cases.request')),
                ('settled_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('settled_at__isnull', True)), fields=('request',), name='one_open_receipt_proposal'), models.CheckConstraint(condition=models.Q(('is_confirmed__isnull', True), ('is_confirmed', False), models.Q(('settled_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='receipt_confirmed_by_another')],
            },
        ),
    ]
