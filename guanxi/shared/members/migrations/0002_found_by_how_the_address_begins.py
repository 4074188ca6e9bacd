from django.db import migrations

# Entries that know every part of the address; they are entered anew at the end of a set's migration.
FORGET = "DELETE FROM search_searchentry WHERE model = 'access.member'"


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("search", "0001_initial")]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
