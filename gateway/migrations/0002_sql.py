from django.db import migrations

from gateway import sql


class Migration(migrations.Migration):
    dependencies = [("gateway", "0001_initial"), ("petitions", "0002_sql")]

    operations = [migrations.RunSQL(sql.WEBHOOK_OUTBOX, sql.WEBHOOK_OUTBOX_BACK)]
