import accounts.crypto
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('dispatch', '0001_initial'),
        ('petitions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                ('channel', models.CharField(choices=[('letter', 'Letter'), ('visit', 'Visit'), ('online', 'Online'), ('phone', 'Phone'), ('hotline', '12345'), ('minhuwowei', 'People Call, We Act'), ('qr', 'QR code'), ('helpline', '81890'), ('minsheng', 'Livelihood e-Link'), ('town', 'Town platforms'), ('superior', 'Assigned from above'), ('leader', "Leader's mailbox")], max_length=12, verbose_name='channel')),
                ('numbering', models.CharField(blank=True, help_text="Empty: it shares the channel's numbers. Otherwise a code of its own: its numbers meet no other's.", max_length=24, verbose_name='numbering')),
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
                ('lines', accounts.crypto.EncryptedTextField(blank=True)),
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
            name='ChannelMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('letter', 'Letter'), ('visit', 'Visit'), ('online', 'Online'), ('phone', 'Phone'), ('hotline', '12345'), ('minhuwowei', 'People Call, We Act'), ('qr', 'QR code'), ('helpline', '81890'), ('minsheng', 'Livelihood e-Link'), ('town', 'Town platforms'), ('superior', 'Assigned from above'), ('leader', "Leader's mailbox")], max_length=12, verbose_name='channel')),
                ('document', models.JSONField(default=dict, verbose_name='mapping')),
                ('sample', models.JSONField(default=dict, verbose_name='sample')),
                ('changed_at', models.DateTimeField(verbose_name='changed')),
                ('client', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mappings', to='gateway.apiclient', verbose_name='client')),
            ],
            options={
                'verbose_name': 'mapping of a channel',
                'verbose_name_plural': 'mappings of channels',
                'ordering': ['channel', 'client'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalChannelMapping',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('channel', models.CharField(choices=[('letter', 'Letter'), ('visit', 'Visit'), ('online', 'Online'), ('phone', 'Phone'), ('hotline', '12345'), ('minhuwowei', 'People Call, We Act'), ('qr', 'QR code'), ('helpline', '81890'), ('minsheng', 'Livelihood e-Link'), ('town', 'Town platforms'), ('superior', 'Assigned from above'), ('leader', "Leader's mailbox")], max_length=12, verbose_name='channel')),
                ('document', models.JSONField(default=dict, verbose_name='mapping')),
                ('sample', models.JSONField(default=dict, verbose_name='sample')),
                ('changed_at', models.DateTimeField(verbose_name='changed')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('client', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='gateway.apiclient', verbose_name='client')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical mapping of a channel',
                'verbose_name_plural': 'historical mappings of channels',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalLegacyLine',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('number', models.CharField(db_index=True, max_length=12, verbose_name='number')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('department', models.CharField(max_length=40, verbose_name='department')),
                ('is_proposal', models.BooleanField(default=True, verbose_name='proposal')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.unit', verbose_name='unit that answers now')),
            ],
            options={
                'verbose_name': 'historical merged line',
                'verbose_name_plural': 'historical merged lines',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalWebhookEndpoint',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None, verbose_name='event kinds')),
                ('previous_until', models.DateTimeField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('disabled_reason', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('version', models.PositiveIntegerField(db_default=1, default=1)),
                ('history_change_reason', models.CharField(max_length=60, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('client', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='gateway.apiclient', verbose_name='client')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical webhook endpoint',
                'verbose_name_plural': 'historical webhook endpoints',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
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
            name='LegacyLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=12, unique=True, verbose_name='number')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('department', models.CharField(max_length=40, verbose_name='department')),
                ('is_proposal', models.BooleanField(default=True, verbose_name='proposal')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='unit that answers now')),
            ],
            options={
                'verbose_name': 'merged line',
                'verbose_name_plural': 'merged lines',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='InboundItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('petition', 'new matter'), ('status', 'status of a known matter')], default='petition', max_length=8, verbose_name='kind')),
                ('channel', models.CharField(choices=[('letter', 'Letter'), ('visit', 'Visit'), ('online', 'Online'), ('phone', 'Phone'), ('hotline', '12345'), ('minhuwowei', 'People Call, We Act'), ('qr', 'QR code'), ('helpline', '81890'), ('minsheng', 'Livelihood e-Link'), ('town', 'Town platforms'), ('superior', 'Assigned from above'), ('leader', "Leader's mailbox")], max_length=12, verbose_name='channel')),
                ('source_ref', models.CharField(blank=True, max_length=64, verbose_name='number at the source')),
                ('numbering', models.CharField(blank=True, max_length=24, verbose_name='numbering')),
                ('body', accounts.crypto.EncryptedTextField(verbose_name='message')),
                ('digest', models.CharField(max_length=64)),
                ('is_own_shape', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('waiting', 'To be placed'), ('taken', 'Taken in'), ('refused', 'Refused')], default='waiting', max_length=8, verbose_name='status')),
                ('problems', models.JSONField(default=list)),
                ('is_restricted', models.BooleanField(default=False)),
                ('is_addition', models.BooleanField(default=False)),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inbound', to='gateway.apiclient', verbose_name='client')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('petition', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inbound', to='petitions.petition')),
                ('line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.legacyline')),
            ],
            options={
                'verbose_name': 'message of a source',
                'verbose_name_plural': 'messages of sources',
            },
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
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None, verbose_name='event kinds')),
                ('secret', accounts.crypto.EncryptedTextField(verbose_name='secret')),
                ('previous_secret', accounts.crypto.EncryptedTextField(blank=True, default='')),
                ('previous_until', models.DateTimeField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('disabled_reason', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('version', models.PositiveIntegerField(db_default=1, default=1)),
                ('last_success_at', models.DateTimeField(blank=True, null=True, verbose_name='last success')),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='endpoints', to='gateway.apiclient', verbose_name='client')),
            ],
            options={
                'verbose_name': 'webhook endpoint',
                'verbose_name_plural': 'webhook endpoints',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='WebhookMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('msg_id', models.CharField(max_length=40, unique=True)),
                ('kind', models.CharField(max_length=32)),
                ('petition_key', models.BigIntegerField(db_index=True, null=True)),
                ('happened_at', models.DateTimeField()),
                ('body', models.TextField(blank=True, db_default='', default='')),
                ('deliver_after', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('outcome', models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Given up')], db_default='waiting', default='waiting', max_length=9)),
                ('reason', models.CharField(blank=True, choices=[('attempts', 'Every attempt failed.'), ('gone', 'The receiver answered 410: it is gone for good.'), ('closed', 'It was not sent any more: the receiver had answered 410 to another message.')], db_default='', default='', max_length=8)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='gateway.webhookendpoint')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='WebhookAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('answer', models.CharField(blank=True, max_length=1000)),
                ('took_ms', models.PositiveIntegerField(default=0)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='gateway.webhookmessage')),
            ],
            options={
                'ordering': ['id'],
            },
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
        migrations.AddConstraint(
            model_name='channelmapping',
            constraint=models.UniqueConstraint(fields=('channel', 'client'), name='mapping_once', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='idempotencyrecord',
            index=models.Index(fields=['created_at'], name='idempotency_age'),
        ),
        migrations.AddConstraint(
            model_name='idempotencyrecord',
            constraint=models.UniqueConstraint(fields=('client', 'method', 'route', 'key'), name='idempotency_key_once'),
        ),
        migrations.AddIndex(
            model_name='inbounditem',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['received_at', 'id'], name='inbound_waiting'),
        ),
        migrations.AddIndex(
            model_name='inbounditem',
            index=models.Index(fields=['channel', '-received_at'], name='inbound_channel'),
        ),
        migrations.AddConstraint(
            model_name='inbounditem',
            constraint=models.UniqueConstraint(condition=models.Q(('source_ref', ''), _negated=True), fields=('channel', 'numbering', 'kind', 'source_ref', 'digest'), name='inbound_once'),
        ),
        migrations.AddConstraint(
            model_name='open311update',
            constraint=models.UniqueConstraint(fields=('client', 'update_id'), name='open311_update_once'),
        ),
        migrations.AddIndex(
            model_name='webhookmessage',
            index=models.Index(fields=['endpoint', 'happened_at', 'id'], name='webhook_listed'),
        ),
        migrations.AddIndex(
            model_name='webhookmessage',
            index=models.Index(condition=models.Q(('outcome', 'waiting')), fields=['endpoint', 'deliver_after'], name='webhook_due'),
        ),
        migrations.AddIndex(
            model_name='webhookmessage',
            index=models.Index(condition=models.Q(('outcome', 'failed')), fields=['endpoint', 'happened_at', 'id'], name='webhook_failed'),
        ),
    ]
