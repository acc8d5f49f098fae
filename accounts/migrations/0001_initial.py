import accounts.crypto
import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReferenceLoad',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'reference load',
                'verbose_name_plural': 'reference loads',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('role', models.CharField(choices=[('hotline_agent', 'Hotline agent'), ('dispatcher', 'Hub dispatcher'), ('city_officer', 'City petition officer'), ('district_officer', 'District petition officer'), ('conference_officer', 'Joint-conference officer'), ('unit_admin', 'Unit leader'), ('unit_handler', 'Unit handler'), ('lead_official', 'Lead official'), ('reviewer', 'Reviewer'), ('inspector', 'Inspector'), ('system_admin', 'System administrator')], max_length=20, verbose_name='role')),
                ('title', models.CharField(blank=True, max_length=40, verbose_name='post')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('language', models.CharField(default='zh-hans', max_length=10, verbose_name='language')),
                ('must_change_password', models.BooleanField(default=False, verbose_name='must change password')),
                ('is_head', models.BooleanField(default=False, verbose_name='head of the unit')),
                ('handles_accusations', models.BooleanField(default=False, verbose_name='named for accusations')),
                ('shortcuts_enabled', models.BooleanField(default=True, verbose_name='keyboard shortcuts')),
                ('provider_subject', models.CharField(blank=True, max_length=400, null=True, unique=True, verbose_name='account at the provider')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'ordering': ['username'],
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=60, verbose_name='English name')),
                ('kind', models.CharField(choices=[('city', 'City'), ('district', 'District'), ('functional', 'Functional area'), ('town', 'Town')], max_length=12, verbose_name='kind')),
                ('lat', models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True, verbose_name='latitude')),
                ('lng', models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True, verbose_name='longitude')),
                ('population', models.PositiveIntegerField(blank=True, null=True, verbose_name='population')),
                ('is_delegated', models.BooleanField(default=False, verbose_name='delegated powers')),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.area')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='accounts.area')),
            ],
            options={
                'verbose_name': 'area',
                'verbose_name_plural': 'areas',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Authenticator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The human-readable name of this device.', max_length=64)),
                ('confirmed', models.BooleanField(default=True, help_text='Is this device ready for use?')),
                ('throttling_failure_timestamp', models.DateTimeField(blank=True, default=None, help_text='A timestamp of the last failed verification attempt. Null if last attempt succeeded.', null=True)),
                ('throttling_failure_count', models.PositiveIntegerField(default=0, help_text='Number of successive failed attempts.')),
                ('key', accounts.crypto.EncryptedTextField()),
                ('drift', models.SmallIntegerField(default=0)),
                ('last_t', models.BigIntegerField(default=-1)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'authenticator',
                'verbose_name_plural': 'authenticators',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SignInEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, verbose_name='at')),
                ('kind', models.CharField(choices=[('made', 'Account made at sign-in'), ('taken', 'Account tied to the provider'), ('untied', 'Account untied from the provider'), ('changed', 'Role or unit changed by rule'), ('refused', 'Sign-in refused by rule'), ('factor_set', 'Second factor set up'), ('factor_off', 'Second factor switched off'), ('factor_reset', 'Second factor reset'), ('codes', 'New recovery codes'), ('recovered', 'Signed in with a recovery code'), ('glass', 'Emergency link made'), ('glass_used', 'Signed in with an emergency link')], max_length=12, verbose_name='what')),
                ('detail', models.CharField(blank=True, max_length=300, verbose_name='detail')),
                ('ip', models.GenericIPAddressField(null=True, verbose_name='address')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_in_events', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'sign-in event',
                'verbose_name_plural': 'sign-in events',
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=24, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('short_name', models.CharField(max_length=24, verbose_name='short name')),
                ('kind', models.CharField(choices=[('government', 'Government'), ('petition_office', 'Petition office'), ('hotline', 'Hotline centre'), ('conference', 'Joint-conference office'), ('bureau', 'Bureau'), ('town', 'Town or street'), ('mediation', 'Mediation centre'), ('service', 'Public-service company'), ('institution', 'Institution'), ('judiciary', 'Court or procuratorate')], max_length=16, verbose_name='kind')),
                ('duty', models.CharField(blank=True, db_index=True, max_length=24, verbose_name='line of duty')),
                ('path', models.CharField(max_length=120, unique=True)),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='duty phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='duty e-mail')),
                ('takes_orders', models.BooleanField(default=True, verbose_name='takes work orders')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='accounts.area', verbose_name='area')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='accounts.unit')),
            ],
            options={
                'verbose_name': 'unit',
                'verbose_name_plural': 'units',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='SignInRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=100, verbose_name='order')),
                ('claim', models.CharField(max_length=100, verbose_name='claim')),
                ('value', models.CharField(max_length=200, verbose_name='value of the claim')),
                ('role', models.CharField(choices=[('hotline_agent', 'Hotline agent'), ('dispatcher', 'Hub dispatcher'), ('city_officer', 'City petition officer'), ('district_officer', 'District petition officer'), ('conference_officer', 'Joint-conference officer'), ('unit_admin', 'Unit leader'), ('unit_handler', 'Unit handler'), ('lead_official', 'Lead official'), ('reviewer', 'Reviewer'), ('inspector', 'Inspector'), ('system_admin', 'System administrator')], max_length=20, verbose_name='role')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_in_rules', to='accounts.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'sign-in rule',
                'verbose_name_plural': 'sign-in rules',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AccessLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('client', models.CharField(blank=True, max_length=60)),
                ('action', models.CharField(choices=[('reveal', 'Identity revealed'), ('download', 'Attachment opened'), ('export', 'Exported'), ('search', "Searched for by a person's number"), ('rapport', 'Rapport note'), ('code', 'Query code shown'), ('secret', 'Webhook secret shown')], max_length=12)),
                ('target', models.CharField(db_index=True, max_length=40)),
                ('subject', models.BigIntegerField(null=True)),
                ('detail', models.CharField(blank=True, max_length=200)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('ip', models.GenericIPAddressField(null=True)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='access_log', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit')),
            ],
            options={
                'verbose_name': 'access log entry',
                'verbose_name_plural': 'access log',
                'ordering': ['-at'],
            },
        ),
        migrations.AddField(
            model_name='user',
            name='unit',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='users', to='accounts.unit', verbose_name='unit'),
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField(verbose_name='from')),
                ('until', models.DateTimeField(verbose_name='until')),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='reason')),
                ('made_at', models.DateTimeField()),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('cancelled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('substitute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stand_ins', to=settings.AUTH_USER_MODEL, verbose_name='substitute')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'absence',
                'verbose_name_plural': 'absences',
                'ordering': ['since'],
                'indexes': [models.Index(condition=models.Q(('cancelled_at', None)), fields=['substitute', 'until'], name='absence_substitute_now'), models.Index(condition=models.Q(('cancelled_at', None)), fields=['user', 'until'], name='absence_user_now')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='absence_period'), models.CheckConstraint(condition=models.Q(('user', models.F('substitute')), _negated=True), name='absence_substitute')],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('used_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'recovery code',
                'verbose_name_plural': 'recovery codes',
                'constraints': [models.UniqueConstraint(fields=('user', 'digest'), name='recovery_code_once')],
            },
        ),
        migrations.AddIndex(
            model_name='unit',
            index=models.Index(fields=['path'], name='unit_path_prefix', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='accesslog',
            index=models.Index(fields=['user', 'at'], name='accesslog_user_at'),
        ),
        migrations.AddIndex(
            model_name='accesslog',
            index=models.Index(condition=models.Q(('subject__isnull', False)), fields=['subject', 'at'], name='accesslog_subject'),
        ),
        migrations.AddIndex(
            model_name='accesslog',
            index=models.Index(condition=models.Q(('client', ''), _negated=True), fields=['client', 'at'], name='accesslog_client_at'),
        ),
        migrations.AddConstraint(
            model_name='accesslog',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('client', ''), ('user__isnull', False)), models.Q(('user__isnull', True), models.Q(('client', ''), _negated=True)), _connector='OR'), name='accesslog_who'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(fields=['unit', 'role'], name='user_unit_role'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Upper('username'), name='user_username_ci'),
        ),
    ]
