import datetime
import django.contrib.postgres.fields
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
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.area', verbose_name='place of the problem')),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.area', verbose_name='district')),
                ('first_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='first unit')),
                ('lead_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led', to='accounts.unit', verbose_name='lead unit')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_children', to='petitions.petition')),
                ('register_unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='registered', to='accounts.unit', verbose_name='registered by')),
                ('registrar', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='registered', to=settings.AUTH_USER_MODEL)),
                ('repeat_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeats', to='petitions.petition')),
                ('respondent_unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='unit complained of')),
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
            ],
            options={
                'ordering': ['petition_id', 'seq'],
            },
        ),
        migrations.CreateModel(
            name='SearchPending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('petition_id', models.BigIntegerField()),
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
            name='ChecklistTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(blank=True, choices=[('QJ', 'Request to settle'), ('SS', 'Appeal'), ('JK', 'Accusation'), ('YJ', 'Suggestion'), ('ZX', 'Enquiry'), ('QT', 'Other')], max_length=2, verbose_name='purpose')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='version')),
                ('valid_from', models.DateTimeField(verbose_name='valid from')),
                ('replaced_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='reason of the change')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('content_class', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='petitions.contentclass', verbose_name='content class')),
            ],
            options={
                'verbose_name': 'checklist',
                'verbose_name_plural': 'checklists',
                'ordering': ['content_class__code', 'purpose', '-version'],
            },
        ),
        migrations.CreateModel(
            name='ChecklistStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('key', models.CharField(max_length=24)),
                ('label', models.CharField(max_length=60, verbose_name='step')),
                ('label_en', models.CharField(blank=True, max_length=80, verbose_name='English')),
                ('who', models.CharField(blank=True, max_length=40, verbose_name='who')),
                ('who_en', models.CharField(blank=True, max_length=60, verbose_name='who, in English')),
                ('evidence', models.CharField(blank=True, max_length=100, verbose_name='evidence')),
                ('evidence_en', models.CharField(blank=True, max_length=140, verbose_name='evidence, in English')),
                ('needs_evidence', models.BooleanField(default=False, verbose_name='evidence required')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), blank=True, default=list, size=None)),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='petitions.checklisttemplate')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.AddField(
            model_name='petition',
            name='content_class',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='petitions.contentclass', verbose_name='content class'),
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
            name='EventText',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='words', serialize=False, to='petitions.event')),
                ('text', models.TextField()),
            ],
        ),
        migrations.AddField(
            model_name='event',
            name='petition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='petitions.petition'),
        ),
        migrations.AddField(
            model_name='event',
            name='unit',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit'),
        ),
        migrations.CreateModel(
            name='CheckedStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by_label', models.CharField(blank=True, max_length=60)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('is_applicable', models.BooleanField(default=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit')),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checked_steps', to='petitions.petition')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='petitions.checkliststep')),
                ('event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='petitions.event')),
            ],
            options={
                'ordering': ['step__number'],
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
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='petitions.petition')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='petitions.event')),
            ],
            options={
                'ordering': ['id'],
            },
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
            name='RapportNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', petitions.crypto.EncryptedTextField(verbose_name='note')),
                ('basis', models.CharField(choices=[('consent', 'The person agreed'), ('necessity', 'Needed for handling the matter')], max_length=9, verbose_name='on what ground')),
                ('reason', petitions.crypto.EncryptedTextField(verbose_name='why it is needed')),
                ('at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='petitions.petition')),
                ('successor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
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
            name='RecordEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_no', models.PositiveSmallIntegerField(verbose_name='number')),
                ('at', models.DateTimeField(verbose_name='written')),
                ('entry_type', models.CharField(choices=[('reception', 'Reception talk'), ('visit', 'Visit on site'), ('phone', 'Telephone call'), ('meeting', 'Coordination meeting'), ('investigation', 'Investigation'), ('instruction', "Leader's instruction"), ('follow_up', 'Follow-up visit')], max_length=13, verbose_name='kind of entry')),
                ('happened_at', models.DateTimeField(verbose_name='when it took place')),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='place')),
                ('cause', models.TextField(blank=True, verbose_name='cause')),
                ('facts_found', models.TextField(blank=True, verbose_name='facts found')),
                ('progress', models.TextField(blank=True, verbose_name='progress')),
                ('demand_change', models.TextField(blank=True, verbose_name='change of the demand')),
                ('sticking_point', models.TextField(blank=True, verbose_name='sticking point')),
                ('promise', models.CharField(blank=True, max_length=300, verbose_name='promise made')),
                ('promise_due', models.DateField(blank=True, null=True, verbose_name='promised until')),
                ('promise_outcome', models.CharField(blank=True, choices=[('kept', 'Kept'), ('released', 'Released')], max_length=8, verbose_name='what became of it')),
                ('promise_ended_at', models.DateTimeField(null=True)),
                ('promise_words', models.CharField(blank=True, max_length=300)),
                ('next_step', models.CharField(blank=True, max_length=200, verbose_name='next step')),
                ('next_on', models.DateField(blank=True, null=True, verbose_name='on')),
                ('next_done_at', models.DateTimeField(null=True)),
                ('contact_preference', models.CharField(blank=True, max_length=100, verbose_name='how to talk with the person')),
                ('step_no', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='step of the checklist')),
                ('public_line', models.CharField(blank=True, max_length=200, verbose_name='line for the petitioner')),
                ('corrected_at', models.DateTimeField(null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='records', to=settings.AUTH_USER_MODEL)),
                ('event', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='record_entry', to='petitions.event')),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='records', to='petitions.petition')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit')),
            ],
            options={
                'verbose_name': 'record entry',
                'verbose_name_plural': 'record entries',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='RecordAmendment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('text', models.TextField(verbose_name='addition')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='petitions.recordentry')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='CareCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('offered', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('tea', 'Tea or water'), ('seat', 'A seat, out of the crowd'), ('rest', 'A rest before the talk'), ('blood_pressure', 'Blood pressure check offered'), ('interpreter', 'Dialect or sign language interpreter'), ('glasses', 'Reading glasses, large print'), ('wheelchair', 'Wheelchair, step-free way'), ('child', 'Child looked after'), ('writing', 'Help with writing'), ('way_home', 'The way home seen to')], max_length=16), default=list, size=None)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='care', to='petitions.recordentry')),
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
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('part', models.BigIntegerField(default=0)),
                ('month', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='petitions.petition')),
            ],
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
            name='Checklist',
            fields=[
                ('petition', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='checklist', serialize=False, to='petitions.petition')),
                ('done', models.PositiveSmallIntegerField(default=0, verbose_name='done')),
                ('total', models.PositiveSmallIntegerField(verbose_name='of')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='petitions.checklisttemplate')),
            ],
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
            options={
                'indexes': [models.Index(fields=['keep_until', 'id'], name='archive_due')],
                'constraints': [models.UniqueConstraint(fields=('unit', 'year', 'serial'), name='archive_number')],
            },
        ),
        migrations.AddConstraint(
            model_name='checkliststep',
            constraint=models.UniqueConstraint(fields=('template', 'number'), name='checklist_step_number'),
        ),
        migrations.AddConstraint(
            model_name='checkliststep',
            constraint=models.UniqueConstraint(fields=('template', 'key'), name='checklist_step_key'),
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
            model_name='checklisttemplate',
            constraint=models.UniqueConstraint(fields=('content_class', 'purpose', 'version'), name='checklist_version', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='checklisttemplate',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('content_class', 'purpose'), name='checklist_current_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('user', 'key'), name='draft_key'),
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(fields=['-at', '-id'], name='erasure_new'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(fields=('petition', 'seq'), name='event_seq'),
        ),
        migrations.AddConstraint(
            model_name='checkedstep',
            constraint=models.UniqueConstraint(fields=('petition', 'step'), name='checked_step_once'),
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
        migrations.AddIndex(
            model_name='rapportnote',
            index=models.Index(fields=['petition'], name='rapport_petition'),
        ),
        migrations.AddIndex(
            model_name='rapportnote',
            index=models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at'], name='rapport_expires'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.UniqueConstraint(fields=('petition', 'subject', 'round', 'is_again'), name='rating_once_a_round'),
        ),
        migrations.AddIndex(
            model_name='recordentry',
            index=models.Index(fields=['author', '-at', '-id'], name='record_book'),
        ),
        migrations.AddIndex(
            model_name='recordentry',
            index=models.Index(condition=models.Q(('next_done_at', None), ('next_on__isnull', False)), fields=['author', 'next_on'], name='record_next_step'),
        ),
        migrations.AddConstraint(
            model_name='recordentry',
            constraint=models.UniqueConstraint(fields=('petition', 'entry_no'), name='record_entry_no'),
        ),
        migrations.AddConstraint(
            model_name='recordentry',
            constraint=models.CheckConstraint(condition=models.Q(('promise_due', None), models.Q(('promise', ''), _negated=True), _connector='OR'), name='record_promise'),
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
            model_name='searchentry',
            constraint=models.UniqueConstraint(fields=('petition', 'kind', 'part'), name='searchentry_once'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(fields=('user', 'token'), name='submission_once'),
        ),
        migrations.AddIndex(
            model_name='checklist',
            index=models.Index(fields=['done'], name='checklist_done'),
        ),
    ]
