import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import petitions.crypto
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
            name='ApiClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                ('channel', models.CharField(choices=[('letter', 'Letter'), ('visit', 'Visit'), ('online', 'Online'), ('phone', 'Phone'), ('hotline', '12345'), ('minhuwowei', 'People Call, We Act'), ('qr', 'QR code'), ('helpline', '81890'), ('minsheng', 'Livelihood e-Link'), ('town', 'Town platforms'), ('superior', 'Assigned from above'), ('leader', "Leader's mailbox")], max_length=12, verbose_name='channel')),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('petitions:read', 'Read petitions and work orders of its units'), ('petitions:write', 'Register and withdraw petitions'), ('orders:write', 'Sign for work orders, record contacts and explanations, feed back'), ('identities:read', 'Read names and numbers unmasked; every reading is logged'), ('reports:read', 'Read indicators and de-identified data sets'), ('webhooks:manage', 'Manage its own webhook endpoints and read their deliveries'), ('backlog:read', 'Read backlog cases, tasks and boards of its units'), ('backlog:write', 'Plan milestones, give tasks and report them done')], max_length=24), size=None, verbose_name='scopes')),
                ('allowed_ips', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43), blank=True, default=list, size=None, verbose_name='allowed addresses')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('rate_per_minute', models.PositiveIntegerField(default=1200, validators=[django.core.validators.MinValueValidator(1)], verbose_name='requests per minute')),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_clients', to='accounts.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'API client',
                'verbose_name_plural': 'API clients',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prefix', models.CharField(max_length=12, unique=True, verbose_name='prefix')),
                ('digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked')),
                ('last_used_at', models.DateTimeField(blank=True, null=True, verbose_name='last used')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='gateway.apiclient')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='BulkIntake',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('letter', 'Letter'), ('visit', 'Visit'), ('online', 'Online'), ('phone', 'Phone'), ('hotline', '12345'), ('minhuwowei', 'People Call, We Act'), ('qr', 'QR code'), ('helpline', '81890'), ('minsheng', 'Livelihood e-Link'), ('town', 'Town platforms'), ('superior', 'Assigned from above'), ('leader', "Leader's mailbox")], max_length=12, verbose_name='channel')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='file')),
                ('form', models.CharField(choices=[('ndjson', 'NDJSON'), ('table', 'Table')], max_length=6)),
                ('columns', models.JSONField(default=dict)),
                ('total', models.PositiveIntegerField(default=0)),
                ('taken', models.PositiveIntegerField(default=0)),
                ('known', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('cleared_at', models.DateTimeField(null=True)),
                ('client', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bulk_intakes', to='gateway.apiclient')),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bulk_intake', to='dispatch.job')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit')),
            ],
            options={
                'verbose_name': 'bulk intake',
                'verbose_name_plural': 'bulk intakes',
            },
        ),
        migrations.CreateModel(
            name='BulkPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('last_row', models.PositiveIntegerField()),
                ('lines', petitions.crypto.EncryptedTextField(blank=True)),
                ('results', models.JSONField(default=list)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('intake', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='gateway.bulkintake')),
            ],
            options={
                'verbose_name': 'part of a bulk intake',
                'verbose_name_plural': 'parts of bulk intakes',
            },
        ),
        migrations.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(max_length=6)),
                ('route', models.CharField(max_length=120)),
                ('key', models.CharField(max_length=255)),
                ('body_digest', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('headers', models.JSONField(default=dict)),
                ('response', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='gateway.apiclient')),
            ],
        ),
        migrations.CreateModel(
            name='Open311Update',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('update_id', models.CharField(max_length=64)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='gateway.apiclient')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='petitions.event')),
            ],
        ),
        migrations.AddIndex(
            model_name='bulkintake',
            index=models.Index(condition=models.Q(('client', None)), fields=['-id'], name='bulk_of_persons'),
        ),
        migrations.AddIndex(
            model_name='bulkintake',
            index=models.Index(condition=models.Q(('cleared_at', None)), fields=['created_at'], name='bulk_uncleared'),
        ),
        migrations.AddConstraint(
            model_name='bulkpart',
            constraint=models.UniqueConstraint(fields=('intake', 'number'), name='bulk_part_once'),
        ),
        migrations.AddIndex(
            model_name='idempotencyrecord',
            index=models.Index(fields=['created_at'], name='idempotency_age'),
        ),
        migrations.AddConstraint(
            model_name='idempotencyrecord',
            constraint=models.UniqueConstraint(fields=('client', 'method', 'route', 'key'), name='idempotency_key_once'),
        ),
        migrations.AddConstraint(
            model_name='open311update',
            constraint=models.UniqueConstraint(fields=('client', 'update_id'), name='open311_update_once'),
        ),
    ]
