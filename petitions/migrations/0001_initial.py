import datetime
import django.core.validators
import django.db.models.deletion
import petitions.crypto
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
                ('end_way', models.CharField(blank=True, max_length=12, verbose_name='end')),
                ('ended_at', models.DateTimeField(null=True)),
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
            name='Hearing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('asked', 'Asked for'), ('declined', 'Declined'), ('set', 'Date set'), ('sitting', 'In session'), ('concluded', 'Concluded'), ('published', 'Result published'), ('given_up', 'Given up by absence'), ('dropped', 'Taken back')], default='asked', max_length=10, verbose_name='status')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('side', models.CharField(choices=[('petitioner', 'The petitioner'), ('unit', 'The handling unit'), ('organ', 'The organ that decides')], max_length=10, verbose_name='asked by')),
                ('subject', models.TextField(verbose_name='what it is about')),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision', models.TextField(blank=True)),
                ('held_at', models.DateTimeField(null=True, verbose_name='date')),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='place')),
                ('is_public', models.BooleanField(default=True, verbose_name='open to the public')),
                ('closed_reason', models.CharField(blank=True, max_length=200, verbose_name='why closed')),
                ('notified_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('conclusion', models.TextField(blank=True, verbose_name='conclusion')),
                ('report', models.TextField(blank=True, verbose_name='report')),
                ('end_reason', models.TextField(blank=True)),
                ('publication', models.TextField(blank=True, verbose_name='published text')),
                ('published_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hearings', to='petitions.petition')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'hearing',
                'verbose_name_plural': 'hearings',
                'ordering': ['-asked_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='HearingMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(choices=[('chair', 'Chair'), ('panel', 'Panel'), ('clerk', 'Clerk'), ('petitioner', 'Petitioner or agent'), ('unit', 'Handling unit'), ('third', 'Third party')], max_length=10, verbose_name='part')),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='name')),
                ('standing', models.CharField(blank=True, max_length=60, verbose_name='standing')),
                ('attended', models.BooleanField(null=True)),
                ('absence_reason', models.CharField(blank=True, max_length=200)),
                ('vote', models.CharField(blank=True, choices=[('for', 'For'), ('against', 'Against'), ('abstained', 'Abstained')], max_length=10)),
                ('hearing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='petitions.hearing')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'hearing member',
                'verbose_name_plural': 'hearing members',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='HearingTurn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.CharField(choices=[('opening', 'Opening and recusal'), ('statement', 'Petitioner states'), ('answer', 'Unit answers'), ('evidence', 'Evidence'), ('debate', 'Questions and debate'), ('final', 'Final statements'), ('deliberation', 'Panel deliberates'), ('whole', 'Whole record')], max_length=12, verbose_name='part of the hearing')),
                ('text', models.TextField(verbose_name='what was said')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hearing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='petitions.hearing')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='petitions.hearingmember')),
            ],
            options={
                'verbose_name': 'turn of the record',
                'verbose_name_plural': 'turns of the record',
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
            name='ReviewRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('review', 'Review'), ('rereview', 'Re-review')], max_length=8, verbose_name='stage')),
                ('state', models.CharField(choices=[('asked', 'Asked for'), ('admitted', 'Admitted'), ('refused', 'Not admitted'), ('decided', 'Decided, to be delivered'), ('delivered', 'Decided and delivered'), ('dropped', 'Taken back')], default='asked', max_length=10, verbose_name='status')),
                ('round', models.PositiveSmallIntegerField(default=0)),
                ('opinion_under_review', models.TextField(blank=True)),
                ('received_at', models.DateTimeField(null=True, verbose_name='opinion received')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('is_by_citizen', models.BooleanField(default=False)),
                ('agent', models.CharField(blank=True, max_length=60, verbose_name='agent')),
                ('window_ends_at', models.DateTimeField(null=True)),
                ('is_in_time', models.BooleanField(default=True, verbose_name='within 30 days')),
                ('excuse', models.TextField(blank=True, verbose_name='force majeure')),
                ('request', models.TextField(verbose_name='request')),
                ('facts', models.TextField(blank=True, verbose_name='facts and reasons')),
                ('new_facts', models.TextField(blank=True, verbose_name='new facts')),
                ('admitted_at', models.DateTimeField(null=True)),
                ('admission_reason', models.TextField(blank=True)),
                ('outcome', models.CharField(blank=True, choices=[('uphold', 'Upheld'), ('change', 'Changed by the reviewing organ itself'), ('revoke', 'Revoked; to be decided anew within a term')], max_length=8, verbose_name='outcome')),
                ('grounds', models.JSONField(blank=True, default=list)),
                ('opinion', models.TextField(blank=True, verbose_name='opinion')),
                ('new_opinion', models.TextField(blank=True, verbose_name='new opinion')),
                ('term', models.PositiveSmallIntegerField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('delivered_way', models.CharField(blank=True, max_length=12)),
                ('admitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='review_requests', to='petitions.petition')),
                ('target_unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='reviewing organ')),
            ],
            options={
                'verbose_name': 'review request',
                'verbose_name_plural': 'review requests',
                'ordering': ['-asked_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ReviewInvestigator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_lead', models.BooleanField(default=False)),
                ('named_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
                ('named_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='investigators', to='petitions.reviewrequest')),
            ],
            options={
                'verbose_name': 'investigator',
                'verbose_name_plural': 'investigators',
            },
        ),
        migrations.AddField(
            model_name='hearing',
            name='review',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='hearings', to='petitions.reviewrequest'),
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
        migrations.AddIndex(
            model_name='reviewrequest',
            index=models.Index(fields=['-asked_at', '-id'], name='review_newest'),
        ),
        migrations.AddIndex(
            model_name='reviewrequest',
            index=models.Index(condition=models.Q(('state__in', ['asked', 'admitted'])), fields=['asked_at', 'id'], name='review_open'),
        ),
        migrations.AddConstraint(
            model_name='reviewrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'admitted'])), fields=('petition',), name='review_one_open'),
        ),
        migrations.AddConstraint(
            model_name='reviewinvestigator',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at__isnull', True)), fields=('request', 'user'), name='review_investigator'),
        ),
        migrations.AddIndex(
            model_name='hearing',
            index=models.Index(fields=['-asked_at', '-id'], name='hearing_newest'),
        ),
        migrations.AddIndex(
            model_name='hearing',
            index=models.Index(condition=models.Q(('state__in', ['set', 'sitting'])), fields=['held_at', 'id'], name='hearing_calendar'),
        ),
        migrations.AddIndex(
            model_name='hearing',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['-published_at', '-id'], name='hearing_published'),
        ),
        migrations.AddConstraint(
            model_name='hearing',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'set', 'sitting'])), fields=('petition',), name='hearing_one_open'),
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
