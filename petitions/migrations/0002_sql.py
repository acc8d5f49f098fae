from django.db import migrations

from petitions import sql


class Migration(migrations.Migration):
    dependencies = [("petitions", "0001_initial")]

    operations = [
        migrations.RunSQL(sql.APPEND_ONLY, sql.APPEND_ONLY_BACK),
        migrations.RunSQL(sql.SERIALS, sql.SERIALS_BACK),
        migrations.RunSQL(sql.SEARCH, sql.SEARCH_BACK),
    ]
