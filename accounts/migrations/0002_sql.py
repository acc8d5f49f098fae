from django.db import migrations

from accounts import sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(sql.ACCESS_LOG, sql.ACCESS_LOG_BACK),
        migrations.RunSQL(sql.SIGN_IN_EVENTS, sql.SIGN_IN_EVENTS_BACK),
    ]
