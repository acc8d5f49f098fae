import accounts.crypto
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('backlog', '0001_initial'),
        ('petitions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('goal', models.CharField(choices=[('track', 'Progress'), ('rate', 'Rating'), ('documents', 'Documents')], max_length=10)),
                ('way', models.CharField(choices=[('link', 'sent to the petitioner'), ('counter', 'shown at the counter')], max_length=8)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='petitions.petition')),
            ],
            options={
                'verbose_name': 'link',
                'verbose_name_plural': 'links',
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('track', 'Progress'), ('rate', 'Rating'), ('documents', 'Documents'), ('reminder', 'Reminder to rate'), ('booked', 'Place booked'), ('changed', 'Reception changed'), ('off', 'Reception called off'), ('ended', 'Booking cancelled'), ('tomorrow', 'Reminder of a reception')], max_length=10)),
                ('phone', accounts.crypto.EncryptedTextField()),
                ('token', accounts.crypto.EncryptedTextField(blank=True)),
                ('dedupe_key', models.CharField(max_length=80, unique=True)),
                ('created_at', models.DateTimeField()),
                ('deliver_after', models.DateTimeField()),
                ('delivered_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('booking', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='backlog.booking')),
                ('link', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='portal.link')),
                ('petition', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='petitions.petition')),
            ],
            options={
                'verbose_name': 'message to a petitioner',
                'verbose_name_plural': 'messages to petitioners',
            },
        ),
        migrations.CreateModel(
            name='Unsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(max_length=20)),
                ('data', accounts.crypto.EncryptedTextField(blank=True)),
                ('saved_at', models.DateTimeField(db_index=True)),
                ('petition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unsent', to='petitions.petition')),
            ],
            options={
                'verbose_name': 'unsent words',
                'verbose_name_plural': 'unsent words',
            },
        ),
        migrations.AddIndex(
            model_name='link',
            index=models.Index(fields=['petition', '-created_at'], name='link_petition'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('delivered_at__isnull', True)), fields=['deliver_after', 'id'], name='message_outbox'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['petition'], name='message_petition'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('link__isnull', False), ('petition__isnull', False)), ('booking__isnull', False), _connector='OR'), name='message_about'),
        ),
    ]
