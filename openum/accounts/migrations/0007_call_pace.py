import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_proofs'),
    ]

    operations = [
        migrations.CreateModel(
            name='CallPace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField(help_text='the start of the hour')),
                ('within', models.PositiveIntegerField(help_text='milliseconds of server time, the bound of the class')),
                ('calls', models.PositiveIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0, help_text='answered with a status of 400 or more')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.apiclient')),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='call_pace_by_hour')],
                'constraints': [models.UniqueConstraint(fields=('client', 'hour', 'within'), name='call_pace_once')],
            },
        ),
    ]
