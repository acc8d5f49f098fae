import datetime
import django.core.validators
import django.db.models.deletion
import petitions.crypto
import petitions.models.files
import petitions.models.petition
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ArchiveRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(choices=[('leader_result', "Important leader's instruction, with a result"), ('result', 'With a result'), ('no_result', 'Without a result'), ('recordings', 'Sound and video recordings')], max_length=16, unique=True, verbose_name='kind')),
                ('months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='months kept')),
                ('source', models.CharField(blank=True, max_length=120, verbose_name='source')),
            ],
            options={
                'verbose_name': 'archive period',
                'verbose_name_plural': 'archive periods',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(max_length=32)),
                ('actor_label', models.CharField(max_length=60)),
                ('data', models.JSONField(default=dict)),
                ('text_digest', models.CharField(blank=True, max_length=64)),
                ('body', models.BinaryField()),
                ('hash', models.BinaryField(max_length=32)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit')),
            ],
            options={
                'ordering': ['petition_id', 'seq'],
            },
        ),
        migrations.CreateModel(
            name='Petition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('serial', models.PositiveIntegerField()),
                ('query_code', models.CharField(default=petitions.models.petition.new_query_code, max_length=10, unique=True, verbose_name='query code')),
                ('version', models.PositiveIntegerField(default=1)),
                ('channel', models.CharField(choices=[('letter', 'Letter'), ('visit', 'Visit'), ('online', 'Online'), ('phone', 'Phone'), ('hotline', '12345'), ('minhuwowei', 'People Call, We Act'), ('qr', 'QR code'), ('helpline', '81890'), ('minsheng', 'Livelihood e-Link'), ('town', 'Town platforms'), ('superior', 'Assigned from above'), ('leader', "Leader's mailbox")], max_length=12, verbose_name='channel')),
                ('source_ref', models.CharField(blank=True, max_length=64, verbose_name='number at the source')),
                ('petition_date', models.DateField(verbose_name='date of the petition')),
                ('registered_at', models.DateTimeField(verbose_name='registered')),
                ('state', models.CharField(choices=[('registered', 'Registered'), ('handling', 'In handling'), ('replied', 'Replied'), ('closed', 'Closed'), ('led_out', 'Led to another route'), ('withdrawn', 'Withdrawn'), ('merged', 'Merged'), ('not_accepted', 'Not accepted'), ('no_longer', 'No longer accepted'), ('in_review', 'In review'), ('in_rereview', 'In re-review')], default='registered', max_length=12, verbose_name='status')),
                ('is_open', models.BooleanField(default=True)),
                ('purpose', models.CharField(choices=[('QJ', 'Request to settle'), ('SS', 'Appeal'), ('JK', 'Accusation'), ('YJ', 'Suggestion'), ('ZX', 'Enquiry'), ('QT', 'Other')], default='QJ', max_length=2, verbose_name='purpose')),
                ('urgency', models.CharField(choices=[('extra_urgent', 'Extra urgent'), ('urgent', 'Urgent'), ('normal', 'Normal'), ('difficult', 'Difficult')], default='normal', max_length=12, verbose_name='urgency')),
                ('sensitivity', models.CharField(choices=[('normal', 'Normal'), ('confidential', 'Confidential'), ('accusation', 'Accusation (class A)')], default='normal', max_length=12, verbose_name='sensitivity')),
                ('is_restricted', models.BooleanField(default=False)),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address of the problem')),
                ('summary', models.CharField(max_length=200, verbose_name='summary')),
                ('content', models.TextField(verbose_name='content')),
                ('demand', models.TextField(blank=True, verbose_name='demand')),
                ('occurred_on', models.DateField(blank=True, null=True, verbose_name='happened on')),
                ('headcount', models.PositiveIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)], verbose_name='persons')),
                ('affected_count', models.PositiveIntegerField(default=1, verbose_name='persons affected')),
                ('is_anonymous', models.BooleanField(default=False, verbose_name='anonymous')),
                ('is_open_to_public', models.BooleanField(default=False, verbose_name='may be published')),
                ('respondent', petitions.crypto.EncryptedTextField(blank=True, verbose_name='person complained of')),
                ('recurrence', models.PositiveSmallIntegerField(default=1, verbose_name='raised for the nth time')),
                ('is_priority', models.BooleanField(default=False, verbose_name='priority')),
                ('petitioner_label', models.CharField(blank=True, max_length=60, verbose_name='petitioner')),
                ('next_due_at', models.DateTimeField(default=datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.timezone.utc))),
                ('next_due_from', models.DateTimeField(null=True)),
                ('next_due_key', models.CharField(blank=True, max_length=24)),
                ('supervision_level', models.CharField(blank=True, max_length=9)),
                ('reply_text', models.TextField(blank=True, verbose_name='reply')),
                ('replied_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('close_type', models.CharField(blank=True, max_length=16, verbose_name='way of closing')),
                ('rework_count', models.PositiveSmallIntegerField(default=0)),
                ('reopened_at', models.DateTimeField(null=True)),
                ('round', models.PositiveSmallIntegerField(default=0)),
                ('notified_at', models.DateTimeField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('review_level', models.PositiveSmallIntegerField(default=0)),
                ('hearing_since', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField()),
                ('is_indexed', models.BooleanField(default=False)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.area', verbose_name='place of the problem')),
            ],
            options={
                'verbose_name': 'petition',
                'verbose_name_plural': 'petitions',
            },
        ),
        migrations.CreateModel(
            name='ContentClass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=6, unique=True, verbose_name='code')),
                ('level', models.PositiveSmallIntegerField(verbose_name='level')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                ('hotline_label', models.CharField(blank=True, max_length=60, verbose_name='12345 label')),
                ('national_code', models.CharField(blank=True, max_length=6, verbose_name='national code')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='petitions.contentclass')),
            ],
            options={
                'verbose_name': 'content class',
                'verbose_name_plural': 'content classes',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='EventText',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='words', serialize=False, to='petitions.event')),
                ('text', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='EventHead',
            fields=[
                ('petition', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='event_head', serialize=False, to='petitions.petition')),
                ('seq', models.PositiveIntegerField()),
                ('hash', models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('petition', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_entry', serialize=False, to='petitions.petition')),
            ],
        ),
        migrations.AddField(
            model_name='petition',
            name='content_class',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='petitions.contentclass', verbose_name='content class'),
        ),
        migrations.AddField(
            model_name='petition',
            name='district',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.area', verbose_name='district'),
        ),
        migrations.AddField(
            model_name='petition',
            name='first_unit',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='first unit'),
        ),
        migrations.AddField(
            model_name='petition',
            name='lead_unit',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led', to='accounts.unit', verbose_name='lead unit'),
        ),
        migrations.AddField(
            model_name='petition',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_children', to='petitions.petition'),
        ),
        migrations.AddField(
            model_name='petition',
            name='register_unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='registered', to='accounts.unit', verbose_name='registered by'),
        ),
        migrations.AddField(
            model_name='petition',
            name='registrar',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='registered', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='petition',
            name='repeat_of',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeats', to='petitions.petition'),
        ),
        migrations.AddField(
            model_name='petition',
            name='respondent_unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='unit complained of'),
        ),
        migrations.AddField(
            model_name='event',
            name='petition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='petitions.petition'),
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('leader_result', "Important leader's instruction, with a result"), ('result', 'With a result'), ('no_result', 'Without a result'), ('recordings', 'Sound and video recordings')], max_length=16)),
                ('months', models.PositiveSmallIntegerField(null=True)),
                ('keep_until', models.DateField(null=True)),
                ('at', models.DateTimeField()),
                ('counts', models.JSONField(default=dict)),
                ('left', models.JSONField(default=dict)),
                ('before', models.CharField(max_length=64)),
                ('after', models.CharField(max_length=64)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('petition', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='erasure', to='petitions.petition')),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150, verbose_name='file name')),
                ('file', models.FileField(max_length=200, upload_to=petitions.models.files.attachment_path)),
                ('size', models.PositiveBigIntegerField()),
                ('content_type', models.CharField(max_length=100)),
                ('sha256', models.CharField(max_length=64)),
                ('keeps_place', models.BooleanField(default=False)),
                ('uploaded_at', models.DateTimeField()),
                ('scan', models.CharField(choices=[('waiting', 'Waiting for the virus scan'), ('clean', 'Scanned, nothing found'), ('infected', 'Infected; locked'), ('unscanned', 'Not scanned')], default='unscanned', max_length=9)),
                ('scan_finding', models.CharField(blank=True, max_length=120)),
                ('scanned_at', models.DateTimeField(null=True)),
                ('scan_after', models.DateTimeField(null=True)),
                ('preview', models.CharField(choices=[('waiting', 'Preview is being made'), ('ready', 'Preview ready'), ('none', 'No preview')], default='waiting', max_length=7)),
                ('pages', models.PositiveIntegerField(null=True)),
                ('erased_at', models.DateTimeField(null=True)),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='petitions.event')),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='petitions.petition')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ArchiveRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('serial', models.PositiveIntegerField()),
                ('rule', models.CharField(choices=[('leader_result', "Important leader's instruction, with a result"), ('result', 'With a result'), ('no_result', 'Without a result'), ('recordings', 'Sound and video recordings')], max_length=16, verbose_name='kind')),
                ('months', models.PositiveSmallIntegerField(null=True)),
                ('override_reason', models.CharField(blank=True, max_length=300, verbose_name='reason for another period')),
                ('keep_until', models.DateField(null=True)),
                ('archived_at', models.DateTimeField()),
                ('recordings_erased_at', models.DateTimeField(null=True)),
                ('archived_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='archived by')),
                ('petition', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='archive_record', to='petitions.petition')),
            ],
        ),
        migrations.CreateModel(
            name='HeldFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=43, unique=True)),
                ('name', models.CharField(max_length=150, verbose_name='file name')),
                ('file', models.FileField(max_length=200, upload_to='')),
                ('size', models.PositiveBigIntegerField()),
                ('keeps_place', models.BooleanField(default=False)),
                ('at', models.DateTimeField(db_index=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='held_files', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalArchiveRule',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('key', models.CharField(choices=[('leader_result', "Important leader's instruction, with a result"), ('result', 'With a result'), ('no_result', 'Without a result'), ('recordings', 'Sound and video recordings')], db_index=True, max_length=16, verbose_name='kind')),
                ('months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='months kept')),
                ('source', models.CharField(blank=True, max_length=120, verbose_name='source')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical archive period',
                'verbose_name_plural': 'historical archive periods',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Involvement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=100)),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='involvements', to='petitions.petition')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('placed_at', models.DateTimeField()),
                ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                ('released_at', models.DateTimeField(null=True)),
                ('release_reason', models.CharField(blank=True, max_length=300, verbose_name='why it is lifted')),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to='petitions.petition')),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-placed_at'],
            },
        ),
        migrations.CreateModel(
            name='Petitioner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_main', models.BooleanField(default=True)),
                ('party_type', models.CharField(choices=[('person', 'Person'), ('legal_person', 'Legal person'), ('organisation', 'Other organisation')], default='person', max_length=12)),
                ('name', petitions.crypto.EncryptedTextField(blank=True, verbose_name='name')),
                ('name_index', models.CharField(blank=True, max_length=32)),
                ('name_masked', models.CharField(blank=True, max_length=40)),
                ('id_type', models.CharField(blank=True, choices=[('111', 'Resident identity card'), ('113', 'Household register'), ('414', 'Passport'), ('516', 'Permit of Hong Kong, Macao or Taiwan residents'), ('553', 'Permanent residence permit for foreigners'), ('usc', 'Unified social credit code'), ('990', 'Other paper')], max_length=3, verbose_name='kind of paper')),
                ('id_no', petitions.crypto.EncryptedTextField(blank=True, verbose_name='number of the paper')),
                ('id_index', models.CharField(blank=True, max_length=32)),
                ('id_masked', models.CharField(blank=True, max_length=40)),
                ('phone', petitions.crypto.EncryptedTextField(blank=True, verbose_name='phone')),
                ('phone_index', models.CharField(blank=True, max_length=32)),
                ('phone_masked', models.CharField(blank=True, max_length=24)),
                ('address', petitions.crypto.EncryptedTextField(blank=True, verbose_name='home address')),
                ('home_index', models.CharField(blank=True, max_length=32)),
                ('sex', models.CharField(blank=True, max_length=6, verbose_name='sex')),
                ('contact_preference', models.CharField(blank=True, max_length=100, verbose_name='how to reach')),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='petitioners', to='petitions.petition')),
            ],
            options={
                'verbose_name': 'petitioner',
                'verbose_name_plural': 'petitioners',
            },
        ),
        migrations.CreateModel(
            name='PreviewPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.PositiveSmallIntegerField()),
                ('file', models.FileField(max_length=200, upload_to='')),
                ('width', models.PositiveSmallIntegerField()),
                ('height', models.PositiveSmallIntegerField()),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='preview_pages', to='petitions.attachment')),
            ],
            options={
                'ordering': ['attachment_id', 'page'],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(choices=[('office', 'Petition office'), ('unit', 'Responsible unit')], max_length=6)),
                ('score', models.PositiveSmallIntegerField(choices=[(3, 'Satisfied'), (2, 'Basically satisfied'), (1, 'Dissatisfied')])),
                ('round', models.PositiveSmallIntegerField(default=0)),
                ('is_again', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ratings', to='petitions.petition')),
            ],
        ),
        migrations.CreateModel(
            name='RepeatSuggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.PositiveSmallIntegerField()),
                ('terms', models.JSONField(default=dict)),
                ('found_at', models.DateTimeField()),
                ('decision', models.CharField(blank=True, choices=[('repeat', 'Repeat of the earlier one'), ('new', 'A new matter'), ('same', 'The same submission twice'), ('moot', 'No longer asked')], max_length=6)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='petitions.petition')),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='repeat_suggestions', to='petitions.petition')),
            ],
            options={
                'ordering': ['-score', '-id'],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, verbose_name='name')),
                ('query', models.CharField(max_length=500)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=40)),
                ('at', models.DateTimeField(db_index=True)),
                ('petition', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='petitions.petition')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ArchiveSerial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('unit', 'year'), name='archive_serial_once')],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60)),
                ('data', petitions.crypto.EncryptedTextField()),
                ('saved_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='draft_key')],
            },
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['next_due_at', 'id'], name='petition_due'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['district', 'next_due_at', 'id'], name='petition_area_due'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['lead_unit', 'next_due_at', 'id'], name='petition_unit_due'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['state', 'next_due_at', 'id'], name='petition_state_due'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['district', 'state', 'next_due_at', 'id'], name='petition_area_state'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['register_unit', 'next_due_at', 'id'], name='petition_office_due'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(fields=['-registered_at', '-id'], name='petition_new'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(fields=['district', '-registered_at', '-id'], name='petition_area_new'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(fields=['lead_unit', '-registered_at', '-id'], name='petition_unit_new'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(fields=['registrar', '-registered_at', '-id'], name='petition_registrar_new'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(fields=['updated_at', 'id'], name='petition_changed'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(condition=models.Q(('supervision_level', ''), _negated=True), fields=['next_due_at', 'id'], name='petition_supervised'),
        ),
        migrations.AddIndex(
            model_name='petition',
            index=models.Index(condition=models.Q(('is_indexed', False)), fields=['id'], name='petition_to_index'),
        ),
        migrations.AddConstraint(
            model_name='petition',
            constraint=models.UniqueConstraint(fields=('year', 'serial'), name='petition_number'),
        ),
        migrations.AddConstraint(
            model_name='petition',
            constraint=models.UniqueConstraint(condition=models.Q(('source_ref', ''), _negated=True), fields=('channel', 'source_ref'), name='petition_source_ref'),
        ),
        migrations.AddConstraint(
            model_name='petition',
            constraint=models.CheckConstraint(condition=models.Q(('headcount__gte', 1)), name='petition_headcount'),
        ),
        migrations.AddConstraint(
            model_name='petition',
            constraint=models.CheckConstraint(condition=models.Q(('affected_count__gte', models.F('headcount'))), name='petition_affected'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(fields=('petition', 'seq'), name='event_seq'),
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(fields=['-at', '-id'], name='erasure_new'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(fields=['petition', 'sha256'], name='attachment_digest'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(condition=models.Q(('scan', 'waiting')), fields=['scan_after', 'id'], name='attachment_to_scan'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(condition=models.Q(('preview', 'waiting')), fields=['id'], name='attachment_to_preview'),
        ),
        migrations.AddIndex(
            model_name='archiverecord',
            index=models.Index(fields=['keep_until', 'id'], name='archive_due'),
        ),
        migrations.AddConstraint(
            model_name='archiverecord',
            constraint=models.UniqueConstraint(fields=('unit', 'year', 'serial'), name='archive_number'),
        ),
        migrations.AddConstraint(
            model_name='involvement',
            constraint=models.UniqueConstraint(condition=models.Q(('user__isnull', True)), fields=('unit', 'petition'), name='involvement_unit'),
        ),
        migrations.AddConstraint(
            model_name='involvement',
            constraint=models.UniqueConstraint(condition=models.Q(('unit__isnull', True)), fields=('user', 'petition'), name='involvement_person'),
        ),
        migrations.AddConstraint(
            model_name='involvement',
            constraint=models.UniqueConstraint(condition=models.Q(('unit__isnull', False), ('user__isnull', False)), fields=('user', 'unit', 'petition'), name='involvement_handler'),
        ),
        migrations.AddIndex(
            model_name='legalhold',
            index=models.Index(condition=models.Q(('released_at', None)), fields=['petition'], name='legal_hold_open'),
        ),
        migrations.AddIndex(
            model_name='petitioner',
            index=models.Index(condition=models.Q(('name_index', ''), _negated=True), fields=['name_index'], name='petitioner_name'),
        ),
        migrations.AddIndex(
            model_name='petitioner',
            index=models.Index(condition=models.Q(('phone_index', ''), _negated=True), fields=['phone_index'], name='petitioner_phone'),
        ),
        migrations.AddIndex(
            model_name='petitioner',
            index=models.Index(condition=models.Q(('id_index', ''), _negated=True), fields=['id_index'], name='petitioner_id_no'),
        ),
        migrations.AddIndex(
            model_name='petitioner',
            index=models.Index(condition=models.Q(('home_index', ''), _negated=True), fields=['home_index'], name='petitioner_home'),
        ),
        migrations.AddConstraint(
            model_name='previewpage',
            constraint=models.UniqueConstraint(fields=('attachment', 'page'), name='preview_page_once'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.UniqueConstraint(fields=('petition', 'subject', 'round', 'is_again'), name='rating_once_a_round'),
        ),
        migrations.AddIndex(
            model_name='repeatsuggestion',
            index=models.Index(condition=models.Q(('decision', '')), fields=['petition'], name='repeat_suggestion_open'),
        ),
        migrations.AddConstraint(
            model_name='repeatsuggestion',
            constraint=models.UniqueConstraint(fields=('petition', 'earlier'), name='repeat_suggestion_once'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('user', 'name'), name='saved_view_name'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(fields=('user', 'token'), name='submission_once'),
        ),
    ]
