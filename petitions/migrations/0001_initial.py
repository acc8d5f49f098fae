import datetime
import django.core.validators
import django.db.models.deletion
import petitions.crypto
import petitions.models.documents
import petitions.models.files
import petitions.models.petition
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
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=32, verbose_name='kind of document')),
                ('subject', models.CharField(blank=True, max_length=40)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In sign-off'), ('signed', 'Signed, to be issued'), ('issued', 'Issued, to be delivered'), ('delivered', 'Delivered'), ('void', 'Void')], default='draft', max_length=9, verbose_name='status')),
                ('version', models.PositiveIntegerField(default=1)),
                ('title', models.CharField(max_length=160, verbose_name='title')),
                ('is_major', models.BooleanField(default=False, verbose_name='major matter')),
                ('signed_steps', models.PositiveSmallIntegerField(default=0)),
                ('drafted_at', models.DateTimeField()),
                ('year', models.PositiveSmallIntegerField(null=True)),
                ('serial', models.PositiveIntegerField(null=True)),
                ('series', models.CharField(blank=True, max_length=8)),
                ('number', models.CharField(blank=True, max_length=40, verbose_name='number')),
                ('issued_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('void_reason', models.CharField(blank=True, max_length=300)),
                ('addressee_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='addressee')),
                ('drafter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='drafted by')),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='issued by')),
                ('waits_for', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='DocumentVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('no', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=160)),
                ('body', models.TextField()),
                ('values_text', petitions.crypto.EncryptedTextField(default='{}')),
                ('digest', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('pdf', models.FileField(blank=True, max_length=200, upload_to=petitions.models.documents.document_path)),
                ('pdf_sha256', models.CharField(blank=True, max_length=64)),
                ('docx', models.FileField(blank=True, max_length=200, upload_to=petitions.models.documents.document_path)),
                ('docx_sha256', models.CharField(blank=True, max_length=64)),
                ('pages', models.PositiveSmallIntegerField(default=0)),
                ('missing', models.CharField(blank=True, max_length=100)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='petitions.document')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['no'],
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
        migrations.AddField(
            model_name='document',
            name='petition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='petitions.petition'),
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
                ('uploaded_at', models.DateTimeField()),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='petitions.event')),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='petitions.petition')),
            ],
            options={
                'ordering': ['id'],
            },
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
            name='Letterhead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name in the letterhead')),
                ('prefix', models.CharField(max_length=16, unique=True, verbose_name='short form in numbers')),
                ('contact', models.CharField(blank=True, max_length=120, verbose_name='address and telephone')),
                ('unit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='letterhead', to='accounts.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'letterhead',
                'verbose_name_plural': 'letterheads',
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
            name='SignOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(max_length=8)),
                ('decision', models.CharField(choices=[('passed', 'Passed'), ('sent_back', 'Sent back')], max_length=9)),
                ('by_label', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('comment', models.CharField(blank=True, max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='petitions.document')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='petitions.documentversion')),
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
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.CharField(choices=[('by_hand', 'Handed over against signature'), ('post', 'Registered post'), ('electronic', 'Electronically, receipt confirmed'), ('notice', 'Public notice'), ('refused', 'Left with witness after refusal')], max_length=10, verbose_name='how it was delivered')),
                ('sent_at', models.DateTimeField()),
                ('delivered_at', models.DateTimeField(null=True)),
                ('deliverer', models.CharField(blank=True, max_length=60, verbose_name='delivered by')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='telephone of the deliverer')),
                ('receiver', petitions.crypto.EncryptedTextField(blank=True, verbose_name='signed by')),
                ('tracking', models.CharField(blank=True, max_length=40, verbose_name='number of the item')),
                ('returned_at', models.DateTimeField(null=True)),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='place')),
                ('notice_until', models.DateField(null=True, verbose_name='public until')),
                ('witness', models.CharField(blank=True, max_length=60, verbose_name='witness')),
                ('stance', models.CharField(blank=True, choices=[('agrees', 'Agrees'), ('disagrees', 'Disagrees'), ('unclear', 'No clear opinion')], max_length=9, verbose_name='stance of the petitioner')),
                ('remark', models.CharField(blank=True, max_length=300, verbose_name='remark')),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='petitions.document')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('delivered_at__isnull', True), ('returned_at__isnull', True), ('way', 'notice')), fields=['notice_until'], name='delivery_notice')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('delivered_at__isnull', True), ('returned_at__isnull', True)), fields=('document',), name='delivery_under_way'), models.UniqueConstraint(condition=models.Q(('delivered_at__isnull', False)), fields=('document',), name='delivery_once')],
            },
        ),
        migrations.CreateModel(
            name='DocumentSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.CharField(max_length=8)),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('unit', 'series', 'year'), name='document_series')],
            },
        ),
        migrations.CreateModel(
            name='DocumentTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=32, verbose_name='kind of document')),
                ('no', models.PositiveIntegerField(verbose_name='edition')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('body', models.TextField(verbose_name='text')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='what was changed')),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'document template',
                'verbose_name_plural': 'document templates',
                'ordering': ['kind', '-no'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'no'), name='document_template_edition')],
            },
        ),
        migrations.AddConstraint(
            model_name='documentversion',
            constraint=models.UniqueConstraint(fields=('document', 'no'), name='document_version'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('user', 'key'), name='draft_key'),
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
            model_name='document',
            index=models.Index(fields=['petition', 'id'], name='document_case'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('state', 'in_review')), fields=['unit', 'id'], name='document_waiting'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(condition=models.Q(('serial__isnull', False)), fields=('unit', 'series', 'year', 'serial'), name='document_number'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(fields=['petition', 'sha256'], name='attachment_digest'),
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
