from django.db import migrations

# The queue turns over completely: without eager vacuum its index keeps entries of rungs long fired (design/clocks.md).
EAGER = """
ALTER TABLE dispatch_pendingrung SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0, fillfactor = 90);
"""
BACK = """
ALTER TABLE dispatch_pendingrung RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_vacuum_cost_delay, fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0001_initial")]

    operations = [migrations.RunSQL(EAGER, BACK)]
