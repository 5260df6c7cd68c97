"""Papers at the desk: their pages, what was read on them, and the steps of people."""

import django.db.models.deletion
import openum.vocabulary.identifiers
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = [
        ('accounts', '0006_proofs'),
        ('directory', '0003_one_index_less'),
        ('intake', '0002_one_index_less'),
        ('submission', '0005_sandbox_answer_ask_for_form'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=openum.vocabulary.identifiers.new_uuid7, editable=False, unique=True)),
                ('title', models.TextField(help_text='name of the file')),
                ('fields', models.JSONField(default=dict, help_text="what people typed or accepted, by the keys of the request's forms")),
                ('version', models.PositiveIntegerField(default=0)),
                ('saved_at', models.DateTimeField()),
                ('member', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.member')),
                ('member_chosen_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='accounts.plan')),
                ('split_from', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='intake.paper')),
                ('submission', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='paper', to='submission.submission')),
            ],
        ),
        migrations.CreateModel(
            name='PaperPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=openum.vocabulary.identifiers.new_uuid7, editable=False, unique=True)),
                ('source_number', models.PositiveIntegerField()),
                ('position', models.PositiveIntegerField()),
                ('turn', models.PositiveSmallIntegerField(default=0, help_text='degrees clockwise')),
                ('skew', models.FloatField(default=0.0, help_text='degrees counterclockwise that make its rows level')),
                ('hidden', models.JSONField(default=list, help_text='areas blacked out: [turn when drawn, left, top, right, bottom]')),
                ('words', models.JSONField(default=list, help_text='[text, confidence, left, top, right, bottom] at `read_turn`')),
                ('read_turn', models.PositiveSmallIntegerField(default=0)),
                ('read_shape', models.FloatField(default=1.0, help_text='height by width at `read_turn`')),
                ('reader', models.TextField(blank=True, help_text='what read it, with its version; empty: not read')),
                ('input_digest', models.TextField(blank=True, help_text='SHA-256 of the picture that was read, hexadecimal')),
                ('not_read_because', models.TextField(blank=True, help_text='not-installed, failed, later')),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('paper', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='pages', to='intake.paper')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='submission.submission')),
            ],
        ),
        migrations.CreateModel(
            name='FieldReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=openum.vocabulary.identifiers.new_uuid7, editable=False, unique=True)),
                ('key', models.TextField()),
                ('value', models.TextField()),
                ('confidence', models.FloatField()),
                ('box', models.JSONField(help_text="left, top, right, bottom at the page's `read_turn`")),
                ('settled', models.TextField(blank=True, choices=[('kept', 'kept'), ('changed', 'changed')])),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='intake.paperpage')),
            ],
        ),
        migrations.CreateModel(
            name='PaperStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=openum.vocabulary.identifiers.new_uuid7, editable=False, unique=True)),
                ('did', models.TextField(choices=[('turn', 'turn'), ('hide', 'hide'), ('split', 'split'), ('merge', 'merge')])),
                ('before', models.JSONField(help_text='per page its key, paper, position, turn and hidden areas')),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('other', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='intake.paper')),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='intake.paper')),
                ('undone_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='paperpage',
            index=models.Index(fields=['paper', 'position'], name='paper_page_order'),
        ),
        migrations.AddConstraint(
            model_name='paperpage',
            constraint=models.UniqueConstraint(fields=('source', 'source_number'), name='paper_page_once'),
        ),
        migrations.AddConstraint(
            model_name='fieldreading',
            constraint=models.UniqueConstraint(fields=('page', 'key'), name='field_once_per_page'),
        ),
    ]
