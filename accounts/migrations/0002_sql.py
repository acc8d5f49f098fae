from django.db import migrations

from accounts import sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(sql.ACCESS_LOG, sql.ACCESS_LOG_BACK)]
