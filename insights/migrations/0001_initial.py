import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('dispatch', '0001_initial'),
        ('petitions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fold', 'Changed units counted'), ('recount', 'Everything counted anew'), ('history', 'Ended clocks taken into the past'), ('outlook', 'Running clocks forecast')], max_length=8)),
                ('at', models.DateTimeField()),
                ('rows', models.PositiveIntegerField(default=0)),
                ('mark', models.BigIntegerField(default=0)),
                ('differences', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', '-at'], name='run_newest')],
            },
        ),
        migrations.CreateModel(
            name='ForecastRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter', models.PositiveSmallIntegerField()),
                ('made_at', models.DateTimeField()),
                ('age', models.IntegerField()),
                ('term', models.IntegerField()),
                ('level', models.CharField(max_length=8)),
                ('evidence', models.PositiveIntegerField()),
                ('probability', models.FloatField()),
                ('is_replayed', models.BooleanField(default=False)),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='dispatch.clock')),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.area')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['unit', '-made_at'], name='forecast_unit'), models.Index(fields=['-made_at'], name='forecast_new')],
                'constraints': [models.UniqueConstraint(fields=('clock', 'quarter'), name='forecast_once')],
            },
        ),
        migrations.CreateModel(
            name='Hop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('top_class', models.CharField(max_length=2)),
                ('passed_at', models.DateTimeField()),
                ('held_minutes', models.IntegerField()),
                ('way', models.CharField(choices=[('returned', 'Returned by the unit'), ('recalled', 'Recalled by the office')], max_length=8)),
                ('is_loop', models.BooleanField(default=False)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.area')),
                ('from_order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='dispatch.workorder')),
                ('from_unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.unit')),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='petitions.petition')),
                ('to_order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='dispatch.workorder')),
                ('to_unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['-passed_at', '-id'], name='hop_new'), models.Index(fields=['from_unit', '-passed_at'], name='hop_from'), models.Index(fields=['to_unit', '-passed_at'], name='hop_to'), models.Index(condition=models.Q(('is_loop', True)), fields=['petition'], name='hop_loop')],
                'constraints': [models.UniqueConstraint(fields=('petition', 'place'), name='hop_place')],
            },
        ),
        migrations.CreateModel(
            name='Outlook',
            fields=[
                ('clock', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='outlook', serialize=False, to='dispatch.clock')),
                ('at', models.DateTimeField()),
                ('level', models.CharField(blank=True, max_length=8)),
                ('evidence', models.PositiveIntegerField()),
                ('probability', models.FloatField(null=True)),
                ('expected_at', models.DateTimeField(null=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.area')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['unit', '-probability'], name='outlook_unit'), models.Index(fields=['-probability'], name='outlook_city')],
            },
        ),
        migrations.CreateModel(
            name='Spell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('generation', models.PositiveSmallIntegerField()),
                ('key', models.CharField(max_length=24)),
                ('duty', models.CharField(blank=True, max_length=24)),
                ('top_class', models.CharField(max_length=2)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('term', models.IntegerField()),
                ('minutes', models.IntegerField()),
                ('is_finished', models.BooleanField()),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='dispatch.clock')),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.area')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['key', 'unit', '-ended_at'], name='spell_unit'), models.Index(fields=['key', 'duty', '-ended_at'], name='spell_duty'), models.Index(fields=['key', 'district', '-ended_at'], name='spell_district'), models.Index(fields=['key', 'top_class', '-ended_at'], name='spell_class'), models.Index(fields=['key', '-ended_at'], name='spell_city')],
                'constraints': [models.UniqueConstraint(fields=('clock', 'generation'), name='spell_once')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('pk', models.CompositePrimaryKey('indicator', 'month', 'unit', 'district', 'stratum', 'cohort', blank=True, editable=False, primary_key=True, serialize=False)),
                ('indicator', models.CharField(max_length=24)),
                ('month', models.DateField()),
                ('stratum', models.CharField(max_length=24)),
                ('cohort', models.DateField()),
                ('numerator', models.IntegerField()),
                ('denominator', models.IntegerField()),
                ('total', models.BigIntegerField(default=0)),
                ('squares', models.BigIntegerField(default=0)),
                ('values', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.area')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['unit', 'month'], name='tally_unit'), models.Index(fields=['cohort', 'unit'], name='tally_cohort')],
            },
        ),
    ]
